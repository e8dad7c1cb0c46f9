//! A user has so many connections, whichever doors they come by.

use super::House;
use super::visitor::{DOORS, Door, Visitor, hello};

#[tokio::test]
async fn the_eleventh_connection_of_a_user_is_refused_at_every_door() {
    let house = House::open().await;
    let mut inside = Vec::new();
    for index in 0..10 {
        let mut visitor = Visitor::come(&house, DOORS[index % 3], &hello("alice")).await;
        visitor.until("\"welcome\"").await;
        inside.push(visitor);
    }
    for door in DOORS {
        let mut eleventh = Visitor::come(&house, door, &hello("alice")).await;
        eleventh.until("\"type\":\"closing\",\"code\":4004").await;
        let said = eleventh.take();
        assert!(said.contains("\"code\":\"limit_exceeded\""), "{door:?}: {said}");
        let limit = "\"limit\":{\"name\":\"limits.connections_per_user_max\",\"max\":10}";
        assert!(said.contains(limit) && said.contains("\"retry_after_ms\":"), "{door:?}: {said}");
        assert!(!said.contains("\"welcome\""), "{door:?}: {said}");
        eleventh.until_closed().await;
        let mut other = Visitor::come(&house, door, &hello("bob")).await;
        other.until("\"welcome\"").await;
    }
    assert_eq!(
        house
            .hub
            .connections()
            .await
            .unwrap()
            .iter()
            .filter(|it| it.user.as_str() == "alice")
            .count(),
        10
    );
}

#[tokio::test]
async fn a_place_is_free_again_when_its_connection_has_gone() {
    let house = House::open().await;
    let mut inside = Vec::new();
    for _ in 0..10 {
        let mut visitor = Visitor::come(&house, Door::WebSocket, &hello("alice")).await;
        visitor.until("\"welcome\"").await;
        inside.push(visitor);
    }
    inside.pop();
    // The relay learns of it at its own pace.
    loop {
        let mut again = Visitor::come(&house, Door::WebSocket, &hello("alice")).await;
        again.until("}").await;
        if again.has_heard("\"welcome\"") {
            break;
        }
    }
}
