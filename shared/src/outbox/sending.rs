//! What waits, to the relay: one batch at a time, in order, again until it is answered.

use super::waiting::{ANSWER_WITHIN, Retry};
use super::write::len_bytes;
use super::{Failure, Item, Outbox, Output, PushId, Write};
use crate::clock::Moment;
use crate::documents::{GroupId, Mutation, MutationId, Nack, Push, Pushed};
use crate::protocol::{Epoch, FRAME_BYTES_MAX};

/// Longest JSON of a [`Push`]; what a frame takes beyond it is for the request around it.
pub(super) const PUSH_BYTES_MAX: usize = FRAME_BYTES_MAX - 8 * 1024;

/// What a [`Push`] takes beside its writes: four names and numbers, with room for longer ones.
const ENVELOPE_BYTES: usize = 512;

/// Most writes in one batch: what a relay applies in one go without keeping others waiting.
const BATCH_MAX: usize = 50;

/// What is on its way to the relay.
#[derive(Debug)]
pub(super) struct Sending {
    asked: Option<Asked>,
    /// Outcomes that came and are not in the rows yet. Nothing is sent before they are.
    outcomes: Option<Write>,
    pushes: u64,
    pub(super) retry: Retry,
}

#[derive(Debug)]
struct Asked {
    id: PushId,
    group: GroupId,
    first: MutationId,
    last: MutationId,
    why: Why,
    until: Moment,
}

/// Why writes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// To be decided.
    Work,
    /// To learn how far a restored relay knows the queue.
    Probe,
    /// To get the outcomes that a restored relay still knows.
    Settle,
}

impl Sending {
    pub(super) const fn new(seed: u64) -> Self {
        Sending { asked: None, outcomes: None, pushes: 0, retry: Retry::new(seed) }
    }

    pub(super) fn asked_until(&self) -> Option<Moment> {
        self.asked.as_ref().map(|asked| asked.until)
    }

    /// Whether outcomes are still to be stored.
    pub(super) const fn has_outcomes(&self) -> bool {
        self.outcomes.is_some()
    }

    /// An answer that is still on its way does not matter any more: the writes are sent again, and
    /// the relay knows them.
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }
}

impl Outbox {
    /// Sends the next batch, when there is one and it can be.
    pub(super) fn send(&mut self) {
        if !self.can_send() || self.restoring.is_some() || self.regrouping.is_some() {
            return;
        }
        // What is sent belongs to an epoch: to another one it is not sent before the queue is
        // squared with that.
        let Some(epoch) = self.confirmed.epoch() else { return };
        let own = self.rows.meta().and_then(|meta| meta.epoch);
        if own.is_some_and(|own| own != epoch) {
            return;
        }
        let batch = batch(self.rows.undecided());
        self.send_batch(&batch, epoch, Why::Work);
    }

    /// Whether the relay can be asked something now.
    pub(super) fn can_send(&self) -> bool {
        let sending = &self.sending;
        let is_free = sending.asked.is_none() && sending.outcomes.is_none();
        self.is_holding && self.is_linked && is_free && !sending.retry.is_waiting()
    }

