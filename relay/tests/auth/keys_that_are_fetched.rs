//! Keys come from where the operator says, change without a restart, and whoever serves them badly
//! locks nobody out.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use tidemark_relay::auth::Gate;
use tidemark_relay::clock::unix_now;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::house::{House, gate, hello, with_token};
use super::key_server::{KeyServer, Serves};
use super::signer::{Signer, issuer};

/// A gate whose keys are kept by a clock that a test moves.
struct Watched {
    gate: Arc<Gate>,
    now: Arc<AtomicI64>,
}

impl Watched {
    fn start(settings: &str) -> Self {
        let now = Arc::new(AtomicI64::new(unix_now().0));
        let gate = gate(settings, UnixMillis(now.load(Ordering::SeqCst)));
        let (keeping, clock) = (Arc::clone(&gate), Arc::clone(&now));
        tokio::spawn(async move {
            keeping.keep_keys(|| UnixMillis(clock.load(Ordering::SeqCst))).await;
        });
        Watched { gate, now }
    }

    fn pass_s(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }

    /// At a door, where there is time to wait for keys.
    async fn at_a_door(&self, token: &str) -> Result<String, WireError> {
        let identity = self.gate.presented(&with_token(token), self.now()).await?;
        Ok(identity.unwrap().user.to_string())
    }

    /// In hello, where there is none.
    fn in_hello(&self, token: &str) -> Result<String, WireError> {
        let identity = self.gate.sign_in(&hello(token), None, self.now())?;
        Ok(identity.user.to_string())
    }
}

fn settings(server: &KeyServer) -> String {
    let keys = format!("jwks_url = \"{}\"", server.url);
    format!("[auth]\nmode = \"tokens\"\n{}", issuer("[\"ES256\", \"EdDSA\"]", &keys))
}

/// Lives for a week, so that a test may let days go by.
fn long(signer: &Signer) -> String {
    signer.token(&json!({ "exp": unix_now().0 / 1_000 + 7 * 86_400 }))
}

fn code(result: Result<String, WireError>) -> ErrorCode {
    result.unwrap_err().code
}

#[tokio::test]
async fn keys_are_there_soon_after_the_start_and_whoever_comes_before_waits() {
    let signer = Signer::es256("a");
    let server = KeyServer::start(Serves::Keys(vec![signer.jwk()])).await;
    let house = House::open(&settings(&server)).await;
    let token = signer.token(&json!({}));
    let users = house.users_by_header(&token).await;
    assert!(users.iter().all(|user| user.as_deref() == Some("alice")), "{users:?}");
    let refused = house.gate.sign_in(&hello(&token), None, unix_now());
    assert!(refused.is_ok());
    assert_eq!(server.times_asked(), 1);
}

#[tokio::test]
async fn a_key_that_is_new_counts_without_a_restart_and_an_old_one_ends() {
    let (old, new) = (Signer::es256("old"), Signer::eddsa("new"));
    let mut server = KeyServer::start(Serves::Keys(vec![old.jwk()])).await;
    let watched = Watched::start(&settings(&server));
    let (with_old, with_new) = (long(&old), long(&new));
    assert_eq!(watched.at_a_door(&with_old).await.unwrap(), "alice");
    server.now_serves(Serves::Keys(vec![new.jwk()]));
    watched.pass_s(11);
    // Who must not wait is told to come back, and that makes the relay ask.
    let refused = watched.in_hello(&with_new).unwrap_err();
    assert_eq!((refused.code, refused.retry_after_ms), (ErrorCode::Unavailable, Some(1_000)));
    server.until_asked(2).await;
    assert_eq!(watched.at_a_door(&with_new).await.unwrap(), "alice");
    assert_eq!(watched.in_hello(&with_new).unwrap(), "alice");
    assert_eq!(code(watched.in_hello(&with_old)), ErrorCode::Unavailable);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_once_in_ten_seconds() {
    let (signer, mallory) = (Signer::es256("a"), Signer::es256("nobody"));
    let mut server = KeyServer::start(Serves::Keys(vec![signer.jwk()])).await;
    let watched = Watched::start(&settings(&server));
    watched.at_a_door(&long(&signer)).await.unwrap();
    for number in 0..500 {
        let token = mallory.token_with(&json!({ "kid": format!("k{number}") }), &json!({}));
        let refused = watched.in_hello(&token).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable);
        assert!(refused.retry_after_ms.unwrap() >= 1_000, "{refused:?}");
    }
    assert_eq!(server.times_asked(), 1);
    watched.pass_s(11);
    let token = long(&mallory);
    let waited = watched.at_a_door(&token).await.unwrap_err();
    assert_eq!(waited.code, ErrorCode::Unauthorized, "{waited}");
    server.until_asked(2).await;
    assert_eq!(server.times_asked(), 2);
    // A token that is signed wrongly, or is for somebody else, makes nobody ask.
    watched.pass_s(11);
    let other = mallory.token(&json!({ "aud": "another" }));
    assert_eq!(code(watched.in_hello(&other)), ErrorCode::Unauthorized);
    let forged = mallory.token_with(&json!({ "kid": "a" }), &json!({}));
    assert_eq!(code(watched.in_hello(&forged)), ErrorCode::Unauthorized);
    assert_eq!(server.times_asked(), 2);
}

