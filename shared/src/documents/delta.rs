//! News of a user's documents.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::protocol::{Epoch, Position, Sequence};

/// A piece of a user's document log. The log keeps of each document only its newest state, so
/// its sequences have holes inside a piece; pieces themselves join without holes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The log's epoch: another one after a restore.
    pub epoch: Epoch,
    /// It goes on from here. [`Sequence::START`]: it begins at the beginning, and a reader who had
    /// something else forgets it.
    pub after: Sequence,
    /// With it the reader stands here.
    pub to: Sequence,
    /// The log's end when this was made.
    pub head: Sequence,
    /// Documents whose newest state lies between, in the order of their sequences. Deleted ones
    /// too.
    pub documents: Vec<Document>,
}

impl Delta {
    /// Where a reader stands who has taken it in.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position::new(self.epoch, self.to)
    }

    /// Whether a reader at `position` can take it in.
    #[must_use]
    pub fn follows(&self, position: Option<Position>) -> bool {
        match position {
            Some(at) if at.epoch == self.epoch => self.after <= at.sequence,
            _ => self.after == Sequence::START,
        }
    }
}
