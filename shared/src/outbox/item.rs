//! A write in the queue, and its state.

use serde::{Deserialize, Serialize};

use crate::clock::{Stamp, UnixMillis};
use crate::documents::{GroupId, Mutation, MutationId, Receipt, UserName};

/// The one row that is not an item: whose queue it is and where its numbers stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Shape of the rows; a database with a greater one is a newer version's.
    pub schema: u32,
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
        /// How often it was sent.
        attempts: u32,
    },
    /// The relay has decided. Whether the user has to do something, the receipt says; a write that
    /// was applied, merged or changed nothing leaves the queue when the document log is at the
    /// receipt's sequence.
    Decided {
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

    /// Whether it waits for the user: in conflict, rejected or expired.
    #[must_use]
    pub const fn needs_user(&self) -> bool {
        use crate::documents::Outcome;
        match &self.state {
            ItemState::Decided { receipt } => matches!(
                receipt.outcome,
                Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Expired
            ),
            ItemState::Saved | ItemState::Sending { .. } => false,
        }
    }
}
