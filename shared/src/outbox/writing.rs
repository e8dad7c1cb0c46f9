//! The machine's own changes of the rows: one at a time, again until they are done.

use super::waiting::Retry;
use super::{Outbox, Output, Write};

/// Most rows that leave in one change.
const LEAVE_MAX: usize = 1_000;

/// While writes wait to be sent, those that are everywhere leave by the hundred: every change of
/// the rows costs the wait for a disk.
const LEAVE_WHILE_SENDING: usize = 500;

/// The change that the shell makes for this machine.
#[derive(Debug)]
pub(super) struct Writing {
    open: Option<Write>,
    pub(super) retry: Retry,
}

impl Writing {
    pub(super) const fn new(seed: u64) -> Self {
        Writing { open: None, retry: Retry::new(seed) }
    }

    pub(super) const fn is_free(&self) -> bool {
        self.open.is_none() && !self.retry.is_waiting()
    }
}

impl Outbox {
    /// Gives the shell a change to make; to be called when [`Writing::is_free`].
    pub(super) fn write(&mut self, write: Write) {
        self.writing.open = Some(write.clone());
        self.outputs.push_back(Output::Write(write));
    }

    /// Whose change it was that became known does not matter: this machine's is done when the rows
    /// look as if it was.
    pub(super) fn notice_written(&mut self) {
        if self.writing.open.as_ref().is_some_and(|write| self.is_done(write)) {
            self.writing.open = None;
            self.writing.retry.succeeded();
        }
    }

    pub(super) fn write_failed(&mut self, write: &Write) {
        if self.writing.open.as_ref() == Some(write) {
            self.writing.open = None;
            self.writing.retry.failed(self.now.moment);
        }
    }

    /// The rows are what they are: what this machine had asked for is asked for again, if it still
    /// is to be done.
    pub(super) fn forget_writing(&mut self) {
        self.writing.open = None;
    }

    /// Whether nothing is left to be done of it.
    pub(super) fn is_done(&self, write: &Write) -> bool {
        let rows = &self.rows;
        match write {
            Write::MarkSending { mids, .. } => rows.none_in(mids.clone(), |item| item.is_saved()),
            Write::Decide { group, receipts, .. } => {
                let is_open = |mid| rows.get(mid).is_some_and(|item| item.is_undecided());
                !rows.is_group(group) || !receipts.iter().any(|receipt| is_open(receipt.mid))
            }
            Write::Leave { mids, position } => {
                let is_there =
                    |mid| rows.get(mid).is_some_and(|item| item.is_everywhere(Some(*position)));
                !mids.iter().any(|mid| is_there(*mid))
            }
            Write::Regroup { from, .. } => !rows.is_group(from),
            // The user's, never this machine's.
            Write::Enqueue { .. } | Write::Cancel { .. } | Write::Discard { .. } => true,
        }
    }

    /// What is everywhere leaves the queue.
    pub(super) fn let_leave(&mut self) {
        let Some(position) = self.confirmed.position else { return };
        if !self.is_holding || !self.writing.is_free() {
            return;
        }
        let everywhere = self.rows.accepted().filter(|item| item.is_everywhere(Some(position)));
        let mids: Vec<_> = everywhere.map(|item| item.mid()).take(LEAVE_MAX).collect();
        if mids.is_empty() || (!self.is_idle() && mids.len() < LEAVE_WHILE_SENDING) {
            return;
        }
        self.write(Write::Leave { mids, position });
    }

    /// Asks for the rows.
    pub(super) fn reread(&mut self) {
        self.outputs.push_back(Output::Reread);
    }
}
