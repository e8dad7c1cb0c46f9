//! Payloads of every length that has its own form of header, as text and as binary.

use super::{BINARY, TEXT, Talk, frame};

const LENGTHS: [usize; 8] = [0, 60, 125, 126, 127, 128, 65_535, 65_536];

#[tokio::test]
async fn text_of_every_length_is_read() {
    let mut talk = Talk::begin().await;
    for length in LENGTHS {
        let question = talk.question(length);
        talk.say(&frame(TEXT, question.as_bytes())).await;
        talk.answer().await;
    }
}

#[tokio::test]
async fn binary_of_every_length_is_read() {
    let mut talk = Talk::begin().await;
    for length in LENGTHS {
        let question = talk.question(length);
        talk.say(&frame(BINARY, question.as_bytes())).await;
        talk.answer().await;
    }
}

#[tokio::test]
async fn a_message_of_nothing_says_nothing() {
    let mut talk = Talk::begin().await;
    talk.is_answered(&[frame(TEXT, b""), frame(BINARY, b"")].concat()).await;
}

#[tokio::test]
async fn a_length_may_be_written_longer_than_it_has_to_be() {
    let mut talk = Talk::begin().await;
    let question = talk.question(0);
    let short = frame(TEXT, question.as_bytes());
    let mut long = vec![TEXT, 0x80 | 127];
    long.extend((question.len() as u64).to_be_bytes());
    long.extend(&short[2..]);
    talk.say(&long).await;
    talk.answer().await;
}
