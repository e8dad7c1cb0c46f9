//! The end: everybody has the same, and nothing that anybody wrote is gone.

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::documents::{Body, Document, Entity, MutationId, Revision};
use tidemark_shared::outbox::{Item, Pending};
use tidemark_shared::protocol::Position;

use super::Judge;
use super::ledger::{brings, wanted};
use crate::week::mark::{Mark, marks_in, marks_in_body};

/// What a relay has when all is well again.
#[derive(Clone, Debug)]
pub struct RelayAtTheEnd {
    /// Its documents, deleted ones and conflicts too.
    pub documents: BTreeMap<Entity, Document>,
    /// What each of them was.
    pub histories: BTreeMap<Entity, Vec<Revision>>,
    /// Where its log ends.
    pub head: Position,
}

/// What a page has when all is well again.
#[derive(Clone, Debug)]
pub struct DeviceAtTheEnd {
    /// Which, for people.
    pub name: String,
    /// What it has confirmed.
    pub confirmed: BTreeMap<Entity, Document>,
    /// What it shows, and how far its writes have come.
    pub shown: BTreeMap<Entity, (Body, bool, Pending)>,
    /// Its queue.
    pub items: BTreeMap<MutationId, Item>,
    /// Where it stands in the document log.
    pub position: Option<Position>,
}

impl Judge {
    /// Holds the end against everything that was seen before.
    pub fn conclude(&mut self, relay: &RelayAtTheEnd, devices: &[DeviceAtTheEnd]) {
        if relay.documents != *self.log.documents() {
            let told = self.log.documents();
            self.ring(format!(
                "the relay has other documents than it has told of: {:?}",
                difference(&relay.documents, told)
            ));
        }
        for device in devices {
            self.compare(relay, device);
        }
        self.find_losers(relay);
        self.find_everything(relay, devices);
        self.count_outcomes();
    }

    fn compare(&mut self, relay: &RelayAtTheEnd, device: &DeviceAtTheEnd) {
        let name = &device.name;
        let mut alarms = Vec::new();
        if device.position != Some(relay.head) {
            alarms.push(format!("{name} is at {:?}, the relay at {}", device.position, relay.head));
        }
        if device.confirmed != relay.documents {
            let difference = difference(&device.confirmed, &relay.documents);
            alarms.push(format!("{name} has other documents than the relay: {difference:?}"));
        }
        for (entity, (body, deleted, pending)) in &device.shown {
            let confirmed = device.confirmed.get(entity);
            let is_same = match confirmed {
                Some(document) => document.body == *body && document.deleted == *deleted,
                None => *deleted,
            };
            if !is_same || *pending != Pending::Nothing {
                let has = confirmed.map(|document| &document.body);
                alarms.push(format!("{name} shows {entity} as {body:?} {pending:?}, has {has:?}"));
            }
        }
        for item in device.items.values().filter(|item| !item.needs_user()) {
            alarms.push(format!("{name} still has {} in its queue: {item:?}", item.mid()));
        }
        self.alarms.extend(alarms);
    }

    /// Every loser of a conflict can still be read in the conflict's own document.
    fn find_losers(&mut self, relay: &RelayAtTheEnd) {
        let missing: Vec<Entity> =
            self.log.conflicts().filter(|id| !relay.documents.contains_key(id)).collect();
        for conflict in missing {
            self.ring(format!("a receipt names {conflict}, which is not there"));
        }
    }

    /// Everything that was ever saved is somewhere.
    fn find_everything(&mut self, relay: &RelayAtTheEnd, devices: &[DeviceAtTheEnd]) {
        let mut found = relay.marks();
        let items = devices.iter().flat_map(|device| device.items.values());
        found.extend(items.flat_map(|item| wanted(&item.mutation.draft)));
        // What users took away or gave up is in histories, and a restored relay has lost those.
        let is_rewound = |mark: &Mark| {
            let mut saved = self.ledger.saved.values();
            self.rewound.contains(mark) && saved.any(|saved| saved.gives_up(*mark))
        };
        let mut missing = BTreeMap::new();
        for saved in self.ledger.saved.values().filter(|saved| saved.stands()) {
            for mark in wanted(&saved.draft) {
                let is_its_own = brings(&saved.draft, mark);
                let is_excused = || self.excused.contains(&mark) || is_rewound(&mark);
                if is_its_own && !found.contains(&mark) && !is_excused() {
                    missing.entry(mark).or_insert(saved);
                }
            }
        }
        let alarms = missing.iter().map(|(mark, saved)| format!("{mark} is nowhere: {saved:?}"));
        let alarms: Vec<String> = alarms.collect();
        self.alarms.extend(alarms);
    }

    fn count_outcomes(&mut self) {
        let mut alarms = Vec::new();
        for (identity, saved) in &self.ledger.saved {
            if saved.stands() && saved.does_something() && !saved.was_decided {
                alarms.push(format!("{identity:?} has no outcome"));
            }
        }
        self.alarms.extend(alarms);
    }
}

impl RelayAtTheEnd {
    /// All marks that can be read in the relay: in documents, in what they were, in conflicts.
    #[must_use]
    pub fn marks(&self) -> BTreeSet<Mark> {
        let now = self.documents.values().flat_map(|document| marks_in_body(&document.body));
        let past = self.histories.values().flatten().flat_map(|revision| {
            let lost = revision.lost.values().flat_map(|value| marks_in(value.as_ref()));
            lost.chain(marks_in_body(&revision.document.body))
        });
        now.chain(past).collect()
    }
}

/// The documents that are different, as both have them.
fn difference<'a>(
    one: &'a BTreeMap<Entity, Document>,
    other: &'a BTreeMap<Entity, Document>,
) -> Vec<(Option<&'a Document>, Option<&'a Document>)> {
    let entities: BTreeSet<&Entity> = one.keys().chain(other.keys()).collect();
    let pairs = entities.into_iter().map(|entity| (one.get(entity), other.get(entity)));
    pairs.filter(|(one, other)| one != other).collect()
}
