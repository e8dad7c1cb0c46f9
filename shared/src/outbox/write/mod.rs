//! The ways in which rows change. Each is one transaction of the shell's: it reads the rows that
//! [`Write::reads`] names, lets [`Write::perform`] say what becomes of them, writes that, and
//! reports it to all tabs once it is complete.
//!
//! A write finds the rows as they are, not as its machine remembers them. So each says enough
//! about what it means (a group, a hash, a position) to do nothing when it is meant no more.

mod discarding;
mod enqueueing;
mod regrouping;
mod settling;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::item::NUMBER_MAX;
use super::{Item, Meta};
use crate::clock::{Stamp, UnixMillis};
use crate::documents::{Digest, Draft, GroupId, MutationId, Receipt};
use crate::protocol::{Epoch, Position};

pub(super) use discarding::nothing;
pub(super) use enqueueing::len_bytes;

/// A change of the queue's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The user has written something: it is numbered, stamped, sealed and saved.
    Enqueue {
        /// In this order.
        drafts: Vec<Draft>,
        /// The best guess of the relay's time.
        now: UnixMillis,
        /// The newest stamp that the author saw: [`Outbox::seen`](super::Outbox::seen). What is
        /// written now is later.
        seen: Stamp,
    },
    /// These are about to be sent. From now on they cannot be cancelled.
    MarkSending {
        /// Which; those that are not there any more are left out.
        mids: RangeInclusive<MutationId>,
        /// The epoch of the document log that they are sent to. The first one that the queue sends
        /// to becomes its own; to another it sends nothing before it is squared with it.
        epoch: Epoch,
    },
    /// The relay has decided.
    Decide {
        /// Whose writes; when it is not the queue's name any more, nothing is done.
        group: GroupId,
        /// The epoch of the document log.
        epoch: Epoch,
        /// What it said.
        receipts: Vec<Receipt>,
    },
    /// The document log has passed these: they are everywhere and leave the queue.
    Leave {
        /// Which; those that are not everywhere yet stay.
        mids: Vec<MutationId>,
        /// Where the document log is.
        position: Position,
    },
    /// The user takes an unsent write back. Its number is used up by a write that does nothing,
    /// and a later write of the same fields stands on what this one stood on.
    Cancel {
        /// Which.
        mid: MutationId,
        /// What the user saw under that number.
        hash: Digest,
    },
    /// The user has seen a write that failed and needs it no more, or has written it anew.
    Discard {
        /// Which.
        mid: MutationId,
        /// What the user saw under that number.
        hash: Digest,
        /// What is to take its place; the rows change together or not at all.
        anew: Option<Anew>,
    },
    /// The queue takes another name, and what the relay has not decided is numbered anew. What
    /// failed keeps its content and gets a number from [`KEPT_FROM`](super::KEPT_FROM) on.
    Regroup {
        /// The old name; when it is not the queue's any more, nothing is done.
        from: GroupId,
        /// The new one.
        to: GroupId,
        /// What is to be sent again first, when the relay's documents began anew.
        restored: Option<Restored>,
    },
}

/// What takes the place of a write that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anew {
    /// What the user wants now.
    pub draft: Draft,
    /// The best guess of the relay's time.
    pub now: UnixMillis,
    /// The newest stamp that the author saw.
    pub seen: Stamp,
}

/// How a relay came back that has lost something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The epoch of its document log now.
    pub epoch: Epoch,
    /// What became of its numbering.
    pub numbering: Numbering,
    /// The number that it waits for under the queue's old name: what it had accepted from there on
    /// is lost to it, and is to be decided again. Absent when it was not asked, because nothing
    /// was ever sent; when something was, nothing is done.
    pub expected: Option<MutationId>,
    /// Where the documents stood that were confirmed before: what is in them is among `documents`
    /// where it is lost.
    pub confirmed: Option<Position>,
    /// Documents that were confirmed and that it has lost, with the stamps that they had.
    pub documents: Vec<(Draft, Stamp)>,
}

/// What became of the numbering of a document log that has lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// It began anew: who finds the queue in the new epoch already has nothing to do.
    NewEpoch,
    /// It goes on as if nothing had happened.
    WentBack,
}

