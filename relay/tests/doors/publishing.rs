//! Programs of the operator's publish; nobody else does.

use super::{HELLO, House, Stranger, TEXT, TOKEN, frame};

pub(super) async fn publish(house: &House, topic: &str) {
    publish_by(house.connect().await, topic).await;
}

/// The same, over a socket that is there.
pub(super) async fn publish_by(stranger: Stranger, topic: &str) {
    let line = format!(r#"{{"topic":"{topic}","kind":"test","data":{{"n":1}}}}"#);
    let request = format!("POST /v1/publish HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
    let (head, body) = stranger.exchange(&request, &line).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}{body}");
}

#[tokio::test]
async fn what_is_published_reaches_every_reader_on_every_shard() {
    let house = House::open().await;
    let mut readers = Vec::new();
    for _ in 0..4 {
        let mut reader = house.websocket().await;
        reader.say(&frame(TEXT, HELLO.as_bytes())).await;
        reader.until(b"\"subscribed\"").await;
        readers.push(reader);
    }
    publish(&house, "price:A").await;
    for reader in &mut readers {
        reader.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
    }
}

#[tokio::test]
async fn without_the_token_nothing_is_published() {
    let house = House::open().await;
    let line = r#"{"topic":"price:A","kind":"test","data":1}"#;
    for header in ["", "\r\nauthorization: Bearer guess", "\r\nauthorization: Basic abc"] {
        let request = format!("POST /v1/publish HTTP/1.1{header}");
        let (head, _) = house.exchange(&request, line).await;
        assert!(head.starts_with("HTTP/1.1 401"), "{header}: {head}");
    }
}

#[tokio::test]
async fn a_batch_with_a_bad_line_publishes_nothing() {
    let house = House::open().await;
    let lines = "{\"topic\":\"price:A\",\"kind\":\"test\",\"data\":1}\n{\"topic\":\"nonsense\"}";
    let request = format!("POST /v1/publish HTTP/1.1\r\nauthorization: Bearer {TOKEN}");
    let (head, body) = house.exchange(&request, lines).await;
    assert!(head.starts_with("HTTP/1.1 400") && body.contains("line 2"), "{head}{body}");
    let topic = "price:A".parse().unwrap();
    assert!(!house.hub.publisher().knows(&topic));
}
