//! The ways in which rows change. Each is one transaction of the shell's: it reads the rows that
//! [`Write::reads`] names, lets [`Write::perform`] say what becomes of them, writes that, and
//! reports it to all tabs once it is complete.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Item, Meta};
use crate::clock::{Stamp, UnixMillis};
use crate::documents::{Draft, GroupId, MutationId, Receipt};

/// A change of the queue's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// The user has written something: it is numbered, stamped, sealed and saved.
    Enqueue {
        /// In this order.
        drafts: Vec<Draft>,
        /// The best guess of the relay's time.
        now: UnixMillis,
        /// The stamp to give to all of them, where they were written before; else a new one each.
        stamp: Option<Stamp>,
    },
    /// These are about to be sent. From now on they cannot be cancelled.
    MarkSending {
        /// Which; those that are not there any more are left out.
        mids: RangeInclusive<MutationId>,
    },
    /// The relay has decided.
    Decide {
        /// What it said.
        receipts: Vec<Receipt>,
    },
    /// The document log has passed these: they are everywhere and leave the queue.
    Leave {
        /// Which.
        mids: Vec<MutationId>,
    },
    /// The user takes an unsent write back. Its number is used up by a write that does nothing.
    Cancel {
        /// Which.
        mid: MutationId,
    },
    /// The user has seen a write that failed and needs it no more, or has written it anew.
    Discard {
        /// Which.
        mid: MutationId,
        /// What is to take its place; the rows change together or not at all.
        anew: Option<(Draft, UnixMillis)>,
    },
    /// The queue takes another name, and what the relay has not decided is numbered anew.
    Regroup {
        /// The old name; when it is not the queue's any more, nothing is done.
        from: GroupId,
        /// The new one.
        to: GroupId,
    },
}

/// What a [`Write`] has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The row about the queue, when it is different now.
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
        todo!("the queue's builder")
    }

    /// What becomes of the rows.
    ///
    /// # Errors
    /// When the rows do not allow it. Nothing is to be written then.
    pub fn perform(
        &self,
        _meta: &Meta,
        _rows: BTreeMap<MutationId, Item>,
    ) -> Result<Done, WriteRefused> {
        todo!("the queue's builder")
    }
}