#[tokio::test]
async fn whoever_serves_keys_badly_locks_out_nobody_for_a_day() {
    let (signer, unknown) = (Signer::es256("a"), Signer::es256("b"));
    let mut server = KeyServer::start(Serves::Keys(vec![signer.jwk()])).await;
    let elsewhere = KeyServer::start(Serves::Keys(vec![unknown.jwk()])).await;
    let watched = Watched::start(&settings(&server));
    let (token, with_unknown) = (long(&signer), long(&unknown));
    watched.at_a_door(&token).await.unwrap();
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}", elsewhere.url);
    let ok = "HTTP/1.1 200 OK".to_owned();
    let many: Vec<_> = (0..65)
        .map(|number| {
            let mut jwk = unknown.jwk();
            jwk["kid"] = json!(number.to_string());
            jwk
        })
        .collect();
    let bad = [
        Serves::Nothing,
        Serves::Endless,
        Serves::Answer(redirect, String::new()),
        Serves::Answer(
            "HTTP/1.1 500 Oh".to_owned(),
            json!({ "keys": [unknown.jwk()] }).to_string(),
        ),
        Serves::Answer(ok.clone(), "<html>please log in</html>".to_owned()),
        Serves::Answer(ok.clone(), json!({ "keys": [] }).to_string()),
        Serves::Answer(format!("{ok}\r\nx: {}", "y".repeat(100_000)), "{}".to_owned()),
        Serves::Answer("SSH-2.0-OpenSSH".to_owned(), String::new()),
        Serves::Keys(many),
    ];
    for (serves, times) in bad.into_iter().zip(2..) {
        server.now_serves(serves);
        watched.pass_s(11);
        let refused = watched.at_a_door(&with_unknown).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable, "{times}: {refused}");
        server.until_asked(times).await;
        assert_eq!(watched.in_hello(&token).unwrap(), "alice");
    }
    assert_eq!(elsewhere.times_asked(), 0, "a redirect was followed");
    watched.pass_s(24 * 3_600);
    assert_eq!(code(watched.in_hello(&token)), ErrorCode::Unavailable);
    server.now_serves(Serves::Keys(vec![signer.jwk()]));
    watched.pass_s(11);
    assert_eq!(watched.at_a_door(&token).await.unwrap(), "alice");
}

#[tokio::test]
async fn while_an_answer_does_not_come_known_keys_count_and_nobody_waits_for_ever() {
    let (signer, unknown) = (Signer::es256("a"), Signer::es256("b"));
    let mut server = KeyServer::start(Serves::Keys(vec![signer.jwk()])).await;
    let watched = Watched::start(&settings(&server));
    let token = long(&signer);
    watched.at_a_door(&token).await.unwrap();
    server.now_serves(Serves::Silence);
    watched.pass_s(11);
    let with_unknown = long(&unknown);
    let (refused, ()) = tokio::join!(watched.at_a_door(&with_unknown), async {
        server.until_asked(2).await;
        assert_eq!(watched.in_hello(&token).unwrap(), "alice");
        assert_eq!(watched.at_a_door(&token).await.unwrap(), "alice");
    });
    assert_eq!(code(refused), ErrorCode::Unavailable);
}

#[tokio::test]
async fn two_issuers_may_call_their_keys_the_same() {
    let (one, two) = (Signer::es256("1"), Signer::es256("1"));
    let serves_one = KeyServer::start(Serves::Keys(vec![one.jwk()])).await;
    let serves_two = KeyServer::start(Serves::Keys(vec![two.jwk()])).await;
    let second = format!(
        "[[auth.issuers]]\nissuer = \"two\"\naudience = \"tidemark\"\nalgorithms = [\"ES256\"]\n\
         jwks_url = \"{}\"\ntenant = \"two\"\n",
        serves_two.url
    );
    let watched = Watched::start(&format!("{}{second}", settings(&serves_one)));
    let of_two = json!({ "iss": "two" });
    assert_eq!(watched.at_a_door(&one.token(&json!({}))).await.unwrap(), "alice");
    assert_eq!(watched.at_a_door(&two.token(&of_two)).await.unwrap(), "alice@two");
    for forged in [two.token(&json!({})), one.token(&of_two)] {
        let refused = watched.at_a_door(&forged).await.unwrap_err();
        assert!(refused.message.contains("its signature is wrong"), "{refused}");
    }
}

#[tokio::test]
async fn a_file_of_keys_that_has_changed_counts_without_a_restart() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set.json");
    let write = |signer: &Signer| {
        std::fs::write(&path, json!({ "keys": [signer.jwk()] }).to_string()).unwrap();
    };
    write(&old);
    let keys = format!("jwks_file = \"{}\"", path.display());
    let settings = format!("[auth]\nmode = \"tokens\"\n{}", issuer("[\"ES256\"]", &keys));
    let watched = Watched::start(&settings);
    assert_eq!(watched.in_hello(&long(&old)).unwrap(), "alice");
    write(&new);
    watched.pass_s(11);
    assert_eq!(watched.at_a_door(&long(&new)).await.unwrap(), "alice");
    // Half a file, as an editor may leave it for a moment.
    std::fs::write(&path, "{\"keys\":[").unwrap();
    watched.pass_s(11);
    assert_eq!(code(watched.at_a_door(&long(&old)).await), ErrorCode::Unavailable);
    assert_eq!(watched.in_hello(&long(&new)).unwrap(), "alice");
}
