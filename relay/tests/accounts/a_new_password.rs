//! "Somebody may know my password. I have a new one."

use serde_json::{Value, json};

use super::{ALICE, House};

const NEW: &str = "through the looking-glass";

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_this_one() {
    let (house, _) = House::lived_in(&[]).await;
    let mut here = house.signed_in("alice", ALICE).await;
    let mut there = house.signed_in("alice", ALICE).await;
    let mut connection = there.connect().await;
    assert_eq!(connection.welcomed().await, "alice");

    for (body, status) in [
        (json!({ "old": "not it", "new": NEW }), 401),
        (json!({ "old": ALICE, "new": "short" }), 400),
        (json!({ "old": ALICE, "new": "alice" }), 400),
        (json!({ "old": ALICE }), 400),
    ] {
        assert_eq!(here.post("/api/password", &body).await.status, status, "{body}");
    }
    assert_eq!(there.who().await, "alice", "nothing has changed yet");

    let body = json!({ "old": ALICE, "new": NEW });
    assert_eq!(here.post("/api/password", &body).await.status, 204);
    assert_eq!(connection.closed().await, 4504);
    assert_eq!((here.who().await, there.who().await), ("alice".into(), Value::Null));
    assert_eq!(house.page().sign_in("alice", ALICE).await.status, 401);
    assert_eq!(house.page().sign_in("alice", NEW).await.status, 200);
}

#[tokio::test]
async fn an_admin_gives_a_new_one() {
    let (house, mut root) = House::lived_in(&[]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    let body = json!({ "password": NEW });
    assert_eq!(root.post("/api/admin/users/alice", &body).await.status, 204);
    assert_eq!(alice.who().await, Value::Null);
    assert_eq!(alice.sign_in("alice", NEW).await.status, 200);
}
