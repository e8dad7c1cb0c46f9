//! A relay that stops says goodbye on every transport.

use std::time::Duration;

use super::{HELLO, House, TEXT, frame};

#[tokio::test]
async fn everybody_is_told_to_come_back_and_when() {
    let house = House::open().await;
    let mut websocket = house.websocket().await;
    websocket.say(&frame(TEXT, HELLO.as_bytes())).await;
    websocket.until(b"\"subscribed\"").await;
    let mut stream = house.connect().await;
    let request = format!(
        "POST /v1/stream HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{HELLO}",
        HELLO.len()
    );
    stream.say(request.as_bytes()).await;
    stream.until(b"\"subscribed\"").await;
    house.close_doors();
    house.hub.drain(Duration::from_secs(3), None).await.unwrap();
    for stranger in [&mut websocket, &mut stream] {
        stranger.until(b"\"type\":\"closing\",\"code\":4000").await;
        stranger.until(b"\"after_ms\":").await;
        stranger.rest().await;
    }
}
