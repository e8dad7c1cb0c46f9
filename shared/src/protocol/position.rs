//! Where a reader stands in a topic's log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which run of a log's numbering a sequence belongs to. It changes when the numbers cannot be
/// continued: a log kept in memory only, after the relay died; a restore from a backup.
///
/// The relay takes the Unix milliseconds of the log's creation, so it also fits a JavaScript number.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// The number of a message within its epoch: contiguous, from 1. Zero is the place before the
/// first message.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The place before the first message.
    pub const START: Sequence = Sequence(0);

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Sequence {
        // At a billion messages a second it takes 584 years to get to the end.
        Sequence(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A place in a log: the last message that a reader has, in which epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Which numbering.
    pub epoch: Epoch,
    /// The last message had, or [`Sequence::START`].
    pub sequence: Sequence,
}

impl Position {
    /// A place from its two numbers.
    #[must_use]
    pub const fn new(epoch: Epoch, sequence: Sequence) -> Self {
        Position { epoch, sequence }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.epoch.0, self.sequence.0)
    }
}
