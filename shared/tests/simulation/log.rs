//! The model relay's logs.

use std::collections::VecDeque;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Delivery, Epoch, Event, Metadata, Notice, Payload, Position, Priority, Sequence, Severity,
    Subscribed, Topic, WhyNotRecovered,
};

/// One topic's log: what is retained of it.
#[derive(Debug)]
pub struct Log {
    topic: Topic,
    epoch: Epoch,
    head: Sequence,
    retained: VecDeque<Event>,
    retained_max: usize,
}

impl Log {
    pub fn new(topic: Topic, epoch: Epoch, retained_max: usize) -> Self {
        Log { topic, epoch, head: Sequence::START, retained: VecDeque::new(), retained_max }
    }

    pub fn head(&self) -> Position {
        Position::new(self.epoch, self.head)
    }

    pub fn append(&mut self, at: UnixMillis, ttl_ms: Option<u64>) {
        self.head = self.head.next();
        // The content tells the place, so that a checker needs no memory of what was sent.
        let text = content_at(&self.topic, self.head());
        self.retained.push_back(Event {
            topic: self.topic.clone(),
            position: self.head(),
            at,
            source: "model".into(),
            priority: Priority::Normal,
            meta: Metadata { ttl_ms, ..Metadata::default() },
            payload: Payload::Notice(Notice { severity: Severity::Info, text }),
        });
        if self.retained.len() > self.retained_max {
            self.retained.pop_front();
        }
    }

    /// Numbered anew, and empty.
    pub fn restart(&mut self, epoch: Epoch) {
        *self = Log::new(self.topic.clone(), epoch, self.retained_max);
    }

    /// The events after a sequence that are retained.
    pub fn after(&self, sequence: Sequence) -> impl Iterator<Item = &Event> {
        self.retained.iter().filter(move |event| event.position.sequence > sequence)
    }

    /// Whether a reader at this sequence would miss something.
    pub fn has_forgotten(&self, sequence: Sequence) -> bool {
        let first = self.head.0 + 1 - self.retained.len() as u64;
        sequence.0 + 1 < first
    }

    /// The answer to a reader who comes with a position, or with none.
    pub fn subscribe(&self, from: Option<Position>, alias: u32) -> Subscribed {
        let lost = from.and_then(|from| self.why_not_from(from));
        let position = match (from, lost) {
            (Some(from), None) => from,
            _ => self.head(),
        };
        let is_resumed = from == Some(position) && lost.is_none();
        Subscribed {
            topic: self.topic.clone(),
            position,
            head: self.head,
            lost,
            alias,
            as_of: None,
            snapshot: if is_resumed { None } else { self.retained.back().cloned() },
        }
    }

    fn why_not_from(&self, from: Position) -> Option<WhyNotRecovered> {
        if from.epoch != self.epoch {
            return Some(WhyNotRecovered::NewEpoch);
        }
        if from.sequence > self.head {
            return Some(WhyNotRecovered::Ahead);
        }
        let keeps_all = self.topic.class().delivery() == Delivery::Log;
        (keeps_all && self.has_forgotten(from.sequence)).then_some(WhyNotRecovered::Expired)
    }
}

/// What stands at a place of a log.
pub fn content_at(topic: &Topic, position: Position) -> String {
    format!("{topic} {position}")
}
