//! A sign-in ends on every transport, or goes on.

use std::time::Duration;

use super::House;
use super::publishing::publish;
use super::visitor::{DOORS, Visitor, hello_with};

#[tokio::test]
async fn it_is_announced_then_everything_is_given_back_then_the_door_is_shut() {
    let house = House::open().await;
    let live = async |door| {
        let mut visitor = Visitor::come(&house, door, &hello_with("alice/1500")).await;
        visitor.until("\"subscribed\"").await;
        visitor.until("\"needs_auth\"").await;
        visitor.until("\"type\":\"unsubscribed\",\"topic\":\"price:A\"").await;
        visitor.say(r#"{"type":"subscribe","topics":[{"topic":"price:B"}]}"#).await;
        visitor.until("\"topic\":\"price:B\",\"code\":\"unauthorized\"").await;
        visitor.say(r#"{"type":"request","id":31,"method":"ping","params":{}}"#).await;
        visitor.until("\"id\":31,\"error\":{\"code\":\"unauthorized\"").await;
        visitor.take();
        publish(&house, "price:A").await;
        visitor.until("\"type\":\"closing\",\"code\":4504").await;
        assert!(!visitor.take().contains("\"event\""), "{door:?}: it was served after its end");
        visitor.until_closed().await;
    };
    tokio::join!(live(DOORS[0]), live(DOORS[1]), live(DOORS[2]));
}

#[tokio::test]
async fn a_refresh_after_the_end_brings_it_back() {
    let house = House::open().await;
    let live = async |door| {
        let mut visitor = Visitor::come(&house, door, &hello_with("alice/600")).await;
        visitor.until("\"unsubscribed\"").await;
        visitor.say(r#"{"type":"refresh","token":"alice/3600000"}"#).await;
        visitor.until("\"refreshed\"").await;
        visitor.take();
        visitor.say(r#"{"type":"subscribe","topics":[{"topic":"price:C"}]}"#).await;
        visitor.until("\"type\":\"subscribed\",\"topic\":\"price:C\"").await;
        visitor.take();
        visitor
    };
    let (mut a, mut b, mut c) = tokio::join!(live(DOORS[0]), live(DOORS[1]), live(DOORS[2]));
    publish(&house, "price:C").await;
    for visitor in [&mut a, &mut b, &mut c] {
        visitor.until("\"kind\":\"test\"").await;
    }
    let infos = house.hub.connections().await.unwrap();
    assert!(infos.iter().all(|info| info.credential.as_ref().unwrap().0.ends_with("/3600000")));
}

#[tokio::test]
async fn a_sign_in_that_goes_on_is_not_disturbed() {
    let house = House::open().await;
    let mut visitor = Visitor::come(&house, DOORS[0], &hello_with("alice/3600000")).await;
    visitor.until("\"subscribed\"").await;
    let beat = house.hub.connections().await.unwrap();
    assert_eq!(beat.len(), 1);
    // Several looks at the clock.
    tokio::time::sleep(Duration::from_millis(600)).await;
    publish(&house, "price:A").await;
    visitor.until("\"kind\":\"test\"").await;
    assert!(!visitor.has_heard("needs_auth") && !visitor.has_heard("unsubscribed"));
}
