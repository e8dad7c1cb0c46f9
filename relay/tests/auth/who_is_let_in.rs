//! Who is let in, in each mode.

use std::sync::Arc;

use http::request::Parts;
use serde_json::json;
use tidemark_relay::auth::{Credential, Gate, Identity, Mode, Sessions, SignedInBy};
use tidemark_relay::clock::unix_now;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, Hello, WireError};

use super::house::{gate, head, hello, with_token};
use super::signer::{SECRET, Signer, issuer, shared_secret};

fn without_token(user: Option<&str>) -> Hello {
    serde_json::from_value(json!({ "protocol": 1, "user": user })).unwrap()
}

fn with_issuer(auth: &str) -> String {
    let secret = format!("secret = \"{SECRET}\"\ntenant = \"acme\"");
    format!("[auth]\n{auth}\n{}", issuer("[\"HS256\"]", &secret))
}

#[test]
fn each_mode_lets_in_whom_it_says() {
    let now = unix_now();
    let token = Signer::hs256(SECRET).token(&json!({}));
    for (auth, named, unnamed, by_token) in [
        ("mode = \"demo\"", Some("bob"), Some("guest"), Some("alice@acme")),
        ("mode = \"tokens\"", None, None, Some("alice@acme")),
        ("mode = \"tokens\"\nguests = \"on\"", Some("guest"), Some("guest"), Some("alice@acme")),
        ("mode = \"accounts\"", None, None, Some("alice@acme")),
        ("mode = \"accounts\"\nguests = \"on\"", Some("guest"), Some("guest"), Some("alice@acme")),
    ] {
        let gate = gate(&with_issuer(auth), now);
        let user = |hello: Hello| {
            let identity = gate.sign_in(&hello, None, now);
            identity.map(|identity| identity.user.to_string()).map_err(|error| error.code)
        };
        let expected = |user: Option<&str>| user.map(str::to_owned).ok_or(ErrorCode::Unauthorized);
        assert_eq!(user(without_token(Some("bob"))), expected(named), "{auth}");
        assert_eq!(user(without_token(None)), expected(unnamed), "{auth}");
        assert_eq!(user(hello(&token)), expected(by_token), "{auth}");
        // Whoever brings a token that does not count is no guest.
        assert_eq!(user(hello("rubbish")), Err(ErrorCode::Unauthorized), "{auth}");
    }
}

#[tokio::test]
async fn a_relay_without_issuers_says_that_it_takes_no_tokens() {
    let (gate, now) = (Gate::new(Mode::Demo), unix_now());
    let token = Signer::hs256(SECRET).token(&json!({}));
    let refused = gate.sign_in(&hello(&token), None, now).unwrap_err();
    assert!(refused.message.contains("takes no tokens"), "{refused}");
    let refused = gate.presented(&with_token(&token), now).await.unwrap_err();
    assert!(refused.message.contains("takes no tokens"), "{refused}");
    // What a proxy has asked for is not ours to look at.
    let basic = head("/v1/ws", &[("authorization", "Basic YTpi")]);
    assert_eq!(gate.presented(&basic, now).await.unwrap(), None);
}

#[derive(Debug)]
struct OneSession;

impl OneSession {
    fn identity(name: &str) -> Arc<Identity> {
        let mut identity = Identity::demo(name.parse().unwrap());
        identity.by = SignedInBy::Session;
        identity.credential = Some(Credential("session:1".into()));
        Arc::new(identity)
    }
}

impl Sessions for OneSession {
    fn presented(
        &self,
        head: &Parts,
        _now: UnixMillis,
    ) -> Result<Option<Arc<Identity>>, WireError> {
        Ok(head.headers.contains_key("cookie").then(|| Self::identity("carol")))
    }

    fn renewed(&self, current: &Identity, _now: UnixMillis) -> Result<Arc<Identity>, WireError> {
        Ok(Self::identity(current.user.as_str()))
    }
}

#[tokio::test]
async fn a_session_lets_in_and_goes_on_and_a_token_goes_before_it() {
    let now = unix_now();
    let settings = shared_secret();
    let gate = Arc::into_inner(gate(&settings, now)).unwrap().with_sessions(Arc::new(OneSession));
    let cookie = ("cookie", "tidemark_session=x");
    let carol = gate.presented(&head("/v1/ws", &[cookie]), now).await.unwrap().unwrap();
    assert_eq!(carol.user.as_str(), "carol");
    assert_eq!(gate.presented(&head("/v1/ws", &[]), now).await.unwrap(), None);
    let signed_in = gate.sign_in(&without_token(None), Some(&carol), now).unwrap();
    assert!(gate.refresh(&signed_in, None, now).is_ok());
    assert!(gate.ticket(&head("/v1/ticket", &[cookie]), 1, now).await.is_ok());
    let bearer = format!("Bearer {}", Signer::hs256(SECRET).token(&json!({})));
    let both = head("/v1/ws", &[cookie, ("authorization", &bearer)]);
    assert_eq!(gate.presented(&both, now).await.unwrap().unwrap().user.as_str(), "alice");
    gate.bans().replace([(Credential("session:1".into()), None)].into());
    assert!(gate.presented(&head("/v1/ws", &[cookie]), now).await.is_err());
    assert!(gate.refresh(&signed_in, None, now).is_err());
}
