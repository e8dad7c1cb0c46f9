//! Whatever is wrong with a token, it lets nobody in by any door, and whoever brings it is told why.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tidemark_relay::clock::unix_now;
use tidemark_shared::protocol::ErrorCode;

use super::house::{House, hello};
use super::log_trap::LogTrap;
use super::signer::{ISSUER, RSA_PUBLIC, SECRET, Signer, issuer};

/// A relay with one issuer of each kind of key.
async fn open(folder: &tempfile::TempDir, set: &[&Signer]) -> House {
    let set = json!({ "keys": set.iter().map(|signer| signer.jwk()).collect::<Vec<_>>() });
    let path = folder.path().join("set.json");
    std::fs::write(&path, set.to_string()).unwrap();
    let settings = format!(
        "[auth]\nmode = \"tokens\"\n{}[[auth.issuers]]\nissuer = \"shared\"\naudience = \"tidemark\"\n\
         algorithms = [\"HS256\"]\nsecret = \"{SECRET}\"\ntenant = \"acme\"\n",
        issuer("[\"RS256\", \"ES256\", \"EdDSA\"]", &format!("jwks_file = \"{}\"", path.display()))
    );
    House::open(&settings).await
}

/// Tries a token at every door.
async fn assert_refused(house: &House, what: &str, token: &str, why: &str) {
    // One that is too long for a head never gets as far as the gate.
    if token.len() < 16_000 {
        assert_eq!(house.users_by_header(token).await, [None, None, None], "{what}");
        let request = format!("POST /v1/ticket HTTP/1.1\r\nauthorization: Bearer {token}");
        let (head, body) = house.exchange(&request, "").await;
        assert!(head.starts_with("HTTP/1.1 401"), "{what}: {head}");
        assert!(body.contains(why) && body.contains("\"unauthorized\""), "{what}: {body}");
    }
    let first = json!({ "type": "hello", "protocol": 1, "token": token }).to_string();
    let mut stranger = house.say_hello(&first).await;
    assert_eq!(stranger.close_code().await, 4504, "{what}");
    let said = String::from_utf8_lossy(&stranger.read).into_owned();
    assert!(said.contains(why), "{what}: {said}");
    assert!(!said.contains("welcome"), "{what}: {said}");
}

#[tokio::test]
async fn claims_that_are_missing_or_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::es256("e");
    let house = open(&folder, &[&signer]).await;
    let now_s = unix_now().0 / 1_000;
    let later = (now_s + 500).to_string();
    for (claims, why) in [
        (json!({ "exp": null }), "exp is missing"),
        (json!({ "exp": later }), "exp is missing, or is not of the right kind"),
        (json!({ "exp": now_s - 31 }), "has expired"),
        (json!({ "nbf": "1700000000" }), "nbf is missing, or is not of the right kind"),
        (json!({ "nbf": now_s + 300 }), "does not count yet"),
        (json!({ "iat": now_s + 300 }), "does not count yet"),
        (json!({ "iat": {} }), "iat is missing, or is not of the right kind"),
        (json!({ "aud": null }), "aud is missing"),
        (json!({ "aud": "another" }), "for somebody else"),
        (json!({ "aud": ["another", "tidemark2"] }), "for somebody else"),
        (json!({ "iss": null }), "iss is missing"),
        (json!({ "iss": [ISSUER] }), "iss is missing, or is not of the right kind"),
        (json!({ "iss": "https://login.example" }), "tokens of this issuer are not taken"),
        (json!({ "sub": null }), "the user is missing"),
        (json!({ "jti": {} }), "jti is missing, or is not of the right kind"),
    ] {
        assert_refused(&house, &claims.to_string(), &signer.token(&claims), why).await;
    }
}

#[tokio::test]
async fn heads_that_mean_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::es256("e");
    let house = open(&folder, &[&signer]).await;
    for (head, why) in [
        (json!({ "alg": "none" }), "signed like this"),
        (json!({ "alg": "NONE" }), "signed like this"),
        (json!({ "alg": "ES512" }), "signed like this"),
        (json!({ "alg": null }), "its head"),
        (json!({ "crit": ["exp"] }), "its head"),
        (json!({ "b64": false, "crit": ["b64"] }), "its head"),
        (json!({ "enc": "A256GCM", "alg": "dir" }), "its head"),
        (json!({ "zip": "DEF" }), "its head"),
        (json!({ "typ": "logout+jwt" }), "its head"),
        (json!({ "kid": "" }), "its head"),
        (json!({ "kid": "e' OR 'a'='a" }), "its head"),
        (json!({ "kid": "e\u{0}" }), "its head"),
        (json!({ "kid": ["e"] }), "its head"),
        (json!({ "kid": "k".repeat(400) }), "its head"),
        (json!({ "kid": "k".repeat(7_000) }), "at most 8192 bytes"),
    ] {
        let token = signer.token_with(&head, &json!({}));
        assert_refused(&house, &head.to_string(), &token, why).await;
    }
    // Names of keys are only ever compared. Where one is missing, the issuer's keys are read again,
    // so at first these are asked to come back.
    for kid in ["../../../../dev/null", "/etc/passwd", "https://evil.example/keys", "E"] {
        let token = signer.token_with(&json!({ "kid": kid }), &json!({}));
        let refused = house.gate.sign_in(&hello(&token), None, unix_now()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unavailable, "{kid}: {refused}");
    }
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let (signer, mallory) = (Signer::es256("e"), Signer::es256("e"));
    let house = open(&folder, &[&signer]).await;
    let server =
        super::key_server::KeyServer::start(super::key_server::Serves::Keys(vec![mallory.jwk()]))
            .await;
    for head in [
        json!({ "jwk": mallory.jwk() }),
        json!({ "jku": server.url }),
        json!({ "x5u": server.url }),
        json!({ "x5c": ["MIIB"] }),
    ] {
        let token = mallory.token_with(&head, &json!({}));
        assert_refused(&house, &head.to_string(), &token, "its signature is wrong").await;
    }
    assert_eq!(server.times_asked(), 0);
}

