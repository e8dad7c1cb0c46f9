//! A program looks after the relay, by a token of an issuer that the operator trusts.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tidemark_relay::clock::unix_now;

use super::{ALICE, House, Page};

fn token(user: &str, roles: &[&str]) -> String {
    let claims = json!({
        "iss": "https://login.example/", "aud": "tidemark", "sub": user, "roles": roles,
        "exp": unix_now().0 / 1_000 + 3_600, "jti": format!("token-of-{user}"),
    });
    let key = EncodingKey::from_secret(b"a secret that is long enough for HS256").unwrap();
    encode(&Header::default(), &claims, &key).unwrap()
}

fn program(house: &House, user: &str, roles: &[&str]) -> Page {
    Page { origin: None, token: Some(token(user, roles)), ..house.page() }
}

#[tokio::test]
async fn a_token_with_the_role_looks_after_users_without_a_page() {
    let (house, _) = House::lived_in(&[]).await;
    let mut robot = program(&house, "robot", &["admin"]);
    let asked = json!({ "user": "carol", "password": ALICE });
    assert_eq!(robot.post("/api/admin/users", &asked).await.status, 201);
    house.signed_in("carol", ALICE).await;
    let mut other = program(&house, "other", &["trader"]);
    let refused = other.post("/api/admin/users", &asked).await;
    assert_eq!((refused.status, refused.code()), (403, "forbidden"));
    assert_eq!(other.get("/api/admin/users").await.status, 403);
    let mut forged = robot.clone();
    forged.token = robot.token.map(|token| token + "x");
    assert_eq!(forged.post("/api/admin/users", &asked).await.status, 401);
}

#[tokio::test]
async fn a_banned_token_counts_for_nothing_also_without_accounts() {
    let house = House::with(&["auth.mode=tokens"]).await;
    let mut robot = program(&house, "robot", &["admin"]);
    let mut bob = program(&house, "bob", &[]);
    assert_eq!(bob.get("/api/session").await.body["user"], "bob@acme");
    let mut connection = bob.connect().await;
    assert_eq!(connection.welcomed().await, "bob@acme");
    let list = robot.get("/api/admin/connections").await;
    let credential = list.body["connections"][0]["credential"].as_str().unwrap().to_owned();
    assert!(credential.ends_with(" token-of-bob"), "{credential}");

    let ban = json!({ "credential": credential, "reason": "lost" });
    assert_eq!(robot.post("/api/admin/bans", &ban).await.status, 201);
    assert_eq!(connection.closed().await, 4504);
    assert_eq!(bob.get("/api/session").await.body["user"], Value::Null);
    assert_eq!(bob.get("/api/admin/bans").await.status, 403);
    let lift = json!({ "credential": credential });
    assert_eq!(robot.post("/api/admin/bans/lift", &lift).await.status, 204);
    assert_eq!(bob.connect().await.welcomed().await, "bob@acme");
}
