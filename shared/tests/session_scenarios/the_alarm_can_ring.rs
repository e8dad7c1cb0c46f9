//! "A test that cannot fail proves nothing": the checker is shown each thing that must not happen.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Epoch, Position, Topic};
use tidemark_shared::session::Delivery;

use crate::simulation::checker::{Checker, Source};
use crate::simulation::log::Log;

#[test]
fn in_order_it_is_silent() {
    assert_eq!(alarms(&[1, 2, 3, 4]), 0);
}

#[test]
fn a_lost_message_rings() {
    assert!(alarms(&[1, 2, 4]) > 0);
}

#[test]
fn a_repeated_message_rings() {
    assert!(alarms(&[1, 2, 2, 3]) > 0);
}

#[test]
fn a_reordered_message_rings() {
    assert!(alarms(&[1, 3, 2]) > 0);
}

#[test]
fn starting_over_without_a_reason_rings() {
    let (mut checker, log) = checker_and_log();
    let topic = topic();
    let event = log.after(Default::default()).last().cloned();
    checker.delivered(&Delivery::Snapshot { event, topic, lost: None });
    assert_eq!(checker.alarms.len(), 1);
}

#[test]
fn what_nobody_wants_rings() {
    let (mut checker, log) = checker_and_log();
    checker.wants_no_more(&topic().into());
    let event = log.after(Default::default()).next().cloned().unwrap();
    checker.delivered(&Delivery::Event(event));
    assert!(!checker.alarms.is_empty());
}

#[test]
fn another_messages_content_rings() {
    let (mut checker, log) = checker_and_log();
    let mut events = log.after(Default::default()).cloned();
    let (mut first, second) = (events.next().unwrap(), events.next().unwrap());
    first.payload = second.payload;
    checker.delivered(&Delivery::Event(first));
    assert_eq!(checker.alarms.len(), 1);
}

#[test]
fn what_never_came_is_missing() {
    let (checker, log) = checker_and_log();
    assert!(!checker.has_all_of(&topic(), log.head()));
}

fn alarms(sequences: &[u64]) -> usize {
    let (mut checker, log) = checker_and_log();
    for sequence in sequences {
        let mut events = log.after(Default::default());
        let event = events.find(|event| event.position.sequence.0 == *sequence).unwrap();
        checker.delivered(&Delivery::Event(event.clone()));
    }
    checker.alarms.len()
}

fn checker_and_log() -> (Checker, Log) {
    let mut log = Log::new(topic(), Epoch(7), 16);
    (0..4).for_each(|_| log.append(UnixMillis(0), None));
    let mut checker = Checker::new(Source::Honest);
    checker.wants(&topic().into(), Some(Position::new(Epoch(7), Default::default())));
    (checker, log)
}

fn topic() -> Topic {
    "bars:1m:AAPL".parse().unwrap()
}
