//! Nothing is compressed: a small frame that becomes a large one costs the relay what it likes.

use super::{HELLO, House, TEXT, frame};

#[tokio::test]
async fn offers_to_compress_are_declined_and_a_compressed_frame_is_refused() {
    let house = House::open().await;
    for offer in
        ["permessage-deflate", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"]
    {
        let mut stranger = house.connect().await;
        stranger.upgrade(&format!("sec-websocket-extensions: {offer}\r\n")).await;
        let head = stranger.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(!head.to_lowercase().contains("sec-websocket-extensions"), "{head}");
        stranger.say(&frame(TEXT, HELLO.as_bytes())).await;
        stranger.until(b"\"subscribed\"").await;
    }
    let mut stranger = house.websocket().await;
    const COMPRESSED: u8 = 0x40;
    stranger.say(&frame(TEXT | COMPRESSED, HELLO.as_bytes())).await;
    assert_eq!(stranger.close_code().await, 4500);
}

#[tokio::test]
async fn a_compressed_body_is_read_as_it_is_and_makes_no_sense() {
    let house = House::open().await;
    let request = "POST /v1/poll HTTP/1.1\r\ncontent-encoding: gzip";
    let (_, body) = house.exchange(request, "\u{1f}\u{8b}\u{8}").await;
    assert!(body.contains("\"code\":4500"), "{body}");
}
