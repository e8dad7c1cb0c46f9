//! A group of pushes, taken in and committed together.

use std::sync::Arc;

use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{
    Delta, Entity, GroupId, HistoryPage, MutationId, Nack, Push, Pushed, Receipt, UserName, Version,
};
use tidemark_shared::protocol::{ErrorCode, Position, WireError};

use super::keys::Space;
use super::ledger::Ledger;
use super::limits::Limits;
use super::merging::Merging;
use super::pages;
use super::permits::Who;
use super::shelf::{Numbers, Receipted, Shelf};
use super::step::Step;
use crate::store::{Store, StoreError, Transaction};

/// Most writes of one push. Clients send fifty; the receipts of so many fit into one frame.
const MUTATIONS_PER_PUSH_MAX: usize = 100;

/// The rules that documents are kept by.
#[derive(Debug)]
pub struct DocumentRules<M> {
    /// How writes are merged and bodies checked.
    pub merging: M,
    /// How much one user may have.
    pub limits: Limits,
}

/// The users' documents. Cheap to clone: all clones have the same documents.
#[derive(Debug)]
pub struct Engine<S, M> {
    store: Arc<S>,
    rules: Arc<DocumentRules<M>>,
}

/// Pushes that are committed together.
pub struct Group<'e, S: Store, M> {
    transaction: Transaction<'e, S>,
    rules: &'e DocumentRules<M>,
}

/// What became of a push. True once its group is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The answer.
    pub pushed: Pushed,
    /// What the user's devices have to be told, in this order.
    pub deltas: Vec<Delta>,
}

/// Why a push was not taken in. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A rule.
    #[error(transparent)]
    Rule(#[from] WireError),
    /// The store: nothing can go on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store, M: Merging> Engine<S, M> {
    /// The documents in a store.
    #[must_use]
    pub fn new(store: Arc<S>, rules: DocumentRules<M>) -> Self {
        Engine { store, rules: Arc::new(rules) }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &DocumentRules<M> {
        &self.rules
    }

    /// Begins a group; waits for the one before to end.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin(&self) -> Result<Group<'_, S, M>, StoreError> {
        Ok(Group { transaction: Transaction::begin(&*self.store)?, rules: &self.rules })
    }

    /// A user's documents after a place in their log, as many as fit into a frame. Ask again from
    /// where the answer ends until that is its head.
    ///
    /// # Errors
    /// When the store fails.
    pub fn documents(&self, user: &UserName, after: Option<Position>) -> Result<Delta, StoreError> {
        let snapshot = self.store.snapshot()?;
        Shelf::new(&snapshot, &Space::of(user)).delta(self.store.epoch(), after)
    }

    /// What a user's document was before a version, newest first, as much as fits into a frame.
    ///
    /// # Errors
    /// When the store fails.
    pub fn history(
        &self,
        user: &UserName,
        entity: &Entity,
        before: Option<Version>,
    ) -> Result<HistoryPage, StoreError> {
        let snapshot = self.store.snapshot()?;
        Shelf::new(&snapshot, &Space::of(user)).history(entity, before)
    }
}

impl<S, M> Clone for Engine<S, M> {
    fn clone(&self) -> Self {
        Engine { store: Arc::clone(&self.store), rules: Arc::clone(&self.rules) }
    }
}

