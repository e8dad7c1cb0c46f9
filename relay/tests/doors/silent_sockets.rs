//! Sockets that say nothing, or never finish, are closed.

use super::{House, TEXT};

#[tokio::test]
async fn a_websocket_without_hello_is_closed() {
    let house = House::open().await;
    let mut stranger = house.websocket().await;
    assert_eq!(stranger.close_code().await, 4003);
}

#[tokio::test]
async fn a_message_that_is_never_finished_closes_the_connection() {
    let house = House::open().await;
    let mut stranger = house.websocket().await;
    let hello = super::frame(TEXT, super::HELLO.as_bytes());
    stranger.say(&hello).await;
    stranger.until(b"\"subscribed\"").await;
    stranger.read.clear();
    stranger.say(&[TEXT, 0xfe, 0x40, 0x00, 1, 2, 3, 4, b'x']).await;
    // What comes first is the rest of a frame of which a part was read away.
    stranger.rest().await;
    let said = String::from_utf8_lossy(&stranger.read).into_owned();
    assert!(said.contains("4001"), "{said}");
}

#[tokio::test]
async fn fragments_that_are_never_finished_close_the_connection() {
    let house = House::open().await;
    let mut stranger = house.websocket().await;
    stranger.say(&super::frame(TEXT, super::HELLO.as_bytes())).await;
    stranger.until(b"\"subscribed\"").await;
    stranger.read.clear();
    stranger.say(&super::frame(0x01, b"{")).await;
    stranger.say(&super::frame(0x00, b"\"type\"")).await;
    stranger.rest().await;
    let said = String::from_utf8_lossy(&stranger.read).into_owned();
    assert!(said.contains("4001"), "{said}");
}

#[tokio::test]
async fn a_socket_that_stays_open_after_its_request_is_closed() {
    let house = House::open().await;
    let mut stranger = house.connect().await;
    stranger.say(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stranger.until(b"ok\n").await;
    stranger.rest().await;
}

#[tokio::test]
async fn a_socket_without_a_request_is_closed() {
    let house = House::open().await;
    for beginning in ["", "GET /v1/ws HTTP/1.1\r\nhost: x\r\n"] {
        let mut stranger = house.connect().await;
        stranger.say(beginning.as_bytes()).await;
        stranger.rest().await;
    }
}
