//! "She does not work here any more."

use serde_json::{Value, json};

use super::{ALICE, House};

#[tokio::test]
async fn a_closed_account_is_out_at_once_and_can_be_opened_again() {
    let (house, mut root) = House::lived_in(&[]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    let mut connection = alice.connect().await;
    assert_eq!(connection.welcomed().await, "alice");
    let close = json!({ "disabled": true });
    assert_eq!(root.post("/api/admin/users/alice", &close).await.status, 204);
    assert_eq!(connection.closed().await, 4504);
    assert_eq!(alice.who().await, Value::Null);
    assert_eq!(alice.connect().await.closed().await, 4504);

    let mut page = house.page();
    let right = page.sign_in("alice", ALICE).await;
    assert_eq!((right.status, right.set_cookie()), (403, None));
    assert!(right.message().contains("closed"), "{}", right.message());
    let wrong = page.sign_in("alice", "not her password").await;
    assert_eq!(wrong.status, 401, "who does not know the password learns nothing");
    let users = root.get("/api/admin/users").await;
    assert_eq!(users.body["users"][0]["disabled"], true);

    let open = json!({ "disabled": false });
    assert_eq!(root.post("/api/admin/users/alice", &open).await.status, 204);
    assert_eq!(alice.who().await, Value::Null, "old sessions stay ended");
    assert_eq!(page.sign_in("alice", ALICE).await.status, 200);
}
