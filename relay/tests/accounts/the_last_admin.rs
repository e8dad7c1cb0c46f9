//! An admin must not lock everybody out, not even themselves.

use serde_json::{Value, json};

use super::{House, ROOT};

#[tokio::test]
async fn the_last_admin_cannot_be_removed_and_one_of_two_can() {
    let (house, mut root) = House::lived_in(&[]).await;
    for change in [json!({ "roles": [] }), json!({ "disabled": true }), json!({ "roles": ["a"] })] {
        let refused = root.post("/api/admin/users/root", &change).await;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{change}");
        assert!(refused.message().contains("make somebody else an admin first"));
    }
    let promote = json!({ "roles": ["admin"] });
    assert_eq!(root.post("/api/admin/users/alice", &promote).await.status, 204);
    let step_down = json!({ "disabled": true });
    assert_eq!(root.post("/api/admin/users/root", &step_down).await.status, 204);
    assert_eq!(root.who().await, Value::Null);
    assert_eq!(root.get("/api/admin/users").await.status, 401);
    let mut alice = house.signed_in("alice", super::ALICE).await;
    let refused = alice.post("/api/admin/users/alice", &json!({ "roles": [] })).await;
    assert_eq!(refused.status, 403);
    let again = json!({ "disabled": false });
    assert_eq!(alice.post("/api/admin/users/root", &again).await.status, 204);
    house.signed_in("root", ROOT).await;
}

#[tokio::test]
async fn two_admins_who_remove_each_other_at_once_leave_one() {
    let (house, mut root) = House::lived_in(&[]).await;
    let promote = json!({ "roles": ["admin"] });
    assert_eq!(root.post("/api/admin/users/alice", &promote).await.status, 204);
    let mut alice = house.signed_in("alice", super::ALICE).await;
    let demote = json!({ "roles": [] });
    let (one, other) = tokio::join!(
        root.post("/api/admin/users/alice", &demote),
        alice.post("/api/admin/users/root", &demote)
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403]);
}
