//! More connections than the relay takes are told so; those that are there stay.

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::{HELLO, House, TEXT, frame};

#[tokio::test]
async fn one_connection_too_many_is_told_and_a_place_that_is_freed_is_given_again() {
    let limits = ServeLimits {
        connections_max: 2,
        connections_per_address_max: 2,
        ..ServeLimits::default()
    };
    let house = House::open_with(ConnectionRules::default(), limits).await;
    let mut readers = Vec::new();
    for _ in 0..2 {
        let mut reader = house.websocket().await;
        reader.say(&frame(TEXT, HELLO.as_bytes())).await;
        reader.until(b"\"subscribed\"").await;
        readers.push(reader);
    }
    let mut third = house.connect().await;
    let head = third.head().await;
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("retry-after: 5"), "{head}");
    third.rest().await;
    let body = String::from_utf8_lossy(&third.read).into_owned();
    let limit = "\"limit\":{\"name\":\"limits.connections_max\",\"max\":2}";
    assert!(body.contains(limit) && body.contains("\"retry_after_ms\":5000"), "{body}");
    readers.pop();
    loop {
        let mut again = house.connect().await;
        again.upgrade("").await;
        if again.head().await.starts_with("HTTP/1.1 101") {
            break;
        }
    }
}
