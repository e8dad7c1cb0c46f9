//! What became of a write.

use serde::{Deserialize, Serialize};

use super::{DocumentId, Entity, Field, GroupId, Mutation, MutationId, Revision, Version};
use crate::clock::UnixMillis;
use crate::protocol::{Epoch, Sequence, WireError};

/// Writes on their way to the relay: in order, without holes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The epoch of the documents that the client knows; absent when it knows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// Whose queue it is.
    pub group: GroupId,
    /// Receipts up to here are kept safe by the client: the relay may forget them.
    #[serde(default)]
    pub settled: MutationId,
    /// The writes.
    pub mutations: Vec<Mutation>,
}

/// The answer to a [`Push`]: a receipt for each write from the first on, and why it stops where
/// it stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// The epoch of the user's document log.
    pub epoch: Epoch,
    /// In the order of the writes.
    pub receipts: Vec<Receipt>,
    /// Why the next write has no receipt; absent when all have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nack: Option<Nack>,
}

/// What became of one write. It never changes: the same write gets the same receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Of which.
    pub mid: MutationId,
    /// What became of it.
    pub outcome: Outcome,
    /// When the document log is here, the client has seen all that the write has changed.
    pub sequence: Sequence,
    /// When the relay decided.
    pub at: UnixMillis,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// Done as it was meant.
    Applied {
        /// The document's version with it.
        version: Version,
    },
    /// Done, together with what others had changed meanwhile.
    Merged {
        /// The document's version with it.
        version: Version,
        /// Fields in which this write lost by the collection's rules. What it wanted is in the
        /// document's history.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<Field>,
    },
    /// The document was so already.
    Noop {
        /// The document's version.
        version: Version,
    },
    /// The user has to decide. Nothing was changed; what was meant is in the conflict.
    Conflict {
        /// Its document in the collection `conflicts`.
        conflict: DocumentId,
        /// Where both have changed the same.
        fields: Vec<Field>,
    },
    /// Against a rule. Nothing was changed.
    Rejected {
        /// Which.
        error: WireError,
    },
    /// It came later than it was meant to be done.
    Expired,
}

/// Why a write was not looked at. It uses up no number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Nack {
    /// The number belongs to another write, or was settled: the queue is a copy of one that has
    /// gone on. The client takes a new group and sends again what was never confirmed.
    Fork {
        /// The number.
        mid: MutationId,
    },
    /// A number is missing before it.
    Gap {
        /// The number that the relay waits for.
        expected: MutationId,
    },
    /// The relay's documents began anew, from a backup or empty.
    NewEpoch,
    /// The group is another user's.
    WrongUser,
}

/// What a document was before, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Which document.
    pub entity: Entity,
    /// As many as fit.
    pub revisions: Vec<Revision>,
    /// Whether there are older ones.
    #[serde(default)]
    pub more: bool,
}
