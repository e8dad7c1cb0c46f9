//! "Whatever I do on the one and the other, they show the same afterwards, and nothing is gone."

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};
use tidemark_shared::clock::Stamp;
use tidemark_shared::documents::{
    Author, Body, Change, Changes, Digest, Document, Draft, Entity, Mutation, MutationId,
    MutationKind, Version, changes_between,
};
use tidemark_shared::merge::{Merged, Rules, State, Strategies, apply};
use tidemark_shared::protocol::Sequence;

use crate::two::{at, author};

/// What may happen. Each has the device that does it.
#[derive(Clone, Debug)]
enum Step {
    /// Changes a field to something that nobody has ever written.
    Edit {
        device: usize,
        field: usize,
    },
    Delete {
        device: usize,
    },
    /// Sends its oldest write.
    Send {
        device: usize,
    },
    /// Hears what there is.
    Hear {
        device: usize,
    },
}

const COLLECTIONS: [(&str, [&str; 3]); 4] = [
    ("watchlists/1", ["name", "items", "position"]),
    ("notes/1", ["text", "colour", "text"]),
    ("alert_rules/1", ["op", "threshold", "message"]),
    ("drawings/1", ["x", "y", "z"]),
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let device = 0_usize..2;
    let step = prop_oneof![
        6 => (device.clone(), 0_usize..3).prop_map(|(device, field)| Step::Edit { device, field }),
        1 => device.clone().prop_map(|device| Step::Delete { device }),
        4 => device.clone().prop_map(|device| Step::Send { device }),
        3 => device.prop_map(|device| Step::Hear { device }),
    ];
    prop::collection::vec(step, 1..40)
}

/// A device: what the relay has told it, and what it has written since.
struct Device {
    author: Author,
    confirmed: Option<Document>,
    unsent: VecDeque<Mutation>,
    /// Its clock is wrong by so many seconds.
    skew: i64,
}

impl Device {
    /// What its user sees.
    fn seen(&self) -> Option<Body> {
        let confirmed = self.confirmed.as_ref().filter(|document| !document.deleted);
        let mut seen = confirmed.map(|document| document.body.clone());
        for mutation in &self.unsent {
            match mutation.draft.kind {
                MutationKind::Delete => seen = None,
                MutationKind::Edit => {
                    let body = seen.get_or_insert_default();
                    for (field, change) in &mutation.draft.changes {
                        match &change.to {
                            Some(value) => body.0.insert(field.clone(), value.clone()),
                            None => body.0.remove(field),
                        };
                    }
                }
            }
        }
        seen
    }

    fn write(
        &mut self,
        kind: MutationKind,
        changes: Changes,
        entity: &Entity,
        stamp: Stamp,
        mid: u64,
    ) {
        let base_version = self.confirmed.as_ref().map_or(Version::NONE, |known| known.version);
        let draft = Draft {
            kind,
            entity: entity.clone(),
            base_version,
            changes,
            policy: None,
            valid_until: None,
            conflict: None,
        };
        let user = self.author.user.clone();
        self.unsent.push_back(Mutation::seal(draft, MutationId(mid), user, stamp));
    }
}

/// What a relay writes down of what it merges.
#[derive(Clone, Copy, Default, PartialEq)]
enum Memory {
    #[default]
    Everything,
    /// Only what has won: a relay that must be found out.
    Winners,
}

/// The relay: one document, its history, and what waits for the user.
#[derive(Default)]
struct Relay {
    memory: Memory,
    document: Option<Document>,
    history: Vec<Value>,
    waiting: Vec<Value>,
    outcomes: BTreeMap<MutationId, &'static str>,
}

impl Relay {
    fn take(&mut self, mutation: &Mutation, author: &Author) {
        let rules = Rules::default();
        let current = self.document.as_ref();
        let outcome = match apply(&rules, &Strategies::default(), mutation, author, current) {
            Merged::Unchanged => "noop",
            Merged::Conflict { .. } => {
                self.waiting.push(json!(mutation.draft.changes));
                "conflict"
            }
            Merged::Changed { becomes, lost, .. } => {
                let (body, deleted) = match becomes {
                    State::Body(body) => (body, false),
                    State::Deleted => (Body::default(), true),
                };
                self.history.push(json!(body));
                if self.memory == Memory::Everything {
                    self.history.push(json!(lost));
                }
                let version = current.map_or(Version::NONE, |document| document.version).next();
                let stamp = current.map_or(mutation.stamp, |there| there.stamp.max(mutation.stamp));
                self.document = Some(Document {
                    entity: mutation.draft.entity.clone(),
                    version,
                    sequence: Sequence(version.0),
                    stamp,
                    author: author.clone(),
                    deleted,
                    checksum: Digest::of(&body),
                    body,
                });
                "applied"
            }
        };
        assert_eq!(self.outcomes.insert(mutation.mid, outcome), None, "decided twice");
    }

    /// Whether something that somebody wrote can be found.
    fn remembers(&self, token: &str) -> bool {
        let everything = json!([self.history, self.waiting]).to_string();
        everything.contains(token)
    }
}