impl<S: Store, M: Merging> Group<'_, S, M> {
    /// Takes in a push of a user who may write everything of theirs. As [`Self::apply_for`].
    ///
    /// # Errors
    /// As [`Self::apply_for`].
    pub fn apply(
        &mut self,
        user: &UserName,
        push: &Push,
        now: UnixMillis,
    ) -> Result<Applied, Refusal> {
        self.apply_for(&Who::unrestricted(user.clone()), push, now)
    }

    /// Takes in a push. What comes of it is true only once the group is committed. A write that is
    /// not permitted is rejected and keeps its receipt: it was answered once, and is answered so
    /// again even when its author may do more by then.
    ///
    /// # Errors
    /// When a rule forbids the push as a whole, or the store fails. The push has changed nothing
    /// then; after a failure of the store nothing of the group may be committed.
    pub fn apply_for(
        &mut self,
        who: &Who,
        push: &Push,
        now: UnixMillis,
    ) -> Result<Applied, Refusal> {
        let Who { user, permits } = who;
        let epoch = self.transaction.store().epoch();
        let nothing = |nack| {
            let pushed = Pushed { epoch, receipts: Vec::new(), nack };
            Ok(Applied { pushed, deltas: Vec::new() })
        };
        if push.mutations.len() > MUTATIONS_PER_PUSH_MAX {
            let message = format!(
                "a push holds at most {MUTATIONS_PER_PUSH_MAX} writes; nothing was done: send \
                 them in several"
            );
            return Err(WireError::new(ErrorCode::LimitExceeded, message)
                .of_limit("push_writes_max", MUTATIONS_PER_PUSH_MAX as u64)
                .into());
        }
        if push.epoch.is_some_and(|known| known != epoch) {
            return nothing(Some(Nack::NewEpoch));
        }
        let mut ledger = Ledger::open(&mut self.transaction, user, self.rules.limits)?;
        let owner = ledger.owner_of(user, &push.group)?;
        if owner.as_ref().is_some_and(|owner| owner != user) {
            return nothing(Some(Nack::WrongUser));
        }
        let before = ledger.head();
        let mut queue = Queue {
            numbers: ledger.shelf().numbers(&push.group)?,
            is_new: owner.is_none(),
            group: &push.group,
        };
        let told = push.settled.min(queue.numbers.last).max(queue.numbers.settled);
        queue.has_room_for(push.mutations.len(), told, self.rules.limits)?;
        let forgotten = MutationId(told.0.saturating_sub(self.rules.limits.receipts_kept));
        if forgotten > queue.numbers.settled {
            ledger.settle(&push.group, forgotten)?;
            queue.numbers.settled = forgotten;
            ledger.put_numbers(&push.group, queue.numbers);
        }
        let mut pushed = Pushed { epoch, receipts: Vec::new(), nack: None };
        for mutation in &push.mutations {
            let step = Step { rules: self.rules, user, permits, group: &push.group, mutation, now };
            match queue.take(&mut ledger, &step)? {
                Ok(receipt) => pushed.receipts.push(receipt),
                Err(nack) => {
                    pushed.nack = Some(nack);
                    break;
                }
            }
        }
        let head = ledger.head();
        let deltas = pages::cut(epoch, before, head, ledger.close());
        Ok(Applied { pushed, deltas })
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// When the store fails. Whether the group was committed is known only after the store was
    /// opened again; nothing of it may be answered.
    pub fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit()
    }
}

/// A queue whose writes are being taken in.
struct Queue<'p> {
    group: &'p GroupId,
    numbers: Numbers,
    is_new: bool,
}

impl Queue<'_> {
    fn take<S: Store, M: Merging>(
        &mut self,
        ledger: &mut Ledger<'_, '_, S>,
        step: &Step<'_, M>,
    ) -> Result<Result<Receipt, Nack>, Refusal> {
        let Step { user, mutation, now, .. } = *step;
        let mid = mutation.mid;
        if mid <= self.numbers.settled {
            return Ok(Err(Nack::Fork { mid }));
        }
        if mid <= self.numbers.last {
            let known = ledger.shelf().receipt(self.group, mid)?;
            let known = known.filter(|known| known.hash == mutation.hash);
            return Ok(known.map(|known| known.receipt).ok_or(Nack::Fork { mid }));
        }
        let expected = self.numbers.last.next();
        if mid != expected {
            return Ok(Err(Nack::Gap { expected }));
        }
        if self.is_new {
            ledger.take_group(self.group, user)?;
            self.is_new = false;
        }
        let outcome = step.take_in(ledger)?;
        let receipt = Receipt { mid, outcome, sequence: ledger.head(), at: now };
        ledger
            .put_receipt(self.group, &Receipted { hash: mutation.hash, receipt: receipt.clone() });
        self.numbers.last = mid;
        ledger.put_numbers(self.group, self.numbers);
        Ok(Ok(receipt))
    }

    /// Whether the receipts of so many writes can be kept. Asked before the first of them is taken
    /// in: a push is refused as a whole or not at all.
    fn has_room_for(
        &self,
        writes: usize,
        settled: MutationId,
        limits: Limits,
    ) -> Result<(), WireError> {
        let kept = self.numbers.last.0.saturating_sub(settled.0);
        if kept + writes as u64 <= limits.receipts_per_group_max {
            return Ok(());
        }
        let message = "too many receipts of this queue wait to be settled; nothing was done: push \
                       again with `settled`";
        Err(WireError::new(ErrorCode::LimitExceeded, message)
            .of_limit("documents.receipts_per_group_max", limits.receipts_per_group_max))
    }
}
