//! "Whoever that is: send them away, and let them not come back by that."

use serde_json::{Value, json};

use super::{ALICE, House};

#[tokio::test]
async fn a_connection_is_found_closed_and_its_sign_in_banned_and_let_in_again() {
    let (mut house, mut root) = House::lived_in(&[]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    let mut connection = alice.connect().await;
    assert_eq!(connection.welcomed().await, "alice");

    let list = root.get("/api/admin/connections").await;
    let [shown] = list.body["connections"].as_array().unwrap().as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!((&shown["user"], &shown["by"]), (&json!("alice"), &json!("session")));
    let credential = shown["credential"].as_str().unwrap().to_owned();
    assert!(credential.starts_with("session:"), "{credential}");
    let path = format!("/api/admin/connections/{}/close", shown["id"].as_str().unwrap());
    assert_eq!(root.post(&path, &json!({})).await.status, 204);
    assert_eq!(connection.closed().await, 4006);
    assert_eq!(root.post(&path, &json!({})).await.status, 404);
    let nonsense = root.post("/api/admin/connections/nonsense/close", &json!({})).await;
    assert_eq!(nonsense.status, 404);

    let mut again = alice.connect().await;
    assert_eq!(again.welcomed().await, "alice");
    let ban = json!({ "credential": credential, "reason": "a stolen laptop" });
    assert_eq!(root.post("/api/admin/bans", &ban).await.status, 201);
    assert_eq!(again.closed().await, 4504);
    assert_eq!(alice.who().await, Value::Null);
    let bans = root.get("/api/admin/bans").await;
    assert_eq!(bans.body["bans"][0]["credential"], credential);
    assert_eq!(bans.body["bans"][0]["by"], "root");
    assert_eq!(bans.body["bans"][0]["reason"], "a stolen laptop");
    // She herself may come, by another sign-in.
    house.signed_in("alice", ALICE).await;

    house.stop().await;
    house.start().await;
    for page in [&mut root, &mut alice] {
        page.address = house.address();
        page.origin = Some(format!("http://{}", house.address()));
    }
    assert_eq!(alice.who().await, Value::Null, "a ban survives a restart");
    let lift = json!({ "credential": credential });
    assert_eq!(root.post("/api/admin/bans/lift", &lift).await.status, 204);
    assert_eq!(root.post("/api/admin/bans/lift", &lift).await.status, 404);
    assert_eq!(alice.who().await, "alice");
}

#[tokio::test]
async fn a_ban_that_makes_no_sense_is_refused() {
    let (_house, mut root) = House::lived_in(&[]).await;
    for ban in [
        json!({ "credential": "", "reason": "" }),
        json!({ "credential": "x".repeat(600), "reason": "" }),
        json!({ "credential": "a\nb", "reason": "" }),
        json!({ "credential": "token:1", "reason": "x".repeat(600) }),
        json!({ "credential": "token:1", "reason": "", "until": 1 }),
        json!({ "reason": "" }),
    ] {
        assert_eq!(root.post("/api/admin/bans", &ban).await.status, 400, "{ban}");
    }
    assert_eq!(root.get("/api/admin/bans").await.body, json!({ "bans": [] }));
}
