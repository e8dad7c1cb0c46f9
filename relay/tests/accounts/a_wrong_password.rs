//! "Did I spell my name or my password wrong?" Nobody is told which.

use serde_json::Value;

use super::{ALICE, House};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_answered_alike() {
    let (house, _) = House::lived_in(&[]).await;
    let mut page = house.page();
    let wrong = page.sign_in("alice", "up the rabbit hole").await;
    assert_eq!((wrong.status, wrong.code()), (401, "unauthorized"));
    assert_eq!(wrong.set_cookie(), None);
    for nobody in ["bob", "alice1", "alice@acme", "no such name!", "", "guest"] {
        let unknown = page.sign_in(nobody, ALICE).await;
        assert_eq!((unknown.status, &unknown.body), (wrong.status, &wrong.body), "{nobody:?}");
    }
    assert_eq!(page.who().await, Value::Null);
    // A phone begins with a capital letter.
    assert_eq!(page.sign_in("Alice", ALICE).await.status, 200);
    assert_eq!(page.who().await, "alice");
}

#[tokio::test]
async fn nobody_connects_who_has_not_signed_in() {
    let (house, _) = House::lived_in(&[]).await;
    assert_eq!(house.page().connect().await.closed().await, 4504);
    let alice = house.signed_in("alice", ALICE).await;
    assert_eq!(alice.connect().await.welcomed().await, "alice");
}
