//! What comes out of the machine.

use super::Write;
use crate::documents::{Document, Entity, Push};
use crate::protocol::{Position, WireError};

/// Tells one push from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PushId(pub u64);

/// Tells one pull from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullId(pub u64);

/// What becomes of the documents that were kept before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// They stay, except for those that come with it.
    Stays,
    /// They are forgotten first.
    Replaced,
}

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the relay to apply these. Answered by `Pushed`.
    Push {
        /// Its number.
        id: PushId,
        /// The question.
        push: Push,
    },
    /// Ask the relay for documents. Answered by `Pulled`.
    Pull {
        /// Its number.
        id: PullId,
        /// From where; absent from the beginning.
        after: Option<Position>,
    },
    /// Change the rows. Answered by `Written` or `WriteFailed`.
    Write(Write),
    /// Read all rows again: a change by another tab was missed. Answered by `Reread`; when that
    /// cannot be, the machine asks again by itself.
    Reread,
    /// Keep confirmed documents for the next start, in one transaction. Losing it loses nothing
    /// but time.
    Keep {
        /// Whether what was kept before goes on.
        kept: Kept,
        /// The documents.
        documents: Vec<Document>,
        /// Where the document log stands with them.
        position: Position,
    },
    /// These documents look different now: [`Outbox::view`](super::Outbox::view).
    Viewed(Vec<Entity>),
    /// The queue looks different now: [`Outbox::items`](super::Outbox::items).
    Queue,
    /// A document was put back, because the relay did not do what the user had done.
    RolledBack {
        /// Which.
        entity: Entity,
        /// Why; absent for a conflict, which its own document explains, and for an expired write.
        error: Option<WireError>,
    },
    /// A document came that is not what its checksum says, again after it was asked for anew. It
    /// was not taken in: what was there before stays.
    Damaged(Entity),
    /// The queue was found to be a copy of another that has gone on.
    Forked,
    /// The relay's documents began anew; what it had lost is sent to it again.
    Reinstated {
        /// How many documents.
        documents: usize,
    },
}
