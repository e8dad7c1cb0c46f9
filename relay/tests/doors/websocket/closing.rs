//! The closing handshake.

use super::{BROKEN, CLOSE, NOT_UTF_8, PING, TEXT, Talk, close_payload, frame};

#[tokio::test]
async fn a_close_is_answered_by_a_close() {
    assert_eq!(Talk::begin().await.ends(&frame(CLOSE, b"")).await, 1000);
    let polite = frame(CLOSE, &close_payload(1000, "bis später".as_bytes()));
    assert_eq!(Talk::begin().await.ends(&polite).await, 1000);
    let longest = frame(CLOSE, &close_payload(1000, &[b'*'; 123]));
    assert_eq!(Talk::begin().await.ends(&longest).await, 1000);
}

#[tokio::test]
async fn a_code_that_may_be_said_comes_back() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        let close = frame(CLOSE, &close_payload(code, b"x"));
        assert_eq!(Talk::begin().await.ends(&close).await, code);
    }
}

#[tokio::test]
async fn a_code_that_may_not_be_said_breaks_the_connection() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        let close = frame(CLOSE, &close_payload(code, b""));
        assert_eq!(Talk::begin().await.ends(&close).await, BROKEN, "{code}");
    }
}

#[tokio::test]
async fn half_a_code_breaks_the_connection() {
    assert_eq!(Talk::begin().await.ends(&frame(CLOSE, &[3])).await, BROKEN);
}

#[tokio::test]
async fn a_reason_is_utf_8() {
    let close = frame(CLOSE, &close_payload(1000, b"\xce\xba\xed\xa0\x80"));
    assert_eq!(Talk::begin().await.ends(&close).await, NOT_UTF_8);
}

#[tokio::test]
async fn a_close_of_more_than_125_bytes_is_none() {
    let close = frame(CLOSE, &close_payload(1000, &[b'*'; 124]));
    assert_eq!(Talk::begin().await.ends(&close).await, BROKEN);
}

/// Found by reading: what came behind a close in the same read was obeyed.
#[tokio::test]
async fn nothing_is_answered_after_a_close() {
    let mut talk = Talk::begin().await;
    let question = talk.question(0);
    let after = [frame(TEXT, question.as_bytes()), frame(PING, b"x"), frame(CLOSE, b"")].concat();
    talk.say(&[frame(CLOSE, &close_payload(1001, b"")), after].concat()).await;
    let mut frames = Vec::new();
    while let Some((first, payload)) = talk.hears().await {
        frames.push((first, payload));
    }
    assert_eq!(frames, [(CLOSE, close_payload(1001, b""))]);
}
