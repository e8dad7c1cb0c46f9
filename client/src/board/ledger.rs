//! A second, independent book about what was delivered, by which the page proves that nothing is
//! missing. It shares no code with the machine whose work it checks.

use std::collections::BTreeMap;

use serde::Serialize;
use tidemark_shared::protocol::{Event, Position, Topic};
use tidemark_shared::session::Delivery;

/// What was delivered of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TopicRecord {
    /// The numbering it belongs to.
    pub(crate) epoch: u64,
    /// The first message of this visit.
    pub(crate) first: u64,
    /// The last message, delivered or replaced.
    pub(crate) last: u64,
    /// Messages delivered.
    pub(crate) count: u64,
    /// Messages that newer ones have replaced, as the relay said.
    pub(crate) skipped: u64,
    /// Places where a message was missing and nobody said so.
    pub(crate) holes: u64,
    /// Messages that came again, or late.
    pub(crate) duplicates: u64,
    /// Times that the topic began anew because messages were lost, as the relay said.
    pub(crate) resets: u64,
}

/// The records of all topics of this visit.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    topics: BTreeMap<Topic, TopicRecord>,
}

impl Ledger {
    /// The page has a topic up to here from its last visit: the next message must follow on it.
    pub(crate) fn resume(&mut self, topic: &Topic, position: Position) {
        let record = self.topics.entry(topic.clone()).or_default();
        record.epoch = position.epoch.0;
        record.last = position.sequence.0;
    }

    /// The page gave a topic back: what comes when it wants it again may start anywhere.
    pub(crate) fn forget(&mut self, topic: &Topic) {
        self.topics.remove(topic);
    }

    /// Writes down what is delivered.
    pub(crate) fn observe(&mut self, delivery: &Delivery) {
        match delivery {
            Delivery::Event(event) => self.event(event),
            Delivery::Snapshot { event, topic, lost } => {
                let record = self.topics.entry(topic.clone()).or_default();
                record.resets += u64::from(lost.is_some());
                record.last = 0;
                if let Some(event) = event {
                    record.restart(event.position);
                }
            }
            Delivery::Skipped { topic, from, to } => {
                let record = self.topics.entry(topic.clone()).or_default();
                record.holes += u64::from(record.last != 0 && from.0 != record.last + 1);
                record.skipped += to.0.saturating_sub(from.0) + 1;
                record.last = to.0;
            }
            Delivery::Fresh { .. } | Delivery::Refused { .. } => {}
        }
    }

    /// The records.
    pub(crate) const fn topics(&self) -> &BTreeMap<Topic, TopicRecord> {
        &self.topics
    }

    fn event(&mut self, event: &Event) {
        let record = self.topics.entry(event.topic.clone()).or_default();
        let (epoch, sequence) = (event.position.epoch.0, event.position.sequence.0);
        if record.last == 0 {
            return record.restart(event.position);
        }
        if epoch == record.epoch && sequence <= record.last {
            record.duplicates += 1;
            return;
        }
        record.holes += u64::from(epoch != record.epoch || sequence != record.last + 1);
        if record.count == 0 {
            record.first = sequence;
        }
        record.epoch = epoch;
        record.last = sequence;
        record.count += 1;
    }
}

impl TopicRecord {
    fn restart(&mut self, position: Position) {
        if self.count == 0 {
            self.first = position.sequence.0;
        }
        self.epoch = position.epoch.0;
        self.last = position.sequence.0;
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::clock::UnixMillis;
    use tidemark_shared::market::Quote;
    use tidemark_shared::protocol::{
        Epoch, Metadata, Payload, Priority, Sequence, WhyNotRecovered,
    };

    use super::*;

    const TOPIC: &str = "price:AAPL";

    fn event(epoch: u64, sequence: u64) -> Event {
        Event {
            topic: TOPIC.parse().unwrap(),
            position: Position::new(Epoch(epoch), Sequence(sequence)),
            at: UnixMillis(0),
            source: String::new(),
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload: Payload::Quote(Quote::of_price("1".parse().unwrap(), UnixMillis(0))),
        }
    }

    fn deliver(ledger: &mut Ledger, epoch: u64, sequence: u64) {
        ledger.observe(&Delivery::Event(event(epoch, sequence)));
    }

    fn record(ledger: &Ledger) -> &TopicRecord {
        ledger.topics().get(TOPIC).unwrap()
    }

    #[test]
    fn an_unbroken_row_of_messages_is_clean() {
        let mut ledger = Ledger::default();
        for sequence in 5..10 {
            deliver(&mut ledger, 1, sequence);
        }
        let expected = TopicRecord { epoch: 1, first: 5, last: 9, count: 5, ..Default::default() };
        assert_eq!(*record(&ledger), expected);
    }

    #[test]
    fn a_missing_a_repeated_and_a_late_message_are_seen() {
        let mut ledger = Ledger::default();
        for sequence in [1, 2, 4, 4, 3, 5] {
            deliver(&mut ledger, 1, sequence);
        }
        assert_eq!(record(&ledger).holes, 1);
        assert_eq!(record(&ledger).duplicates, 2);
    }

    #[test]
    fn a_new_numbering_that_nobody_announced_is_a_hole() {
        let mut ledger = Ledger::default();
        deliver(&mut ledger, 1, 1);
        deliver(&mut ledger, 2, 2);
        assert_eq!(record(&ledger).holes, 1);
    }

    #[test]
    fn what_the_relay_says_it_left_out_is_no_hole() {
        let mut ledger = Ledger::default();
        let topic: Topic = TOPIC.parse().unwrap();
        ledger.resume(&topic, Position::new(Epoch(1), Sequence(7)));
        let skipped = |from, to| Delivery::Skipped {
            topic: TOPIC.parse().unwrap(),
            from: Sequence(from),
            to: Sequence(to),
        };
        ledger.observe(&skipped(8, 20));
        deliver(&mut ledger, 1, 21);
        ledger.observe(&Delivery::Snapshot {
            event: Some(event(2, 3)),
            topic,
            lost: Some(WhyNotRecovered::NewEpoch),
        });
        deliver(&mut ledger, 2, 4);
        assert_eq!(record(&ledger).holes, 0);
        assert_eq!(record(&ledger).skipped, 13);
        assert_eq!(record(&ledger).resets, 1);
        ledger.observe(&skipped(9, 10));
        assert_eq!(record(&ledger).holes, 1, "it left out something else, too");
    }

    #[test]
    fn after_a_reload_the_first_message_must_follow_on_the_last_visit() {
        let mut ledger = Ledger::default();
        let topic: Topic = TOPIC.parse().unwrap();
        ledger.resume(&topic, Position::new(Epoch(1), Sequence(7)));
        deliver(&mut ledger, 1, 9);
        assert_eq!(record(&ledger).holes, 1);
    }
}
