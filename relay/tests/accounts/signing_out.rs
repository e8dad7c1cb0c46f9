//! "I have signed out: nobody at this computer is me any more."

use serde_json::{Value, json};

use super::{ALICE, House};

#[tokio::test]
async fn a_session_ends_everywhere_and_no_other_does() {
    let (house, _) = House::lived_in(&[]).await;
    let mut here = house.signed_in("alice", ALICE).await;
    let mut there = house.signed_in("alice", ALICE).await;
    let (mut tab, mut other_tab) = (here.connect().await, here.connect().await);
    let mut phone = there.connect().await;
    for connection in [&mut tab, &mut other_tab, &mut phone] {
        assert_eq!(connection.welcomed().await, "alice");
    }
    let mut copied = here.clone();
    let answer = here.post("/api/sign-out", &json!({})).await;
    assert_eq!(answer.status, 204);
    assert!(answer.set_cookie().unwrap().starts_with("tidemark_session=; Max-Age=0; "));
    assert_eq!(tab.closed().await, 4504);
    assert_eq!(other_tab.closed().await, 4504);
    assert_eq!(copied.who().await, Value::Null, "a copy of the cookie counts no more");
    assert_eq!(copied.connect().await.closed().await, 4504);
    assert_eq!(there.who().await, "alice");
    assert_eq!(there.connect().await.welcomed().await, "alice");
}

#[tokio::test]
async fn signing_in_as_somebody_else_signs_out() {
    let (house, _) = House::lived_in(&[]).await;
    let mut page = house.signed_in("alice", ALICE).await;
    let mut before = page.clone();
    let mut connection = page.connect().await;
    assert_eq!(connection.welcomed().await, "alice");
    assert_eq!(page.sign_in("root", super::ROOT).await.status, 200);
    assert_eq!(connection.closed().await, 4504);
    assert_eq!((before.who().await, page.who().await), (Value::Null, "root".into()));
}
