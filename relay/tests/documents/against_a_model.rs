//! The engine beside a map that does the same in the simplest way: whatever is pushed, in whatever
//! order and however often, and wherever the relay dies in between, both come to the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tidemark_relay::documents::{DocumentRules, Engine, Limits, Merging as _};
use tidemark_relay::store::MemoryStore;
use tidemark_shared::clock::Stamp;
use tidemark_shared::documents::{
    Author, Body, Digest, Document, Entity, Mutation, MutationId, Nack, Outcome, Push, Receipt,
    Version,
};
use tidemark_shared::merge::{Merged, State as Becomes};
use tidemark_shared::protocol::Sequence;

use crate::device::{Device, edit};
use crate::plain_merging::PlainMerging;
use crate::world::{EPOCH, NOW, World};

const DEVICES: [(&str, u128); 4] = [("ann", 1), ("ann", 2), ("bob", 3), ("bob", 4)];
const NAMES: [&str; 3] = ["notes/A", "notes/B", "notes/C"];

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_comes_to_the_same_as_the_model(sequential 1..60 => Relay);
}

#[derive(Clone, Debug)]
enum Transition {
    /// A device writes something down; nobody is told.
    Write { device: usize, mutation: Mutation },
    /// A device pushes some of what it has written, old or new.
    Push { device: usize, push: Push },
    /// The group is committed.
    Commit,
    /// The relay dies with the group uncommitted.
    Crash,
}

/// What the relay and the devices have, in the simplest form.
#[derive(Clone, Debug)]
struct Model {
    devices: Vec<(Device, Vec<Mutation>)>,
    /// What is committed.
    kept: Kept,
    /// Pushes of the group that is not committed yet.
    group: Vec<(usize, Push)>,
    /// What the pushes of the last committed group are answered.
    answers: Vec<Answer>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    documents: BTreeMap<(usize, Entity), Document>,
    /// Of each device: the hash and the outcome of each of its writes, and how many are settled.
    outcomes: [Vec<(Digest, Coarse)>; 4],
    settled: [u64; 4],
}

/// The receipts of a push, and why there are no more.
type Answer = (Vec<(MutationId, Coarse)>, Option<Nack>);

/// An outcome, without what only the relay can know.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Coarse {
    Changed(Version),
    Noop(Version),
    Conflict,
}

impl Coarse {
    fn of(receipt: &Receipt) -> Self {
        match &receipt.outcome {
            Outcome::Applied { version } | Outcome::Merged { version, .. } => {
                Coarse::Changed(*version)
            }
            Outcome::Noop { version } => Coarse::Noop(*version),
            Outcome::Conflict { .. } => Coarse::Conflict,
            other => panic!("nothing here is {other:?}"),
        }
    }
}

impl Kept {
    fn push(&mut self, device: usize, push: &Push) -> Answer {
        let last = self.outcomes[device].len() as u64;
        self.settled[device] = self.settled[device].max(push.settled.0.min(last));
        let mut answers = Vec::new();
        for mutation in &push.mutations {
            let (mid, last) = (mutation.mid, self.outcomes[device].len() as u64);
            if mid.0 > last + 1 {
                return (answers, Some(Nack::Gap { expected: MutationId(last + 1) }));
            }
            if mid.0 == last + 1 {
                let outcome = self.apply(device, mutation);
                self.outcomes[device].push((mutation.hash, outcome));
            }
            let index = usize::try_from(mid.0 - 1).unwrap();
            let (hash, outcome) = &self.outcomes[device][index];
            if mid.0 <= self.settled[device] || *hash != mutation.hash {
                return (answers, Some(Nack::Fork { mid }));
            }
            answers.push((mid, outcome.clone()));
        }
        (answers, None)
    }

    fn apply(&mut self, device: usize, mutation: &Mutation) -> Coarse {
        let at = (device / 2, mutation.draft.entity.clone());
        let current = self.documents.get(&at);
        let version = current.map_or(Version::NONE, |current| current.version);
        let device = Device::new(DEVICES[device].0, DEVICES[device].1);
        let author = Author { user: device.user, group: device.group };
        let becomes = match PlainMerging.merge(mutation, &author, current) {
            Merged::Unchanged => return Coarse::Noop(version),
            Merged::Conflict { .. } => return Coarse::Conflict,
            Merged::Changed { becomes, .. } => becomes,
        };
        let (deleted, body) = match becomes {
            Becomes::Body(body) => (false, body),
            Becomes::Deleted => (true, Body::default()),
        };
        let document = Document {
            entity: at.1.clone(),
            version: version.next(),
            sequence: Sequence::START,
            stamp: Stamp::default(),
            author,
            deleted,
            checksum: Digest::of(&body),
            body,
        };
        self.documents.insert(at, document);
        Coarse::Changed(version.next())
    }
}

impl ReferenceStateMachine for Model {
    type State = Model;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Model> {
        let devices = DEVICES.map(|(user, number)| (Device::new(user, number), Vec::new()));
        let (group, answers) = (Vec::new(), Vec::new());
        Just(Model { devices: devices.into(), kept: Kept::default(), group, answers }).boxed()
    }

