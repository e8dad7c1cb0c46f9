//! A write in the queue, and its state.

use serde::{Deserialize, Serialize};

use crate::clock::{Stamp, UnixMillis};
use crate::documents::{
    GroupId, Mutation, MutationId, MutationKind, Outcome, Receipt, UserName, Version,
};
use crate::protocol::{Epoch, Position, WireError};

/// The shape of the rows that this version writes.
pub const ROWS_SCHEMA: u32 = 1;

/// Rows from this number on are not numbers of the queue: they are decided writes that were kept
/// when the queue was numbered anew. No queue ever counts so far, and a JavaScript number can.
pub const KEPT_FROM: MutationId = MutationId(1 << 52);

/// No row has a greater number: the last whole number that JavaScript is sure of.
pub(super) const NUMBER_MAX: MutationId = MutationId((1 << 53) - 1);

/// The one row that is not an item: whose queue it is and where its numbers stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Shape of the rows; a database with a greater one is a newer version's.
    pub schema: u32,
    /// How often the rows were changed. By it a tab that is told of changes knows whether it has
    /// missed one.
    #[serde(default)]
    pub revision: u64,
    /// Whose queue.
    pub user: UserName,
    /// Its name to the relay.
    pub group: GroupId,
    /// The number of the next write.
    pub next: MutationId,
    /// Up to here every write has its outcome, kept here or seen everywhere.
    pub settled: MutationId,
    /// The last stamp given.
    pub stamp: Stamp,
    /// The epoch of the relay's documents that the outcomes belong to; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
}

impl Meta {
    /// Of an empty queue.
    #[must_use]
    pub fn new(user: UserName, group: GroupId) -> Self {
        Meta {
            schema: ROWS_SCHEMA,
            revision: 0,
            user,
            group,
            next: MutationId::NONE.next(),
            settled: MutationId::NONE,
            stamp: Stamp::default(),
            epoch: None,
        }
    }

    /// How many writes wait for an outcome.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.next.0.saturating_sub(self.settled.0).saturating_sub(1)
    }
}

/// A write in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The write.
    pub mutation: Mutation,
    /// When it was saved on this device.
    pub saved_at: UnixMillis,
    /// What has become of it so far.
    pub state: ItemState,
}

/// What has become of a write so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    /// Safe on this device; never sent. It can still be cancelled.
    Saved,
    /// It may have reached the relay; the answer is not here yet.
    Sending {
        /// How often it was taken up for sending by a tab.
        attempts: u32,
    },
    /// The relay has decided. Whether the user has to do something, the receipt says; a write that
    /// was applied, merged or changed nothing leaves the queue when the document log is at the
    /// receipt's sequence.
    Decided {
        /// The epoch of the document log when it did.
        epoch: Epoch,
        /// What the relay said.
        receipt: Receipt,
    },
}

impl Item {
    /// Its number.
    #[must_use]
    pub const fn mid(&self) -> MutationId {
        self.mutation.mid
    }

    /// Whether it was never sent.
    #[must_use]
    pub const fn is_saved(&self) -> bool {
        matches!(self.state, ItemState::Saved)
    }

    /// Whether the relay has not decided yet, as far as is known here.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        matches!(self.state, ItemState::Saved | ItemState::Sending { .. })
    }

    /// Whether it waits for the user: in conflict, rejected or expired.
    #[must_use]
    pub const fn needs_user(&self) -> bool {
        match &self.state {
            ItemState::Decided { receipt, .. } => matches!(
                receipt.outcome,
                Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Expired
            ),
            ItemState::Saved | ItemState::Sending { .. } => false,
        }
    }

    /// Why the relay refused it, when it did.
    #[must_use]
    pub const fn rejection(&self) -> Option<&WireError> {
        match &self.state {
            ItemState::Decided {
                receipt: Receipt { outcome: Outcome::Rejected { error }, .. },
                ..
            } => Some(error),
            _ => None,
        }
    }

    /// Whether the relay has done it.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        !self.is_undecided() && !self.needs_user()
    }

    /// Whether the relay has done it and a reader at `position` sees that.
    #[must_use]
    pub fn is_everywhere(&self, position: Option<Position>) -> bool {
        let ItemState::Decided { epoch, receipt } = &self.state else { return false };
        let seen = |at: Position| at.epoch == *epoch && at.sequence >= receipt.sequence;
        !self.needs_user() && position.is_some_and(seen)
    }

    /// Whether it stands for a write that the user took back: it does nothing, is not shown, and
    /// only uses up its number.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        let draft = &self.mutation.draft;
        draft.kind == MutationKind::Edit
            && draft.changes.is_empty()
            && draft.conflict.is_none()
            && draft.base_version == Version::NONE
    }
}
