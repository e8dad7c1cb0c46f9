//! The relay's documents began anew, from a backup or empty: what it has lost is sent to it again.
//!
//! In this order, and from the start again whenever anything breaks off:
//!
//! 1. All documents are pulled, beside those that were confirmed before, which stay on the screen.
//! 2. The relay is asked how far it knows the queue: a write with an absurd number does nothing but
//!    make it say which number it waits for.
//! 3. Writes below that number are sent under the queue's old name: the relay knows their outcomes.
//! 4. In one change of the rows the queue takes a new name. What was confirmed and is lost comes
//!    first, then what was accepted and is lost, then what was never decided. None of these can the
//!    relay know, so nothing is done twice.
//! 5. Only then do the new documents take the place of the old ones, here and in the cache.

use super::pulling::is_whole;
use super::reinstatement::lost_documents;
use super::replica::Replica;
use super::sending::{Why, batch};
use super::write::nothing;
use super::{Item, KEPT_FROM, Numbering, Outbox, Output, Restored, Write};
use crate::clock::Stamp;
use crate::documents::{
    Collection, Delta, DocumentId, Entity, GroupId, Mutation, MutationId, Nack,
};
use crate::protocol::Epoch;

/// No queue counts so far: [`KEPT_FROM`] is where rows begin that are no numbers of a queue.
const PROBE: MutationId = KEPT_FROM;

/// A restoration that is under way.
#[derive(Debug, Default)]
pub(super) struct Restoring {
    /// The relay's documents as they are now.
    pub(super) staged: Replica,
    is_complete: bool,
    /// The queue's name, when the relay went back without beginning a new epoch: that the epoch is
    /// known means nothing then.
    went_back: Option<GroupId>,
    /// The number of the queue that the relay waits for, once it was asked.
    expected: Option<MutationId>,
    is_settled: bool,
    reinstated: usize,
}

impl Restoring {
    pub(super) fn take(&mut self, delta: Delta) {
        self.is_complete |= delta.to == delta.head;
        self.staged.take(delta);
    }
}

impl Outbox {
    /// The relay has less than it had, in the same epoch.
    pub(super) fn restore_lost(&mut self) {
        self.restore_from_nothing();
        let group = self.rows.meta().map(|meta| meta.group.clone());
        if let Some(restoring) = &mut self.restoring {
            restoring.went_back = group;
        }
    }

    /// The relay has other documents than were known; they are to be asked for.
    pub(super) fn restore_from_nothing(&mut self) {
        self.restoring = Some(Restoring::default());
        self.pulling.forget();
        self.pulling.want();
    }

    /// The relay has other documents than were known, and this is a piece of them.
    pub(super) fn restore_into(&mut self, delta: Delta) {
        self.restore_from_nothing();
        if is_whole(&delta) {
            self.take_undamaged(delta);
        }
    }

    /// The queue's outcomes belong to one epoch and the documents to another: whoever is behind,
    /// they are to be squared before anything is sent.
    pub(super) fn notice_other_epoch(&mut self) {
        let own = self.rows.meta().and_then(|meta| meta.epoch);
        let (Some(own), Some(known)) = (own, self.confirmed.epoch()) else { return };
        if own != known && self.restoring.is_none() {
            self.restore_from_nothing();
        }
    }

    /// Does the next step, if there is one now.
    pub(super) fn restore(&mut self) {
        let Some(restoring) = &self.restoring else { return };
        let Some(epoch) = restoring.staged.epoch().filter(|_| restoring.is_complete) else {
            return;
        };
        let Some(meta) = self.rows.meta() else { return };
        let known = self.confirmed.epoch();
        // Another tab may have been faster.
        let is_left_to_do = restoring.went_back.as_ref() == Some(&meta.group) && self.is_holding;
        let is_squared = meta.epoch == Some(epoch) && !is_left_to_do;
        if is_squared || (known.is_none() && meta.epoch.is_none()) {
            return self.adopt();
        }
        let from = meta.group.clone();
        match restoring.expected {
            _ if !self.is_holding => {}
            None if self.may_know_open_writes() => {
                self.probe(epoch);
            }
            None => self.square(from, None, epoch),
            Some(expected) if !restoring.is_settled => self.settle(expected, epoch),
            Some(expected) => self.square(from, Some(expected), epoch),
        }
    }

    /// The relay answered a probe.
    pub(super) fn probed(&mut self, nack: Option<Nack>) {
        match nack {
            Some(Nack::Gap { expected }) => {
                self.sending.retry.succeeded();
                self.expect(expected);
            }
            Some(Nack::NewEpoch) => {
                self.sending.retry.failed(self.now.moment);
                self.restore_from_nothing();
            }
            // It knows nothing of ours.
            Some(Nack::WrongUser) => self.expect(MutationId::NONE.next()),
            Some(Nack::Fork { .. }) | None => self.sending.retry.failed(self.now.moment),
        }
    }

    /// All that the relay still knows of the queue has its outcome.
    pub(super) fn settled(&mut self) {
        if let Some(restoring) = &mut self.restoring {
            restoring.is_settled = true;
        }
    }

    fn expect(&mut self, expected: MutationId) {
        if let Some(restoring) = &mut self.restoring {
            restoring.expected = Some(expected);
        }
        self.restore();
    }

    /// Whether the relay may have seen writes whose fate is not sure.
    fn may_know_open_writes(&self) -> bool {
        let is_sent = self.rows.undecided().next().is_some_and(|item| !item.is_saved());
        is_sent || self.rows.accepted().next().is_some()
    }

    fn probe(&mut self, epoch: Epoch) {
        if !self.can_send() {
            return;
        }
        let Some(meta) = self.rows.meta() else { return };
        let id: DocumentId = "probe".parse().expect("a document's name");
        let nothing = nothing(&Entity::new(Collection::settings(), id));
        let probe = Mutation::seal(nothing, PROBE, meta.user.clone(), Stamp::default());
        self.push(vec![probe], epoch, Why::Probe);
    }

    fn settle(&mut self, expected: MutationId, epoch: Epoch) {
        let is_known = |item: &&Item| !item.is_saved() && item.mid() < expected;
        let batch = batch(self.rows.undecided().take_while(is_known));
        if !batch.is_empty() {
            if self.can_send() {
                self.send_batch(&batch, epoch, Why::Settle);
            }
            return;
        }
        self.settled();
        self.restore();
    }

    fn square(&mut self, from: GroupId, expected: Option<MutationId>, epoch: Epoch) {
        if !self.writing.is_free() || self.sending.has_outcomes() {
            return;
        }
        let Some(restoring) = &mut self.restoring else { return };
        let documents = lost_documents(&self.confirmed, &restoring.staged);
        restoring.reinstated = documents.len();
        let confirmed = self.confirmed.position;
        let numbering = match restoring.went_back {
            Some(_) => Numbering::WentBack,
            None => Numbering::NewEpoch,
        };
        let restored = Some(Restored { epoch, numbering, expected, confirmed, documents });
        let to = self.new_group();
        self.write(Write::Regroup { from, to, restored });
    }

    fn adopt(&mut self) {
        let Some(restoring) = self.restoring.take() else { return };
        self.note_all_views();
        let new = restoring.staged.documents.keys().cloned().collect::<Vec<_>>();
        new.into_iter().for_each(|entity| self.note_view(entity));
        self.confirmed = restoring.staged;
        self.keep_all();
        if restoring.reinstated > 0 {
            self.outputs.push_back(Output::Reinstated { documents: restoring.reinstated });
        }
    }
}