    /// Whether nothing waits for the relay that could be sent.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_linked || self.rows.undecided().next().is_none()
    }

    /// Rows that were never sent are marked first: from then on nobody can take them back.
    pub(super) fn send_batch(&mut self, batch: &[Mutation], epoch: Epoch, why: Why) {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return };
        let mids = first.mid..=last.mid;
        if !self.rows.none_in(mids.clone(), Item::is_saved) {
            if self.writing.is_free() {
                self.write(Write::MarkSending { mids, epoch });
            }
            return;
        }
        self.push(batch.to_vec(), epoch, why);
    }

    pub(super) fn push(&mut self, mutations: Vec<Mutation>, epoch: Epoch, why: Why) {
        let (Some(meta), Some(first), Some(last)) =
            (self.rows.meta(), mutations.first(), mutations.last())
        else {
            return;
        };
        self.sending.pushes += 1;
        let id = PushId(self.sending.pushes);
        let until = self.now.moment + ANSWER_WITHIN;
        let (first, last, group) = (first.mid, last.mid, meta.group.clone());
        self.sending.asked = Some(Asked { id, group: group.clone(), first, last, why, until });
        // A probe must not make the relay forget anything.
        let settled = if why == Why::Work { meta.settled } else { MutationId::NONE };
        self.outputs.push_back(Output::Push {
            id,
            push: Push { epoch: Some(epoch), group, settled, mutations },
        });
    }

    pub(super) fn push_unanswered(&mut self, now: Moment) {
        if self.sending.asked_until().is_some_and(|until| until <= now) {
            self.sending.asked = None;
            self.sending.retry.failed(now);
        }
    }

    pub(super) fn pushed(&mut self, id: PushId, answer: Result<Pushed, Failure>) {
        let Some(asked) = self.sending.asked.take_if(|asked| asked.id == id) else { return };
        let now = self.now.moment;
        let Pushed { epoch, mut receipts, nack } = match answer {
            Ok(pushed) => pushed,
            Err(Failure::Unanswered) => return self.sending.retry.failed(now),
            Err(Failure::Refused(error)) => return self.sending.retry.refused(&error, now),
        };
        if asked.why == Why::Probe {
            return self.probed(nack);
        }
        receipts.retain(|receipt| (asked.first..=asked.last).contains(&receipt.mid));
        let unanswered = receipts.last().map_or(asked.first, |receipt| receipt.mid.next());
        let is_progress = !receipts.is_empty();
        let asked_as = asked.group.clone();
        if is_progress {
            self.sending.retry.succeeded();
            let decide = Write::Decide { group: asked.group, epoch, receipts };
            self.sending.outcomes = Some(decide).filter(|decide| !self.is_done(decide));
        }
        match nack {
            // It owes us outcomes and gives no reason: it is asked again, but not at once.
            None if !is_progress => self.sending.retry.failed(now),
            None => {}
            // About a name that another tab has given up since: all is sent again as it is called
            // now, and taking yet another name would do twice what the relay has done meanwhile.
            Some(_) if !self.rows.is_group(&asked_as) => {}
            Some(nack) => {
                self.sending.retry.failed(now);
                self.not_taken(nack, unanswered, asked.why);
            }
        }
    }

    /// Outcomes are stored before anything else is done.
    pub(super) fn store_outcomes(&mut self) {
        let Some(outcomes) = self.sending.outcomes.take() else { return };
        if self.is_done(&outcomes) {
            return;
        }
        self.sending.outcomes = Some(outcomes.clone());
        if self.writing.is_free() {
            self.write(outcomes);
        }
    }

    fn not_taken(&mut self, nack: Nack, unanswered: MutationId, why: Why) {
        match nack {
            Nack::NewEpoch => self.restore_from_nothing(),
            // What the relay does not know as it should, it decides under a new name.
            _ if why == Why::Settle => self.settled(),
            Nack::WrongUser => self.regroup(),
            Nack::Gap { expected } if expected < unanswered => self.restore_lost(),
            // It waits for just this one: nothing to repair, only to ask again.
            Nack::Gap { expected } if expected == unanswered => {}
            Nack::Gap { .. } | Nack::Fork { .. } => {
                self.has_forked = true;
                self.regroup();
            }
        }
    }

    fn regroup(&mut self) {
        let Some(from) = self.rows.meta().map(|meta| meta.group.clone()) else { return };
        let to = self.new_group();
        self.regrouping = Some(Write::Regroup { from, to, restored: None });
    }

    /// Takes the new name, after the outcomes that came with the bad news are stored.
    pub(super) fn take_new_name(&mut self) {
        let Some(regroup) = self.regrouping.take() else { return };
        if self.is_done(&regroup) {
            if std::mem::take(&mut self.has_forked) {
                self.outputs.push_back(Output::Forked);
            }
            return;
        }
        if self.writing.is_free() && !self.sending.has_outcomes() {
            self.write(regroup.clone());
        }
        self.regrouping = Some(regroup);
    }
}

/// As many writes as are sent together.
pub(super) fn batch<'a>(undecided: impl Iterator<Item = &'a Item>) -> Vec<Mutation> {
    let mut bytes = ENVELOPE_BYTES;
    let mut batch = Vec::new();
    for item in undecided.take(BATCH_MAX) {
        bytes += len_bytes(&item.mutation) + ",".len();
        // One that is too long for itself alone goes all the same: the relay says what is wrong.
        if bytes > PUSH_BYTES_MAX && !batch.is_empty() {
            break;
        }
        batch.push(item.mutation.clone());
    }
    batch
}
