//! The promises, held against what one application was given. It is told what was published and
//! what was delivered, and knows nothing of relays, wires and machines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    Delivery as Kind, Epoch, Event, Pattern, Position, Sequence, Topic, WhyNotRecovered,
};
use tidemark_shared::session::Delivery;

use super::market::Ledger;

/// What the relay has promised to retain.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// So many messages of a log.
    pub count: usize,
    /// None of them older than this.
    pub age: Duration,
}

/// Follows one application.
#[derive(Debug)]
pub struct Judge {
    promise: Promise,
    wanted: BTreeSet<Pattern>,
    places: BTreeMap<Topic, Place>,
    alarms: Vec<String>,
    /// What was seen, so that a test can tell that something was.
    pub seen: Seen,
}

/// How often each thing was delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Events in order.
    pub events: u64,
    /// Snapshots at a fresh start.
    pub starts: u64,
    /// Snapshots because the window was past.
    pub expired: u64,
    /// Snapshots because of a new numbering.
    pub renumbered: u64,
    /// Messages that were skipped.
    pub skipped: u64,
}

/// The last message of a topic that the application was given, or was told that it will not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The log was empty: the first message of some numbering comes next.
    Empty,
    At(Position),
}

impl Seen {
    /// Adds what another one has seen.
    pub const fn add(&mut self, other: &Seen) {
        self.events += other.events;
        self.starts += other.starts;
        self.expired += other.expired;
        self.renumbered += other.renumbered;
        self.skipped += other.skipped;
    }
}

impl Judge {
    /// A judge of an application that wants nothing yet.
    #[must_use]
    pub const fn new(promise: Promise) -> Self {
        Judge {
            promise,
            wanted: BTreeSet::new(),
            places: BTreeMap::new(),
            alarms: Vec::new(),
            seen: Seen { events: 0, starts: 0, expired: 0, renumbered: 0, skipped: 0 },
        }
    }

    /// The application asks for something. What it has already, it goes on from.
    pub fn wants(&mut self, pattern: Pattern) {
        self.wanted.insert(pattern);
    }

    /// The application gives something back, and forgets what it had.
    pub fn wants_no_more(&mut self, pattern: &Pattern) {
        self.wanted.remove(pattern);
        let wanted = &self.wanted;
        self.places.retain(|topic, _| wanted.iter().any(|pattern| pattern.matches(topic)));
    }

    /// What the application wants, each with the place that it would keep over a reload.
    #[must_use]
    pub fn wishes(&self) -> Vec<(Pattern, Option<Position>)> {
        let wish = |pattern: &Pattern| {
            let place = match pattern {
                Pattern::One(topic) => self.position(topic),
                Pattern::All(_) => None,
            };
            (pattern.clone(), place)
        };
        self.wanted.iter().map(wish).collect()
    }

    /// The page was loaded anew: it has kept what [`Judge::wishes`] gave it, and nothing else.
    pub fn reloaded(&mut self) {
        let named: BTreeSet<Topic> = self
            .wishes()
            .into_iter()
            .filter_map(|(pattern, place)| match (pattern, place) {
                (Pattern::One(topic), Some(_)) => Some(topic),
                _ => None,
            })
            .collect();
        self.places.retain(|topic, _| named.contains(topic));
    }

    /// The last message had.
    #[must_use]
    pub fn position(&self, topic: &Topic) -> Option<Position> {
        match self.places.get(topic) {
            Some(Place::At(position)) => Some(*position),
            Some(Place::Empty) | None => None,
        }
    }

    /// Whether any wish is for this topic.
    #[must_use]
    pub fn is_wanted(&self, topic: &Topic) -> bool {
        self.wanted.iter().any(|pattern| pattern.matches(topic))
    }

    /// What was wrong so far.
    #[must_use]
    pub fn alarms(&self) -> &[String] {
        &self.alarms
    }

    /// The application was given something. `now` is the relay's time.
    pub fn delivered(&mut self, delivery: &Delivery, ledger: &Ledger, now: UnixMillis) {
        match delivery {
            Delivery::Event(event) => self.event(event, ledger),
            Delivery::Snapshot { event, topic, lost } => {
                self.snapshot(topic, event.as_ref(), *lost, ledger, now);
            }
            Delivery::Skipped { topic, from, to } => self.skipped(topic, *from, *to, ledger),
            Delivery::Fresh { topic, as_of } => {
                self.check_wanted(topic);
                if *as_of > now {
                    self.alarm(format!("{topic} is called true until {as_of}, and it is {now}"));
                }
            }
            Delivery::Refused { topic, .. } => {
                if !self.wanted.contains(topic) {
                    self.alarm(format!("{topic} was refused, but nobody wants it"));
                }
            }
        }
    }

