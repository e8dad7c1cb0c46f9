//! "You have updated the relay? I did not notice."

use serde_json::Value;

use super::{ALICE, House, ROOT};

#[tokio::test]
async fn who_was_signed_in_is_signed_in_and_who_was_sent_away_is_not() {
    let (mut house, mut root) = House::lived_in(&[]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    let mut gone = house.signed_in("alice", ALICE).await;
    let copied = gone.clone();
    let empty = serde_json::json!({});
    assert_eq!(gone.post("/api/sign-out", &empty).await.status, 204);
    house.stop().await;
    house.start().await;
    for page in [&mut root, &mut alice, &mut gone] {
        page.address = house.address();
        page.origin = Some(format!("http://{}", house.address()));
    }
    assert_eq!(alice.who().await, "alice");
    assert_eq!(root.who().await, "root");
    assert_eq!(alice.connect().await.welcomed().await, "alice");
    let mut copied = copied;
    copied.address = house.address();
    assert_eq!(copied.who().await, Value::Null);
    // What proves that the page is the relay's own has survived, too.
    assert_eq!(alice.post("/api/sign-out", &empty).await.status, 204);
    house.signed_in("root", ROOT).await;
}
