//! Frames that come in whatever pieces the network makes of them.

use super::{BROKEN, CLOSE, PING, TEXT, Talk, close_payload, frame};

/// Says it in pieces of so many bytes, each in a packet of its own.
async fn say_in(talk: &mut Talk, bytes: &[u8], size: usize) {
    for piece in bytes.chunks(size) {
        talk.say(piece).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_byte_by_byte_is_read() {
    let mut talk = Talk::begin().await;
    for size in [1, 2, 3, 7] {
        let question = talk.question(300);
        let bytes = [frame(PING, b"x"), frame(TEXT, question.as_bytes())].concat();
        say_in(&mut talk, &bytes, size).await;
        talk.answer().await;
    }
}

#[tokio::test]
async fn a_large_message_in_packets_of_any_size_is_read() {
    let mut talk = Talk::begin().await;
    for size in [997, 1_460, 20_000] {
        let question = talk.question(65_536);
        say_in(&mut talk, &frame(TEXT, question.as_bytes()), size).await;
        talk.answer().await;
    }
}

#[tokio::test]
async fn a_close_byte_by_byte_is_answered() {
    let mut talk = Talk::begin().await;
    say_in(&mut talk, &frame(CLOSE, &close_payload(1000, b"bye")), 1).await;
    assert_eq!(talk.end().await, 1000);
}

#[tokio::test]
async fn a_broken_header_byte_by_byte_breaks_the_connection() {
    let mut talk = Talk::begin().await;
    say_in(&mut talk, &[0xC1, 0x80], 1).await;
    assert_eq!(talk.end().await, BROKEN);
}
