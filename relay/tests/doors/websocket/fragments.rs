//! Messages in pieces.

use super::{
    BINARY, BROKEN, CONTINUATION, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, TOO_MUCH, Talk,
    frame,
};

/// The pieces of a message, with something before each but the first.
fn in_pieces(text: &str, count: usize, between: &[u8]) -> Vec<u8> {
    let size = text.len().div_ceil(count);
    let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
    let mut bytes = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let last = if index + 1 == pieces.len() { 0x80 } else { 0 };
        let opcode = if index == 0 { FIRST_TEXT } else { CONTINUATION };
        if index > 0 {
            bytes.extend(between);
        }
        bytes.extend(frame(last | opcode, piece));
    }
    bytes
}

#[tokio::test]
async fn a_message_in_pieces_is_put_together() {
    let mut talk = Talk::begin().await;
    for count in [1, 2, 3, 10, 64] {
        let question = talk.question(640);
        talk.say(&in_pieces(&question, count, b"")).await;
        talk.answer().await;
    }
}

#[tokio::test]
async fn pings_between_the_pieces_are_answered_before_it_is_whole() {
    let mut talk = Talk::begin().await;
    let question = talk.question(0);
    let (left, right) = question.as_bytes().split_at(9);
    talk.say(&[frame(FIRST_TEXT, left), frame(PING, b"well?")].concat()).await;
    assert_eq!(talk.pong().await, b"well?");
    talk.say(&[frame(PONG, b""), frame(LAST_CONTINUATION, right)].concat()).await;
    talk.answer().await;
    let question = talk.question(0);
    talk.say(&in_pieces(&question, 5, &frame(PING, b"x"))).await;
    talk.answer().await;
}

#[tokio::test]
async fn pieces_may_be_empty() {
    let mut talk = Talk::begin().await;
    let question = talk.question(0);
    let whole = frame(LAST_CONTINUATION, question.as_bytes());
    talk.say(&[frame(FIRST_TEXT, b""), frame(CONTINUATION, b""), whole].concat()).await;
    talk.answer().await;
    let nothing = [frame(FIRST_TEXT, b""), frame(LAST_CONTINUATION, b"")].concat();
    talk.is_answered(&nothing).await;
}

#[tokio::test]
async fn control_frames_are_never_in_pieces() {
    for first in [PING, PONG] {
        let cut = [frame(first & 0x0f, b"a"), frame(LAST_CONTINUATION, b"b")].concat();
        assert_eq!(Talk::begin().await.ends(&cut).await, BROKEN);
    }
}

#[tokio::test]
async fn a_piece_of_nothing_breaks_the_connection() {
    for first in [CONTINUATION, LAST_CONTINUATION] {
        assert_eq!(Talk::begin().await.ends(&frame(first, b"more of what?")).await, BROKEN);
    }
    // Also when a whole message came before it.
    let mut talk = Talk::begin().await;
    talk.is_answered(b"").await;
    assert_eq!(talk.ends(&frame(LAST_CONTINUATION, b"x")).await, BROKEN);
}

#[tokio::test]
async fn a_message_within_another_breaks_the_connection() {
    for second in [TEXT, BINARY, FIRST_TEXT] {
        let nested = [frame(FIRST_TEXT, b"{"), frame(second, b"{}")].concat();
        assert_eq!(Talk::begin().await.ends(&nested).await, BROKEN);
    }
}

#[tokio::test]
async fn more_pieces_than_anybody_needs_are_refused() {
    let question = " ".repeat(65);
    assert_eq!(Talk::begin().await.ends(&in_pieces(&question, 65, b"")).await, TOO_MUCH);
}
