//! A newer token of the same user lets a connection go on; nothing else does.

use serde_json::json;
use tidemark_relay::clock::unix_now;
use tidemark_shared::protocol::ErrorCode;

use super::house::{House, gate, hello};
use super::log_trap::LogTrap;
use super::signer::{SECRET, Signer, issuer, shared_secret};
use super::stranger::{TEXT, frame};

#[tokio::test]
async fn a_connection_goes_on_with_a_newer_token() {
    let house = House::open(&shared_secret()).await;
    let signer = Signer::hs256(SECRET);
    let now_s = unix_now().0 / 1_000;
    let token = signer.token(&json!({ "exp": now_s + 600 }));
    let first = json!({ "type": "hello", "protocol": 1, "token": token }).to_string();
    let mut stranger = house.say_hello(&first).await;
    stranger.until(b"\"user\":\"alice\"").await;
    stranger.until(format!("\"ends_at\":{}", (now_s + 630) * 1_000).as_bytes()).await;
    let newer = signer.token(&json!({ "exp": now_s + 1_200 }));
    let refresh = json!({ "type": "refresh", "token": newer }).to_string();
    stranger.say(&frame(TEXT, refresh.as_bytes())).await;
    let answer = format!("\"type\":\"refreshed\",\"ends_at\":{}", (now_s + 1_230) * 1_000);
    stranger.until(answer.as_bytes()).await;
    // What does not count is answered, and the connection stays.
    for token in [&token, "rubbish-instead-of-a-token"] {
        LogTrap::everywhere().keep_secret(token);
        stranger.read.clear();
        let refresh = json!({ "type": "refresh", "token": token }).to_string();
        stranger.say(&frame(TEXT, refresh.as_bytes())).await;
        stranger.until(b"\"code\":\"unauthorized\"").await;
    }
    let ping = r#"{"type":"request","id":5,"method":"ping","params":{}}"#;
    stranger.say(&frame(TEXT, ping.as_bytes())).await;
    stranger.until(b"\"server_time\"").await;
}

#[test]
fn another_users_or_tenants_token_is_refused() {
    let now = unix_now();
    let secret = format!("secret = \"{SECRET}\"");
    let second = format!(
        "[[auth.issuers]]\nissuer = \"two\"\naudience = \"tidemark\"\nalgorithms = [\"HS256\"]\n\
         secret = \"{SECRET}\"\ntenant_claim = \"org\"\n"
    );
    let settings = format!("[auth]\nmode = \"tokens\"\n{}{second}", issuer("[\"HS256\"]", &secret));
    let gate = gate(&settings, now);
    let signer = Signer::hs256(SECRET);
    let later = now.0 / 1_000 + 5_000;
    let current = gate.sign_in(&hello(&signer.token(&json!({}))), None, now).unwrap();
    for (claims, why) in [
        (json!({ "exp": later, "sub": "bob" }), "another user"),
        (json!({ "exp": later, "iss": "two", "org": "acme" }), "another user"),
        (json!({ "exp": later, "sub": "Alice" }), "another user"),
        (json!({ "exp": 1_700_000_000 }), "expired"),
        (json!({ "exp": later, "aud": "another" }), "somebody else"),
        (json!({}), "no later"),
    ] {
        let token = signer.token(&claims);
        let refused = gate.refresh(&current, Some(&token), now).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unauthorized, "{claims}");
        assert!(refused.message.contains(why), "{claims}: {refused}");
    }
    let forged = Signer::hs256(&"x".repeat(40)).token(&json!({ "exp": later }));
    let refused = gate.refresh(&current, Some(&forged), now).unwrap_err();
    assert!(refused.message.contains("signature"), "{refused}");
    assert_eq!(gate.refresh(&current, None, now).unwrap_err().code, ErrorCode::Unauthorized);
    let newer = signer.token(&json!({ "exp": later, "roles": ["trader"] }));
    assert!(gate.refresh(&current, Some(&newer), now).unwrap().is("trader"));
    // Between two tenants, too.
    let of = |org: &str, exp: i64| signer.token(&json!({ "exp": exp, "iss": "two", "org": org }));
    let acme = gate.sign_in(&hello(&of("acme", later)), None, now).unwrap();
    assert_eq!(acme.user.as_str(), "alice@acme");
    let refused = gate.refresh(&acme, Some(&of("bigcorp", later + 60)), now).unwrap_err();
    assert!(refused.message.contains("another user"), "{refused}");
    assert!(gate.refresh(&acme, Some(&of("acme", later + 60)), now).is_ok());
}

#[test]
fn a_request_and_a_hello_of_two_users_are_refused() {
    let now = unix_now();
    let gate = gate(&shared_secret(), now);
    let signer = Signer::hs256(SECRET);
    let alice = gate.sign_in(&hello(&signer.token(&json!({}))), None, now).unwrap();
    let bob = hello(&signer.token(&json!({ "sub": "bob" })));
    let refused = gate.sign_in(&bob, Some(&alice), now).unwrap_err();
    assert!(refused.message.contains("two users"), "{refused}");
    let again = hello(&signer.token(&json!({})));
    assert_eq!(gate.sign_in(&again, Some(&alice), now).unwrap().user, alice.user);
}
