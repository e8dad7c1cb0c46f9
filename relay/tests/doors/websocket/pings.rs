//! Pings and pongs.

use super::{BROKEN, PING, PONG, TEXT, Talk, frame};

#[tokio::test]
async fn a_ping_is_answered_with_what_was_in_it() {
    let mut talk = Talk::begin().await;
    for payload in [&b""[..], b"Hello, world!", &[0, 255, 254, 253, 252, 251, 0], &[0xfe; 125]] {
        talk.say(&frame(PING, payload)).await;
        assert_eq!(talk.pong().await, payload);
    }
}

#[tokio::test]
async fn a_ping_of_more_than_125_bytes_is_none() {
    assert_eq!(Talk::begin().await.ends(&frame(PING, &[0xfe; 126])).await, BROKEN);
}

#[tokio::test]
async fn a_pong_that_nobody_asked_for_is_passed_over() {
    let mut talk = Talk::begin().await;
    talk.is_answered(&[frame(PONG, b""), frame(PONG, b"unsolicited")].concat()).await;
    talk.say(&[frame(PONG, b"unsolicited"), frame(PING, b"mine")].concat()).await;
    assert_eq!(talk.pong().await, b"mine");
}

/// RFC 6455, section 5.5.3: of several pings only the newest has to be answered.
#[tokio::test]
async fn of_ten_pings_at_once_the_last_is_answered() {
    let mut talk = Talk::begin().await;
    let pings: Vec<u8> = (0..10).flat_map(|number| frame(PING, &[number])).collect();
    talk.say(&pings).await;
    let mut answered = talk.pong().await;
    while answered != [9] {
        let next = talk.pong().await;
        assert!(next > answered, "a pong for an older ping came later");
        answered = next;
    }
}

#[tokio::test]
async fn a_ping_between_two_messages_disturbs_neither() {
    let mut talk = Talk::begin().await;
    let (first, second) = (talk.question(0), talk.question(0));
    let question = |text: &str| frame(TEXT, text.as_bytes());
    talk.say(&[question(&first), frame(PING, b"x"), question(&second)].concat()).await;
    talk.answer().await;
    assert_eq!(talk.pong().await, b"x");
}
