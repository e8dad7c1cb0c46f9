//! "She is a trader now." The next thing she does, she does as one.

use serde_json::json;

use super::{ALICE, House};

#[tokio::test]
async fn a_role_counts_at_once_given_and_taken() {
    let (house, mut root) = House::lived_in(&[]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    assert_eq!(alice.get("/api/admin/users").await.status, 403);
    let mut connection = alice.connect().await;
    assert_eq!(connection.welcomed().await, "alice");
    let promote = json!({ "roles": ["trader", "admin"] });
    assert_eq!(root.post("/api/admin/users/alice", &promote).await.status, 204);
    // Her connection comes back, and is asked anew what it may see.
    assert_eq!(connection.closed().await, 4006);
    assert_eq!(alice.get("/api/session").await.body["roles"], json!(["admin", "trader"]));
    assert_eq!(alice.get("/api/admin/users").await.status, 200);
    assert_eq!(root.post("/api/admin/users/alice", &json!({ "roles": [] })).await.status, 204);
    assert_eq!(alice.get("/api/admin/users").await.status, 403);
    let bad = json!({ "roles": ["no role!"] });
    assert_eq!(root.post("/api/admin/users/alice", &bad).await.status, 400);
    let nobody = root.post("/api/admin/users/bob", &json!({ "roles": [] })).await;
    assert_eq!((nobody.status, nobody.code()), (404, "not_found"));
}
