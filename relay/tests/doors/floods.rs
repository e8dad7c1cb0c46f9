//! Whoever sends too much is refused, and closed when it does not stop; others are served.

use super::House;
use super::visitor::{DOORS, Door, Visitor, hello, pings};

/// A request that is as large as a frame may be.
fn large() -> String {
    let padding = "x".repeat(60_000);
    format!(
        "{{\"type\":\"request\",\"id\":77,\"method\":\"ping\",\"params\":{{}},\"x\":\"{padding}\"}}\n"
    )
}

async fn is_served(house: &House, user: &str) {
    let mut other = Visitor::come(house, Door::WebSocket, &hello(user)).await;
    other.say(&pings(1)).await;
    other.until("\"server_time\"").await;
    other.until("\"id\":0").await;
}

#[tokio::test]
async fn a_flood_of_messages_is_refused_and_then_closed_at_every_door() {
    let house = House::open().await;
    for door in DOORS {
        let mut flood = Visitor::come(&house, door, &hello("alice")).await;
        for _ in 0..4 {
            flood.say(&pings(500)).await;
        }
        flood.until("\"type\":\"closing\",\"code\":4004").await;
        let said = flood.take();
        let refusal = "\"code\":\"rate_limited\"";
        let limit = "\"limit\":{\"name\":\"connection.messages_per_s_max\",\"max\":50}";
        assert!(said.contains(refusal) && said.contains(limit), "{door:?}: {said}");
        assert!(
            said.contains("\"id\":300,\"error\""),
            "{door:?}: requests are answered by their id"
        );
        flood.until_closed().await;
        is_served(&house, "bob").await;
    }
}

#[tokio::test]
async fn a_flood_of_bytes_is_refused_and_then_closed_at_every_door() {
    let house = House::open().await;
    for door in DOORS {
        let mut flood = Visitor::come(&house, door, &hello("alice")).await;
        for _ in 0..90 {
            flood.say(&large()).await;
        }
        flood.until("\"type\":\"closing\",\"code\":4004").await;
        let said = flood.take();
        let limit = "\"limit\":{\"name\":\"connection.bytes_per_s_max\",\"max\":262144}";
        assert!(said.contains("\"id\":77,\"error\"") && said.contains(limit), "{door:?}: {said}");
        flood.until_closed().await;
        is_served(&house, "bob").await;
    }
}

#[tokio::test]
async fn ten_connections_of_a_user_share_one_allowance_of_messages() {
    let house = House::open().await;
    let mut visitors = Vec::new();
    for index in 0..10 {
        visitors.push(Visitor::come(&house, DOORS[index % 3], &hello("alice")).await);
    }
    for visitor in &mut visitors {
        visitor.say(&pings(150)).await;
    }
    let last = visitors.last_mut().unwrap();
    last.until("\"limit\":{\"name\":\"limits.user_messages_per_s_max\",\"max\":200}").await;
    is_served(&house, "bob").await;
}

#[tokio::test]
async fn ten_connections_of_a_user_share_one_allowance_of_bytes() {
    let house = House::open().await;
    let mut visitors = Vec::new();
    for index in 0..10 {
        visitors.push(Visitor::come(&house, DOORS[index % 3], &hello("alice")).await);
    }
    for visitor in &mut visitors {
        for _ in 0..15 {
            visitor.say(&large()).await;
        }
    }
    let last = visitors.last_mut().unwrap();
    last.until("\"limit\":{\"name\":\"limits.user_bytes_per_s_max\",\"max\":1048576}").await;
    is_served(&house, "bob").await;
}

#[tokio::test]
async fn a_batch_of_one_item_too_many_is_refused_at_every_door() {
    let house = House::open().await;
    for door in DOORS {
        let mut visitor = Visitor::come(&house, door, &hello("alice")).await;
        visitor.say(&pings(1_025)).await;
        visitor.until("\"type\":\"closing\",\"code\":4502").await;
        let said = visitor.take();
        assert!(
            said.contains("\"limit\":{\"name\":\"frame_messages_max\",\"max\":1024}"),
            "{said}"
        );
        assert!(!said.contains("server_time\":1}"), "nothing of it was done");
        visitor.until_closed().await;
    }
}

#[tokio::test]
async fn a_batch_of_newlines_only_is_refused_at_every_door() {
    let house = House::open().await;
    for door in DOORS {
        let mut visitor = Visitor::come(&house, door, &hello("alice")).await;
        visitor.say(&"\n".repeat(60_000)).await;
        visitor.until("\"type\":\"closing\",\"code\":4502").await;
        visitor.until_closed().await;
    }
}

#[tokio::test]
async fn a_body_that_is_longer_than_a_frame_is_refused_with_the_limit() {
    let house = House::open().await;
    for door in ["stream", "poll", "send"] {
        let request = format!("POST /v1/{door} HTTP/1.1");
        let (head, body) = house.exchange(&request, &"x".repeat(65_537)).await;
        assert!(head.starts_with("HTTP/1.1 413"), "{door}: {head}");
        assert!(body.contains("\"name\":\"frame_bytes_max\"") && body.contains("4502"), "{body}");
    }
}