/// What a [`Write`] has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The row about the queue; absent when nothing was changed at all.
    pub meta: Option<Meta>,
    /// Rows that are not there any more. Removed before `put` is put.
    pub removed: Vec<MutationId>,
    /// Rows that are new or different.
    pub put: Vec<Item>,
}

/// Why a [`Write`] changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteRefused {
    /// Too late to cancel.
    #[error("it is on its way to the relay already, so it cannot be taken back")]
    AlreadySent,
    /// Somebody was faster.
    #[error("it is not in the queue any more")]
    Gone,
    /// Discarding needs a failed one.
    #[error("it has not failed: cancel it, or wait")]
    NotFailed,
    /// The document would be too large to be sent.
    #[error("it is too long: {bytes} bytes of at most {bytes_max}")]
    TooLarge {
        /// How large.
        bytes: usize,
        /// How large it may be.
        bytes_max: usize,
    },
    /// The queue is full.
    #[error("{count} writes wait already; nothing more can be saved until some are through")]
    Full {
        /// How many wait.
        count: usize,
    },
}

impl Write {
    /// The rows that it needs to see; nothing for none.
    #[must_use]
    pub fn reads(&self) -> Option<RangeInclusive<MutationId>> {
        match self {
            Write::Enqueue { .. } => None,
            Write::MarkSending { mids, .. } => Some(mids.clone()),
            Write::Decide { receipts, .. } => span(receipts.iter().map(|receipt| receipt.mid)),
            Write::Leave { mids, .. } => span(mids.iter().copied()),
            // Later writes may stand on it.
            Write::Cancel { mid, .. } => Some(*mid..=NUMBER_MAX),
            Write::Discard { mid, .. } => Some(*mid..=*mid),
            Write::Regroup { .. } => Some(MutationId::NONE..=NUMBER_MAX),
        }
    }

    /// What becomes of the rows. When nothing does, what comes back is empty, and there is nothing
    /// to store; it is to be reported all the same.
    ///
    /// # Errors
    /// When the rows do not allow it. Nothing is to be written then.
    pub fn perform(
        &self,
        meta: &Meta,
        mut rows: BTreeMap<MutationId, Item>,
    ) -> Result<Done, WriteRefused> {
        let before = meta;
        let mut meta = before.clone();
        let (removed, put) = match self {
            Write::Enqueue { drafts, now, seen } => {
                (Vec::new(), enqueueing::enqueue(&mut meta, drafts, *now, *seen)?)
            }
            Write::MarkSending { mids, epoch } => {
                rows.retain(|mid, _| mids.contains(mid));
                (Vec::new(), settling::mark_sending(&mut meta, rows, *epoch))
            }
            Write::Decide { group, epoch, receipts } => {
                (Vec::new(), settling::decide(&mut meta, rows, group, *epoch, receipts))
            }
            Write::Leave { mids, position } => {
                (settling::leave(&rows, mids, *position), Vec::new())
            }
            Write::Cancel { mid, hash } => (Vec::new(), discarding::cancel(rows, *mid, *hash)?),
            Write::Discard { mid, hash, anew } => {
                discarding::discard(&mut meta, &rows, *mid, *hash, anew.as_ref())?
            }
            Write::Regroup { from, to, restored } => {
                let restored = restored.as_ref();
                if meta.group != *from
                    || restored.is_some_and(|it| regrouping::is_overtaken(it, &meta, &rows))
                {
                    return Ok(Done::default());
                }
                regrouping::regroup(&mut meta, rows, to, restored)
            }
        };
        if removed.is_empty() && put.is_empty() && meta == *before {
            return Ok(Done::default());
        }
        meta.revision = meta.revision.saturating_add(1);
        Ok(Done { meta: Some(meta), removed, put })
    }
}

fn span(mids: impl Iterator<Item = MutationId>) -> Option<RangeInclusive<MutationId>> {
    let (first, last) = mids.fold(None, |span: Option<(MutationId, MutationId)>, mid| {
        Some(span.map_or((mid, mid), |(first, last)| (first.min(mid), last.max(mid))))
    })?;
    Some(first..=last)
}
