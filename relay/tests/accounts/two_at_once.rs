//! Two do the same at the same time.

use futures_util::future::join_all;
use serde_json::json;

use super::{ALICE, House, ROOT};

#[tokio::test]
async fn two_users_sign_in_at_once_and_are_two() {
    let (house, _) = House::lived_in(&[]).await;
    let (mut alice, mut root) = (house.page(), house.page());
    let (one, other) = tokio::join!(alice.sign_in("alice", ALICE), root.sign_in("root", ROOT));
    assert_eq!((one.status, other.status), (200, 200));
    assert_ne!(alice.cookie, root.cookie);
    assert_eq!((alice.who().await, root.who().await), ("alice".into(), "root".into()));
}

#[tokio::test]
async fn of_many_who_want_a_name_one_gets_it() {
    let (house, _) = House::lived_in(&["auth.sign_up=on"]).await;
    let attempts = ["carol", "Carol", "CAROL", "carol"].map(|user| {
        let mut page = house.page();
        async move {
            let asked = json!({ "user": user, "password": ALICE });
            page.post("/api/sign-up", &asked).await.status
        }
    });
    let mut statuses = join_all(attempts).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400]);
}
