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
    /// Keep confirmed documents for the next start. Losing it loses nothing but time.
    Keep {
        /// What was kept before is to be forgotten first.
        anew: bool,
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
    /// The queue was found to be a copy of another that has gone on.
    Forked,
    /// The relay's documents began anew; what it had lost is sent to it again.
    Reinstated {
        /// How many documents.
        documents: usize,
    },
}
