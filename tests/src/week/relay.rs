//! The relay: the real engine over a store in memory. Pushes wait for the writer and are committed
//! in groups, as in the relay's process; what was not committed when it is killed never was.

mod saboteur;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use tidemark_relay::documents::{DocumentRules, Engine, Limits, MergeByRules, Refusal};
use tidemark_relay::store::{Changes, Keys, MemoryStore, Order, Read as _, Store as _};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{
    Delta, Document, Entity, GroupId, Mutation, MutationId, Push, Pushed, Revision, UserName,
    Version,
};
use tidemark_shared::protocol::{Epoch, Position, Sequence, WireError};

use super::sabotage::Sabotage;
use super::tab::{Asking, LinkKey, TabKey};
use tidemark_shared::outbox::PushId;

/// A push that waits for the writer, and where its answer goes.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Over which connection it came.
    pub link: LinkKey,
    /// Whose question it is.
    pub tab: TabKey,
    /// Which question.
    pub asking: Asking,
    /// Which push of its machine.
    pub id: PushId,
    /// The question.
    pub push: Push,
}

/// What became of a push, and is committed.
#[derive(Debug)]
pub struct Committed {
    /// Of which.
    pub waiting: Waiting,
    /// The answer.
    pub answer: Result<Pushed, WireError>,
    /// How many receipts of it are in the store.
    pub receipts: usize,
    /// What all devices have to be told.
    pub deltas: Vec<Delta>,
}

/// A copy of the store.
#[derive(Clone, Debug)]
struct Backup(Changes);

/// One relay.
pub struct Relay {
    /// Whether its process runs.
    pub is_up: bool,
    user: UserName,
    store: Arc<MemoryStore>,
    engine: Engine<MemoryStore, MergeByRules>,
    waiting: Vec<Waiting>,
    backups: Vec<Backup>,
    sabotage: Sabotage,
    /// What a saboteur remembers of writes that were tampered with.
    tampered: BTreeMap<(GroupId, MutationId), Mutation>,
    forgotten: u128,
}

impl Relay {
    /// A relay that nobody has used.
    #[must_use]
    pub fn new(user: UserName, sabotage: Sabotage) -> Self {
        let store = Arc::new(MemoryStore::new(Epoch(1)));
        Relay {
            is_up: true,
            user,
            engine: engine(&store),
            store,
            waiting: Vec::new(),
            backups: Vec::new(),
            sabotage,
            tampered: BTreeMap::new(),
            forgotten: 0,
        }
    }

    /// Which life of the documents this is.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.store.epoch()
    }

    /// A push has come, and waits for the writer.
    pub fn push(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// How many pushes wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What a push would be answered if it were committed now.
    ///
    /// # Errors
    /// When a rule forbids the push as a whole.
    pub fn foretell(&mut self, push: &Push, now: UnixMillis) -> Result<Pushed, WireError> {
        let mut group = self.engine.begin().expect("memory does not fail");
        let applied = group.apply(&self.user, push, now);
        applied.map(|applied| applied.pushed).map_err(refused)
    }

    /// The writer commits all that waits.
    pub fn commit(&mut self, now: UnixMillis) -> Vec<Committed> {
        let mut committed = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        let tampered: Vec<Push> = waiting.iter().map(|waiting| self.tamper(waiting)).collect();
        let mut group = self.engine.begin().expect("memory does not fail");
        for (waiting, push) in waiting.into_iter().zip(tampered) {
            let (answer, deltas) = match group.apply(&self.user, &push, now) {
                Ok(applied) => (Ok(applied.pushed), applied.deltas),
                Err(refusal) => (Err(refused(refusal)), Vec::new()),
            };
            let receipts = answer.as_ref().map_or(0, |answer| answer.receipts.len());
            committed.push(Committed { waiting, answer, receipts, deltas });
        }
        group.commit().expect("memory does not fail");
        for committed in &mut committed {
            self.embellish(committed);
        }
        committed
    }

    /// The process is killed. It may have been about to commit.
    pub fn kill(&mut self, now: UnixMillis) {
        self.is_up = false;
        let mut group = self.engine.begin().expect("memory does not fail");
        for waiting in std::mem::take(&mut self.waiting) {
            // Whatever comes of it is gone with the group.
            drop(group.apply(&self.user, &waiting.push, now));
        }
        drop(group);
    }

    /// The process starts, and finds what was committed.
    pub fn start(&mut self) {
        self.is_up = true;
        self.engine = engine(&self.store);
    }

    /// A copy of the store is laid aside.
    pub fn back_up(&mut self) {
        self.backups.push(self.copy());
    }

    /// A copy takes the place of the store, while the process does not run. Tells whether there was
    /// one.
    pub fn restore(&mut self, which: u64) -> bool {
        let count = self.backups.len() as u64;
        let Some(which) = which.checked_rem(count).and_then(|which| usize::try_from(which).ok())
        else {
            return false;
        };
        let Backup(changes) = self.backups[which].clone();
        let store = MemoryStore::new(Epoch(self.store.epoch().0 + 1));
        store.write(&changes).expect("memory does not fail");
        self.store = Arc::new(store);
        self.engine = engine(&self.store);
        true
    }

    /// The answer to a pull.
    #[must_use]
    pub fn documents(&self, after: Option<Position>) -> Delta {
        self.engine.documents(&self.user, after).expect("memory does not fail")
    }

    /// All documents.
    #[must_use]
    pub fn all_documents(&self) -> BTreeMap<Entity, Document> {
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let delta = self.documents(after);
            after = Some(delta.position());
            let is_last = delta.to >= delta.head;
            let named = delta.documents.into_iter().map(|found| (found.entity.clone(), found));
            all.extend(named);
            if is_last {
                return all;
            }
        }
    }

    /// The end of the document log.
    #[must_use]
    pub fn head(&self) -> Position {
        let nothing = Position::new(self.epoch(), Sequence(u64::MAX));
        Position::new(self.epoch(), self.documents(Some(nothing)).head)
    }

    /// All that a document was.
    #[must_use]
    pub fn history(&self, entity: &Entity) -> Vec<Revision> {
        let mut all = Vec::new();
        let mut before: Option<Version> = None;
        loop {
            let page = self.engine.history(&self.user, entity, before);
            let page = page.expect("memory does not fail");
            before = page.revisions.last().map(|revision| revision.document.version);
            all.extend(page.revisions);
            if !page.more {
                return all;
            }
        }
    }

    fn copy(&self) -> Backup {
        let mut changes = Changes::new();
        let snapshot = self.store.snapshot().expect("memory does not fail");
        let copied = snapshot.scan(&Keys::all(), Order::Ascending, &mut |key, value| {
            changes.insert(key.to_vec(), Some(value.to_vec()));
            ControlFlow::Continue(())
        });
        copied.expect("memory does not fail");
        Backup(changes)
    }
}

fn engine(store: &Arc<MemoryStore>) -> Engine<MemoryStore, MergeByRules> {
    let rules = DocumentRules { merging: MergeByRules::default(), limits: Limits::default() };
    Engine::new(Arc::clone(store), rules)
}

fn refused(refusal: Refusal) -> WireError {
    match refusal {
        Refusal::Rule(error) => error,
        Refusal::Store(error) => panic!("memory does not fail: {error}"),
    }
}
