//! The promises, held against what the application was given. It knows nothing of the machine.

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::protocol::{Epoch, Event, Pattern, Payload, Position, Sequence, Topic};
use tidemark_shared::session::Delivery;

use super::log::content_at;

/// Keeps, per topic, the last message that the application was given, and raises an alarm when
/// the next one is not the next one.
#[derive(Debug)]
pub struct Checker {
    source: Source,
    wanted: BTreeSet<Pattern>,
    places: BTreeMap<Topic, Place>,
    pub alarms: Vec<String>,
}

/// Whether the relay can be held to its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its contents are checked as well, and it starts no topic over without a reason.
    Honest,
    /// It may claim anything; the order of its numbers is checked.
    Hostile,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// Unknown after an empty snapshot.
    epoch: Option<Epoch>,
    sequence: Option<Sequence>,
}

impl Checker {
    pub fn new(source: Source) -> Self {
        Checker { source, wanted: BTreeSet::new(), places: BTreeMap::new(), alarms: Vec::new() }
    }

    pub fn wants(&mut self, pattern: &Pattern, resume: Option<Position>) {
        if let (Pattern::One(topic), Some(resume)) = (pattern, resume)
            && !self.is_wanted(topic)
        {
            self.places.entry(topic.clone()).or_insert(Place::at(resume));
        }
        self.wanted.insert(pattern.clone());
    }

    pub fn wants_no_more(&mut self, pattern: &Pattern) {
        self.wanted.remove(pattern);
        let wanted = self.wanted.clone();
        self.places.retain(|topic, _| wanted.iter().any(|pattern| pattern.matches(topic)));
    }

    pub fn delivered(&mut self, delivery: &Delivery) {
        match delivery {
            Delivery::Event(event) => self.event(event),
            Delivery::Snapshot { event, topic, lost } => {
                let is_first = !self.places.contains_key(topic);
                if self.source == Source::Honest && lost.is_none() && !is_first {
                    self.alarm(format!("{topic} was started over without a reason"));
                }
                self.check_wanted(topic);
                event.iter().for_each(|event| self.check_content(event));
                let empty = Place { epoch: None, sequence: self.start_of_an_empty_log() };
                let place = event.as_ref().map_or(empty, |event| Place::at(event.position));
                self.places.insert(topic.clone(), place);
            }
            Delivery::Skipped { topic, from, to } => {
                self.check_wanted(topic);
                let place = self.places.get(topic).copied();
                let expected = place.and_then(|place| place.sequence).map(Sequence::next);
                if expected.is_some_and(|expected| expected != *from) || to < from {
                    self.alarm(format!("{topic}: skipped {from} to {to}, expected {expected:?}"));
                }
                let epoch = place.and_then(|place| place.epoch);
                self.places.insert(topic.clone(), Place { epoch, sequence: Some(*to) });
            }
            Delivery::Fresh { .. } | Delivery::Refused { .. } => {}
        }
    }

    /// Whether everything that is wanted of this topic has come.
    pub fn has_all_of(&self, topic: &Topic, head: Position) -> bool {
        self.places.get(topic).is_some_and(|place| {
            place.sequence == Some(head.sequence) && place.epoch.is_none_or(|e| e == head.epoch)
        })
    }

    pub fn is_wanted(&self, topic: &Topic) -> bool {
        self.wanted.iter().any(|pattern| pattern.matches(topic))
    }

    fn event(&mut self, event: &Event) {
        self.check_wanted(&event.topic);
        self.check_content(event);
        let Position { epoch, sequence } = event.position;
        match self.places.get(&event.topic) {
            None => {
                self.alarm(format!("{} {} came before a snapshot", event.topic, event.position))
            }
            Some(place) => {
                let is_next =
                    place.sequence.is_none_or(|last| last.0.checked_add(1) == Some(sequence.0));
                if !is_next || place.epoch.is_some_and(|known| known != epoch) {
                    let text = format!("{} {} came after {place:?}", event.topic, event.position);
                    self.alarm(text);
                }
            }
        }
        self.places.insert(event.topic.clone(), Place::at(event.position));
    }

    fn check_wanted(&mut self, topic: &Topic) {
        if !self.is_wanted(topic) {
            self.alarm(format!("{topic} was delivered, but nobody wants it"));
        }
    }

    fn check_content(&mut self, event: &Event) {
        let Payload::Notice(notice) = &event.payload else { return };
        let expected = content_at(&event.topic, event.position);
        if self.source == Source::Honest && notice.text != expected {
            self.alarm(format!("{expected} has the content of {}", notice.text));
        }
    }

    fn start_of_an_empty_log(&self) -> Option<Sequence> {
        (self.source == Source::Honest).then_some(Sequence::START)
    }

    fn alarm(&mut self, text: String) {
        self.alarms.push(text);
    }
}

impl Place {
    fn at(position: Position) -> Self {
        Place { epoch: Some(position.epoch), sequence: Some(position.sequence) }
    }
}
