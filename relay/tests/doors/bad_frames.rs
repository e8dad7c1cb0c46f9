//! What is no frame, or too much of one, closes the connection with a reason.

use super::{HELLO, House, TEXT, frame};

async fn code_after(bytes: &[u8]) -> u16 {
    let house = House::open().await;
    let mut stranger = house.websocket().await;
    stranger.say(bytes).await;
    stranger.close_code().await
}

#[tokio::test]
async fn rubbish_is_refused() {
    assert_eq!(code_after(b"GET / HTTP/1.1\r\n\r\n").await, 1002);
    assert_eq!(code_after(&frame(TEXT, b"{}")).await, 4500);
    assert_eq!(code_after(&frame(TEXT, &[0xff; 40])).await, 1007);
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_by_its_announcement() {
    assert_eq!(code_after(&[TEXT, 0xff, 0, 0, 0, 0, 1, 0, 0, 0]).await, 4502);
}

#[tokio::test]
async fn a_frame_of_newlines_is_refused() {
    assert_eq!(code_after(&frame(TEXT, &[b'\n'; 60_000])).await, 4502);
}

#[tokio::test]
async fn one_byte_fragments_are_refused() {
    let mut bytes = frame(0x01, b"{");
    for _ in 0..100 {
        bytes.extend(frame(0x00, b" "));
    }
    assert_eq!(code_after(&bytes).await, 4502);
}

#[tokio::test]
async fn a_frame_that_comes_byte_by_byte_is_read() {
    let house = House::open().await;
    let mut stranger = house.websocket().await;
    for byte in frame(TEXT, HELLO.as_bytes()) {
        stranger.say(&[byte]).await;
    }
    stranger.until(b"\"subscribed\"").await;
}
