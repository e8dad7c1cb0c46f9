//! Reserved bits belong to extensions, and none was agreed on.

use super::{BINARY, BROKEN, CLOSE, PING, PONG, TEXT, Talk, frame};

#[tokio::test]
async fn a_reserved_bit_breaks_the_connection() {
    for bits in 1..8_u8 {
        for first in [TEXT, BINARY, PING, PONG, CLOSE] {
            let reserved = frame(first | (bits << 4), b"");
            assert_eq!(Talk::begin().await.ends(&reserved).await, BROKEN, "{bits} on {first:#x}");
        }
    }
}

#[tokio::test]
async fn what_was_asked_before_it_is_still_answered() {
    let mut talk = Talk::begin().await;
    let question = talk.question(0);
    talk.say(&[frame(TEXT, question.as_bytes()), frame(TEXT | 0x40, b"x")].concat()).await;
    talk.answer().await;
    assert_eq!(talk.end().await, BROKEN);
}
