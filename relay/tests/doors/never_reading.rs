//! Whoever never reads costs little, and not for long.

use std::time::Duration;

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::visitor::{DOORS, Door, Visitor, hello};
use super::{House, TOKEN};

async fn house() -> House {
    let rules = ConnectionRules {
        not_reading_close: Duration::from_millis(500),
        poll_within: Duration::from_millis(500),
        ..ConnectionRules::default()
    };
    let limits = ServeLimits { taken_within: Duration::from_secs(1), ..ServeLimits::default() };
    House::open_with(rules, limits).await
}

/// Publishes more than all buffers on the way hold.
async fn publish_a_lot(house: &House) {
    let text = "x".repeat(30_000);
    let line = format!(r#"{{"topic":"price:A","kind":"test","data":"{text}"}}"#);
    let request = format!("POST /v1/publish HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
    for _ in 0..100 {
        let (head, _) = house.exchange(&request, &line).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
}

#[tokio::test]
async fn a_reader_that_never_reads_is_cut_at_every_door_and_leaves_nothing() {
    for door in DOORS {
        let house = house().await;
        let mut never = Visitor::come(&house, door, &hello("alice")).await;
        never.until("\"subscribed\"").await;
        publish_a_lot(&house).await;
        // Not one byte is read by it meanwhile.
        house.until_counted(0).await;
        assert!(house.hub.connections().await.unwrap().is_empty(), "{door:?}");
        drop(never);
    }
}

#[tokio::test]
async fn others_get_everything_while_somebody_does_not_read() {
    let house = house().await;
    let mut never = Visitor::come(&house, Door::WebSocket, &hello("alice")).await;
    never.until("\"subscribed\"").await;
    let mut reader = Visitor::come(&house, Door::WebSocket, &hello("bob")).await;
    reader.until("\"subscribed\"").await;
    let reading = async {
        reader.until("\"seq\":100,").await;
    };
    tokio::join!(publish_a_lot(&house), reading);
    drop(never);
}

#[tokio::test]
async fn answers_that_nobody_takes_are_given_up() {
    let house = house().await;
    let mut never = house.connect().await;
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {}\r\n\r\n", house.address);
    let many = request.repeat(2_000);
    let asking = tokio::spawn(async move {
        // It gets stuck, or is cut, when nobody takes the answers.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut never.stream, many.as_bytes()).await;
        never
    });
    house.until_counted(1).await;
    house.until_counted(0).await;
    asking.abort();
}