    fn transitions(state: &Model) -> BoxedStrategy<Transition> {
        let texts = || select(vec![None, Some("a"), Some("b")]);
        let devices = state.devices.clone();
        let write = (0..4_usize, select(NAMES.to_vec()), 0..4_u64, texts(), texts()).prop_map(
            move |(device, name, base, from, to)| {
                let mutation =
                    devices[device].0.clone().write(edit(name, base, &[("text", from, to)]));
                Transition::Write { device, mutation }
            },
        );
        let devices = state.devices.clone();
        let push = (0..4_usize, 0..4_usize, 0..5_usize, 0..4_u64, prop::bool::weighted(0.1))
            .prop_map(move |(device, back, count, settled, is_copy)| {
                let (owner, written) = &devices[device];
                let from = written.len().saturating_sub(back);
                let mut mutations: Vec<_> = written[from..].iter().take(count).cloned().collect();
                if is_copy && let Some(last) = mutations.last_mut() {
                    // A copy of the queue has written something else under this number.
                    let mut draft = last.draft.clone();
                    draft.base_version = Version(0);
                    draft.changes = edit("notes/A", 0, &[("copy", None, Some("x"))]).changes;
                    *last = Mutation::seal(draft, last.mid, owner.user.clone(), last.stamp);
                }
                let mut push = owner.push(mutations);
                push.settled = MutationId((from as u64).saturating_sub(settled));
                Transition::Push { device, push }
            });
        prop_oneof![4 => write, 4 => push, 2 => Just(Transition::Commit), 1 => Just(Transition::Crash)]
            .boxed()
    }

    fn apply(mut state: Model, transition: &Transition) -> Model {
        match transition {
            Transition::Write { device, mutation } => {
                let (owner, written) = &mut state.devices[*device];
                owner.last = mutation.mid;
                written.push(mutation.clone());
            }
            Transition::Push { device, push } => state.group.push((*device, push.clone())),
            Transition::Commit => {
                let group = std::mem::take(&mut state.group);
                state.answers =
                    group.iter().map(|(device, push)| state.kept.push(*device, push)).collect();
            }
            Transition::Crash => state.group.clear(),
        }
        state
    }
}

/// The engine under test.
struct Relay {
    store: Arc<MemoryStore>,
    group: Vec<(usize, Push)>,
}

impl Relay {
    /// A relay that has just been started on the store.
    fn engine(&self) -> Engine<MemoryStore, PlainMerging> {
        let rules = DocumentRules {
            merging: PlainMerging,
            limits: Limits { receipts_kept: 0, ..Limits::default() },
        };
        Engine::new(Arc::clone(&self.store), rules)
    }
}

impl StateMachineTest for Relay {
    type SystemUnderTest = Relay;
    type Reference = Model;

    fn init_test(_: &Model) -> Relay {
        Relay { store: Arc::new(MemoryStore::new(EPOCH)), group: Vec::new() }
    }

    fn apply(mut relay: Relay, model: &Model, transition: Transition) -> Relay {
        match transition {
            Transition::Write { .. } => {}
            Transition::Push { device, push } => relay.group.push((device, push)),
            Transition::Commit => {
                let engine = relay.engine();
                let mut group = engine.begin().unwrap();
                let mut answers = Vec::new();
                for (device, push) in relay.group.drain(..) {
                    let user = DEVICES[device].0.parse().unwrap();
                    let pushed = group.apply(&user, &push, NOW).unwrap().pushed;
                    let receipts = pushed.receipts.iter();
                    let receipts = receipts.map(|got| (got.mid, Coarse::of(got))).collect();
                    answers.push((receipts, pushed.nack));
                }
                group.commit().unwrap();
                assert_eq!(answers, model.answers);
            }
            Transition::Crash => {
                let engine = relay.engine();
                let mut group = engine.begin().unwrap();
                for (device, push) in relay.group.drain(..) {
                    let user = DEVICES[device].0.parse().unwrap();
                    group.apply(&user, &push, NOW).unwrap();
                }
                drop(group);
            }
        }
        relay
    }

    fn check_invariants(relay: &Relay, model: &Model) {
        let world = World { engine: relay.engine(), now: NOW };
        for (index, user) in ["ann", "bob"].into_iter().enumerate() {
            let found = world.documents(&user.parse().unwrap());
            let is_conflict = |one: &&Document| one.entity.collection.as_str() == "conflicts";
            let content = |one: &Document| (one.entity.clone(), one.version, one.body.clone());
            let found_content: BTreeSet<_> =
                found.iter().filter(|one| !is_conflict(one)).map(content).map(told).collect();
            let expected = model.kept.documents.iter().filter(|((owner, _), _)| *owner == index);
            let expected: BTreeSet<_> = expected.map(|(_, one)| told(content(one))).collect();
            assert_eq!(found_content, expected);
            let sequences: Vec<Sequence> = found.iter().map(|one| one.sequence).collect();
            assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
            assert!(found.iter().all(Document::is_intact));
        }
    }
}

/// Comparable, and readable where it differs.
fn told(content: impl std::fmt::Debug) -> String {
    format!("{content:?}")
}