    fn event(&mut self, event: &Event, ledger: &Ledger) {
        self.seen.events += 1;
        self.check_real(event, ledger);
        let (topic, at) = (&event.topic, event.position);
        let place = self.places.insert(topic.clone(), Place::At(at));
        let wrong = match place {
            None => Some("came before anything else did"),
            Some(Place::Empty) if at.sequence.0 == 1 => None,
            Some(Place::Empty) => Some("came in an empty log"),
            Some(Place::At(last)) if at.epoch != last.epoch => Some("changed its numbering"),
            Some(Place::At(last)) if at.sequence == last.sequence => Some("came twice"),
            Some(Place::At(last)) if at.sequence < last.sequence => Some("came out of order"),
            Some(Place::At(last)) if at.sequence > last.sequence.next() => {
                Some("came after a hole")
            }
            Some(Place::At(_)) => None,
        };
        if let Some(wrong) = wrong {
            self.alarm(format!("{topic} {at} {wrong}: after {place:?}"));
        }
    }

    fn snapshot(
        &mut self,
        topic: &Topic,
        event: Option<&Event>,
        lost: Option<WhyNotRecovered>,
        ledger: &Ledger,
        now: UnixMillis,
    ) {
        self.check_wanted(topic);
        if let Some(event) = event {
            self.check_real(event, ledger);
        }
        let next = event.map_or(Place::Empty, |event| Place::At(event.position));
        let before = self.places.insert(topic.clone(), next);
        let wrong = match (before, lost) {
            (None, None) => {
                self.seen.starts += 1;
                None
            }
            (None, Some(_)) => Some("has lost something that nobody had"),
            (Some(_), None) => Some("starts over without a reason"),
            (Some(before), Some(WhyNotRecovered::NewEpoch)) => {
                self.seen.renumbered += 1;
                is_same_numbering(before, next).then_some("calls the same numbering a new one")
            }
            (Some(before), Some(WhyNotRecovered::Expired)) => {
                self.seen.expired += 1;
                self.why_not_expired(topic, before, next, ledger, now)
            }
            // No relay here goes back to an older numbering, and none has a hole.
            (Some(_), Some(WhyNotRecovered::Ahead)) => Some("says that we are ahead of it"),
            (Some(_), Some(WhyNotRecovered::Gap)) => Some("has a gap within its window"),
        };
        if let Some(wrong) = wrong {
            self.alarm(format!("{topic} {wrong}: {next:?} after {before:?}, {lost:?}"));
        }
    }

    /// Whether the message that should have come next was still promised.
    fn why_not_expired(
        &self,
        topic: &Topic,
        before: Place,
        next: Place,
        ledger: &Ledger,
        now: UnixMillis,
    ) -> Option<&'static str> {
        let Place::At(next) = next else { return Some("lost what an empty log retains") };
        let before = match before {
            Place::At(before) => before,
            Place::Empty => Position::new(next.epoch, Sequence::START),
        };
        if next.epoch != before.epoch || next.sequence <= before.sequence {
            return Some("went back");
        }
        let missing = Position::new(before.epoch, before.sequence.next());
        let Some(first_lost) = ledger.at(topic, missing) else {
            return Some("lost what was never published");
        };
        let newer = ledger.end(topic, before.epoch).saturating_sub(missing.sequence.0);
        let over_count = newer >= self.promise.count as u64;
        let over_age = first_lost.at + self.promise.age < now;
        (!over_count && !over_age).then_some("lost what was still to be retained")
    }

    fn skipped(&mut self, topic: &Topic, from: Sequence, to: Sequence, ledger: &Ledger) {
        self.check_wanted(topic);
        self.seen.skipped += (to.0 + 1).saturating_sub(from.0);
        let place = self.places.get(topic).copied();
        let wrong = match place {
            _ if topic.class().delivery() != Kind::Latest => Some("must not be skipped in"),
            _ if to < from => Some("skips nothing"),
            None => Some("skips before anything else came"),
            Some(Place::At(last)) if from != last.sequence.next() => Some("skips elsewhere"),
            Some(Place::At(last)) if to.0 >= ledger.end(topic, last.epoch) => {
                Some("skips the newest")
            }
            Some(Place::Empty) if from.0 != 1 => Some("skips elsewhere"),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            self.alarm(format!("{topic} {wrong}: {from} to {to} after {place:?}"));
        }
        // In a log that was empty, the numbering is the one that is read now.
        let newest = ledger.newest(topic).map_or(Epoch::default(), |newest| newest.epoch);
        let epoch = match place {
            Some(Place::At(last)) => last.epoch,
            Some(Place::Empty) | None => newest,
        };
        self.places.insert(topic.clone(), Place::At(Position::new(epoch, to)));
    }

    /// Whether a message is one that was published, there and with that content.
    fn check_real(&mut self, event: &Event, ledger: &Ledger) {
        self.check_wanted(&event.topic);
        match ledger.at(&event.topic, event.position) {
            None => self.alarm(format!("{} {} is invented", event.topic, event.position)),
            Some(published) if published.payload != event.payload => {
                self.alarm(format!("{} {} says something else", event.topic, event.position));
            }
            Some(_) => {}
        }
    }

    fn check_wanted(&mut self, topic: &Topic) {
        if !self.is_wanted(topic) {
            self.alarm(format!("{topic} was delivered, but nobody wants it"));
        }
    }

    fn alarm(&mut self, text: String) {
        self.alarms.push(text);
    }
}

fn is_same_numbering(before: Place, next: Place) -> bool {
    match (before, next) {
        (Place::At(before), Place::At(next)) => before.epoch == next.epoch,
        _ => false,
    }
}
