//! More than a client may send. The limits are the protocol's, and so are the codes.

use super::{CONTINUATION, FIRST_TEXT, LAST_CONTINUATION, TEXT, TOO_MUCH, Talk, frame};

#[tokio::test]
async fn a_message_over_64_kib_is_refused() {
    assert_eq!(Talk::begin().await.ends(&frame(TEXT, &[b' '; 65_537])).await, TOO_MUCH);
    let half = [b' '; 32_769];
    let halves = [frame(FIRST_TEXT, &half), frame(LAST_CONTINUATION, &half)].concat();
    assert_eq!(Talk::begin().await.ends(&halves).await, TOO_MUCH);
    let thirds = [frame(FIRST_TEXT, &half), frame(CONTINUATION, &half)].concat();
    assert_eq!(Talk::begin().await.ends(&thirds).await, TOO_MUCH);
}

/// A socket that is dropped with bytes in it takes its last words back: whoever was still sending
/// never learned why it was closed.
#[tokio::test]
async fn whoever_is_still_sending_learns_why_it_was_closed() {
    let announced = [TEXT, 0xff, 0, 0, 0, 0, 0, 16, 0, 0];
    let mut talk = Talk::begin().await;
    talk.say(&[&announced[..], &[b' '; 100_000]].concat()).await;
    assert_eq!(talk.end().await, TOO_MUCH);
}