struct Life {
    entity: Entity,
    fields: [&'static str; 3],
    devices: [Device; 2],
    relay: Relay,
    mid: u64,
    /// All that was ever sent.
    tokens: Vec<String>,
}

impl Life {
    fn new(collection: usize, skews: [i64; 2]) -> Self {
        let (entity, fields) = COLLECTIONS[collection];
        let device = |group, skew| Device {
            author: author(group),
            confirmed: None,
            unsent: VecDeque::new(),
            skew,
        };
        Life {
            entity: entity.parse().unwrap(),
            fields,
            devices: [device(1, skews[0]), device(2, skews[1])],
            relay: Relay::default(),
            mid: 0,
            tokens: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Edit { device, field } => self.edit(device, field),
            Step::Delete { device } => self.delete(device),
            Step::Send { device } => self.send(device),
            Step::Hear { device } => self.devices[device].confirmed = self.relay.document.clone(),
        }
    }

    fn edit(&mut self, device: usize, field: usize) {
        self.mid += 1;
        let token = format!("t{}.", self.mid);
        let field = self.fields[field];
        let stamp = at(self.mid as i64 + self.devices[device].skew);
        let seen = self.devices[device].seen().unwrap_or_default();
        let before = seen.get(field).cloned();
        let after = match (field, &before) {
            ("items", Some(Value::Array(items))) => {
                let mut items = items.clone();
                items.insert(self.mid as usize % (items.len() + 1), json!(token));
                json!(items)
            }
            ("items", _) => json!([token]),
            ("text", Some(Value::String(text))) if self.mid.is_multiple_of(2) => {
                json!(format!("{token}\n{text}"))
            }
            ("text", Some(Value::String(text))) => json!(format!("{text}\n{token}")),
            _ => json!(token),
        };
        let mut wanted = seen.clone();
        wanted.0.insert(field.parse().unwrap(), after);
        self.tokens.push(token);
        let changes = changes_between(&seen, &wanted);
        self.devices[device].write(MutationKind::Edit, changes, &self.entity, stamp, self.mid);
    }

    fn delete(&mut self, device: usize) {
        let Some(seen) = self.devices[device].seen() else { return };
        self.mid += 1;
        let stamp = at(self.mid as i64 + self.devices[device].skew);
        let changes = seen
            .0
            .into_iter()
            .map(|(field, value)| (field, Change { from: Some(value), to: None }));
        let changes = changes.collect();
        self.devices[device].write(MutationKind::Delete, changes, &self.entity, stamp, self.mid);
    }

    fn send(&mut self, device: usize) {
        let device = &mut self.devices[device];
        if let Some(mutation) = device.unsent.pop_front() {
            self.relay.take(&mutation, &device.author);
            // The receipt says where the log stands; the device has heard all up to there.
            device.confirmed = self.relay.document.clone();
        }
    }

    /// The network heals: all is sent, and all is heard.
    fn settle(&mut self) {
        while self.devices.iter().any(|device| !device.unsent.is_empty()) {
            self.send(0);
            self.send(1);
        }
        for device in &mut self.devices {
            device.confirmed = self.relay.document.clone();
        }
    }
}

#[test]
fn a_relay_that_forgets_losers_is_found_out() {
    let found_out = |memory| {
        let mut life = Life::new(0, [0, -300]);
        life.relay.memory = memory;
        life.edit(0, 0);
        life.edit(1, 0);
        life.settle();
        !life.tokens.iter().all(|token| life.relay.remembers(token))
    };
    assert!(found_out(Memory::Winners));
    assert!(!found_out(Memory::Everything));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn and_nothing_that_was_written_is_gone(
        collection in 0_usize..COLLECTIONS.len(),
        skews in prop::array::uniform2(-300_i64..300),
        steps in steps(),
    ) {
        let mut life = Life::new(collection, skews);
        steps.iter().for_each(|step| life.step(step));
        life.settle();
        prop_assert_eq!(life.devices[0].seen(), life.devices[1].seen());
        prop_assert_eq!(life.relay.outcomes.len() as u64, life.mid, "each write has one outcome");
        for token in &life.tokens {
            prop_assert!(life.relay.remembers(token), "{} is gone", token);
        }
    }

    #[test]
    fn one_device_alone_is_never_asked(
        collection in 0_usize..COLLECTIONS.len(),
        steps in steps(),
    ) {
        let mut life = Life::new(collection, [0, 0]);
        for step in &steps {
            let alone = match step.clone() {
                Step::Edit { field, .. } => Step::Edit { device: 0, field },
                Step::Delete { .. } => Step::Delete { device: 0 },
                Step::Send { .. } => Step::Send { device: 0 },
                Step::Hear { .. } => Step::Hear { device: 0 },
            };
            // A device hears of its own writes in order, and of none that it has not sent.
            life.step(&alone);
        }
        let wanted = life.devices[0].seen();
        life.settle();
        prop_assert_eq!(life.devices[0].seen(), wanted);
        prop_assert!(life.relay.waiting.is_empty(), "{:?}", life.relay.waiting);
    }
}
