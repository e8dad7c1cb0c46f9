//! A log against a plain vector of messages.

use std::time::Duration;

use proptest::prelude::*;
use tidemark_shared::protocol::{AliasTable, Metadata, Notice, Payload, ServerMessage, Severity};

use super::*;
use crate::publication::Publication;

const WINDOW: Window =
    Window { count_max: 8, age_max: Duration::from_secs(60), bytes_max: 1024 * 1024 };

fn message(sequence: u64, at: i64) -> Arc<Numbered> {
    let publication = Publication {
        topic: Topic::system_notifications(),
        at: UnixMillis(at),
        source: "test".into(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Notice(Notice {
            severity: Severity::Info,
            text: "x".repeat(sequence as usize % 40),
        }),
    };
    Arc::new(Numbered::new(publication, Alias(0), Epoch(1), Sequence(sequence)))
}

fn log_of(messages: u64) -> TopicLog {
    let mut log = TopicLog::new(Topic::system_notifications(), Alias(0), start(), WINDOW);
    for sequence in 1..=messages {
        log.append(&message(sequence, 1_000));
    }
    log
}

fn start() -> Position {
    Position::new(Epoch(1), Sequence::START)
}

fn sequences(encoding: Encoding, bytes: &[u8]) -> Vec<u64> {
    let read = encoding.decode_server(bytes, &mut AliasTable::new()).unwrap();
    read.into_iter()
        .map(|message| match message {
            ServerMessage::Event(event) => event.position.sequence.0,
            other => panic!("the log holds events only, not {other:?}"),
        })
        .collect()
}

proptest! {
    #[test]
    fn reading_piecemeal_gives_every_message_once(
        messages in 1u64..40,
        behind in 0u64..8,
        bytes_max in 1usize..2_000,
        messages_max in 1usize..10,
    ) {
        let log = log_of(messages);
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut cursor = Sequence(messages.saturating_sub(behind.min(messages)));
            let expected: Vec<u64> = (cursor.0 + 1..=messages).collect();
            let mut got = Vec::new();
            while let Read::Messages { bytes, to } = log.read(encoding, cursor, bytes_max, messages_max) {
                let piece = sequences(encoding, bytes);
                prop_assert!(piece.len() == 1 || (bytes.len() <= bytes_max && piece.len() <= messages_max));
                got.extend(piece);
                cursor = to;
            }
            prop_assert_eq!(log.read(encoding, cursor, bytes_max, messages_max), Read::Nothing);
            prop_assert_eq!(got, expected);
        }
    }
}

#[test]
fn a_cursor_before_the_window_is_told_that_it_lost_messages() {
    let log = log_of(20);
    assert_eq!(log.retained(), 8);
    assert_eq!(log.read(Encoding::Json, Sequence(11), 9_999, 99), Read::Lost);
    assert!(matches!(log.read(Encoding::Json, Sequence(12), 9_999, 99), Read::Messages { .. }));
}

#[test]
fn age_empties_the_window_but_for_the_newest() {
    let mut log = log_of(5);
    log.trim(UnixMillis(1_000) + Duration::from_secs(61));
    assert_eq!(log.retained(), 1);
    assert_eq!(log.head(), Sequence(5));
    assert_eq!(log.newest().unwrap().event.position.sequence, Sequence(5));
}

#[test]
fn a_reader_is_put_where_it_stood_or_told_why_not() {
    let log = log_of(20);
    let at = |sequence| Some(Position::new(Epoch(1), Sequence(sequence)));
    let place = |wanted| log.place(wanted, Sequence(22));
    assert_eq!(place(at(15)), Placement { after: Sequence(15), lost: None });
    assert_eq!(place(at(12)), Placement { after: Sequence(12), lost: None });
    assert_eq!(place(at(11)).lost, Some(WhyNotRecovered::Expired));
    // Another shard was faster: the client already has what this log still waits for.
    assert_eq!(place(at(22)), Placement { after: Sequence(22), lost: None });
    assert_eq!(place(at(23)).lost, Some(WhyNotRecovered::Ahead));
    let elsewhere = Some(Position::new(Epoch(2), Sequence(15)));
    assert_eq!(place(elsewhere).lost, Some(WhyNotRecovered::NewEpoch));
    assert_eq!(place(None), Placement { after: Sequence(20), lost: None });
}

#[test]
fn a_hole_starts_the_window_anew_and_a_repetition_changes_nothing() {
    let mut log = log_of(3);
    log.append(&message(2, 1_000));
    assert_eq!(log.head(), Sequence(3));
    log.append(&message(7, 1_000));
    assert_eq!((log.head(), log.retained()), (Sequence(7), 1));
    assert_eq!(log.read(Encoding::Json, Sequence(3), 9_999, 99), Read::Lost);
}
