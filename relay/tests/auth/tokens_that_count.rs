//! A good token lets its user in, however it is signed and wherever the key is.

use serde_json::json;

use super::house::House;
use super::signer::{SECRET, Signer, issuer, shared_secret};

#[tokio::test]
async fn a_good_token_lets_its_user_in_by_every_door() {
    let house = House::open(&shared_secret()).await;
    let token = Signer::hs256(SECRET).token(&json!({}));
    let alice = || Some("alice".to_owned());
    assert_eq!(house.users_by_header(&token).await, [alice(), alice(), alice()]);
    let hello = json!({ "type": "hello", "protocol": 1, "token": token }).to_string();
    let mut stranger = house.say_hello(&hello).await;
    stranger.until(b"\"user\":\"alice\"").await;
    stranger.until(b"\"ends_at\":").await;
    for door in ["stream", "poll"] {
        let mut stranger = super::stranger::Stranger::connect(house.address).await;
        let length = hello.len();
        let request = format!(
            "POST /v1/{door} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{hello}"
        );
        stranger.say(request.as_bytes()).await;
        stranger.until(b"\"user\":\"alice\"").await;
    }
}

#[tokio::test]
async fn keys_of_every_kind_come_from_files_and_sets() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let signers = [
        ("RS256", Signer::rs256("r")),
        ("ES256", Signer::es256("e")),
        ("EdDSA", Signer::eddsa("d")),
    ];
    for (name, signer) in &signers {
        let keys = format!("key_file = \"{}\"", file(name, &signer.public));
        let house = House::open(&format!(
            "[auth]\nmode = \"tokens\"\n{}",
            issuer(&format!("[\"{name}\"]"), &keys)
        ))
        .await;
        let users = house.users_by_header(&signer.token(&json!({}))).await;
        assert!(users.iter().all(|user| user.as_deref() == Some("alice")), "{name}: {users:?}");
        // Who has one key calls it as they like.
        let users =
            house.users_by_header(&signer.token_with(&json!({ "kid": "x" }), &json!({}))).await;
        assert!(users.iter().all(Option::is_some), "{name}: {users:?}");
    }
    let set = json!({ "keys": signers.iter().map(|(_, signer)| signer.jwk()).collect::<Vec<_>>() });
    let keys = format!("jwks_file = \"{}\"", file("set.json", &set.to_string()));
    let house = House::open(&format!(
        "[auth]\nmode = \"tokens\"\n{}",
        issuer("[\"RS256\", \"ES256\", \"EdDSA\"]", &keys)
    ))
    .await;
    for (name, signer) in &signers {
        let users = house.users_by_header(&signer.token(&json!({}))).await;
        assert!(users.iter().all(|user| user.as_deref() == Some("alice")), "{name}: {users:?}");
    }
    let keys = format!("secret_file = \"{}\"", file("secret", &format!("{SECRET}\n")));
    let house =
        House::open(&format!("[auth]\nmode = \"tokens\"\n{}", issuer("[\"HS256\"]", &keys))).await;
    let users = house.users_by_header(&Signer::hs256(SECRET).token(&json!({}))).await;
    assert!(users.iter().all(Option::is_some), "{users:?}");
}