#[tokio::test]
async fn a_key_is_never_used_for_another_algorithm() {
    let folder = tempfile::tempdir().unwrap();
    let (rsa, ec, ed) = (Signer::rs256("r"), Signer::es256("e"), Signer::eddsa("d"));
    let house = open(&folder, &[&rsa, &ec, &ed]).await;
    // The public key, which everybody has, as if it were a shared secret.
    let swaps = [RSA_PUBLIC, RSA_PUBLIC.trim_end(), &ec.public, &ed.public];
    for (public, kid) in swaps.into_iter().zip(["r", "r", "e", "d"]) {
        let token = Signer::hs256(public).token_with(&json!({ "kid": kid }), &json!({}));
        assert_refused(&house, "HS256 with a public key", &token, "signed like this").await;
    }
    // One kind of key under another's name and algorithm.
    for (signer, head) in [
        (&ec, json!({ "alg": "EdDSA", "kid": "d" })),
        (&ed, json!({ "alg": "ES256", "kid": "e" })),
        (&ec, json!({ "alg": "RS256", "kid": "r" })),
    ] {
        let token = signer.token_with(&head, &json!({}));
        assert_refused(&house, &head.to_string(), &token, "its signature is wrong").await;
    }
    // A key of one issuer for another one.
    let shared = json!({ "iss": "shared" });
    let token = ec.token(&shared);
    assert_refused(&house, "ES256 where a secret is shared", &token, "signed like this").await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    assert_refused(&house, "HS256 where none is", &token, "signed like this").await;
    let users = house.users_by_header(&Signer::hs256(SECRET).token(&shared)).await;
    assert!(users.iter().all(|user| user.as_deref() == Some("alice@acme")), "{users:?}");
}

#[tokio::test]
async fn what_was_changed_or_is_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::es256("e");
    let house = open(&folder, &[&signer]).await;
    let good = signer.token(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let now_s = unix_now().0 / 1_000;
    let forged: Value =
        json!({ "iss": ISSUER, "aud": "tidemark", "sub": "root", "exp": now_s + 600 });
    let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
    let shape = "no signed token";
    for (token, why) in [
        (format!("{}.{forged}.{}", parts[0], parts[2]), "its signature is wrong"),
        (format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)), "its signature is wrong"),
        (format!("{}.{}.AAAA", parts[0], parts[1]), "its signature is wrong"),
        (format!("{}.{}.", parts[0], parts[1]), shape),
        (format!("{}.{}", parts[0], parts[1]), shape),
        (format!("{good}.{}", parts[2]), shape),
        (format!("{good}.{}.{}", parts[2], parts[2]), shape),
        (format!("{good}="), shape),
        (format!("{good}AAAA"), "its signature is wrong"),
        (format!("{good}!"), shape),
        (signer.sign(r#"{"alg":"ES256","kid":"e","kid":"x"}"#, "{}"), shape),
        (signer.sign(r#"{"alg":"ES256","kid":"e"}"#, r#"{"iss":"a","iss":"b"}"#), shape),
        (signer.sign(r#"{"alg":"ES256","kid":"e"}"#, "[1,2]"), shape),
        (signer.sign("not json", "{}"), shape),
        ("x".repeat(8_193), "at most 8192 bytes"),
        ("x".repeat(60_000), "at most 8192 bytes"),
        ("0123456789".to_owned(), shape),
    ] {
        LogTrap::everywhere().keep_secret(&token);
        assert_refused(&house, &token, &token, why).await;
    }
    // JWS in JSON, with two signatures.
    let two = json!({ "payload": parts[1], "signatures": [
        { "protected": parts[0], "signature": parts[2] },
        { "protected": parts[0], "signature": parts[2] }
    ]});
    let refused = house.gate.sign_in(&hello(&two.to_string()), None, unix_now()).unwrap_err();
    assert!(refused.message.contains(shape), "{refused}");
    assert!(house.users_by_header(&good).await.iter().all(Option::is_some));
}
