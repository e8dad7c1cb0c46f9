//! What was not let in, kept for whoever wants to know why.

use std::collections::VecDeque;

use tidemark_shared::clock::UnixMillis;

use super::check::Rejection;
use crate::feeds::Update;

/// How many are kept: enough to see a pattern, little enough to be read.
const KEPT_MAX: usize = 256;

/// An update that was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// When.
    pub at: UnixMillis,
    /// Why.
    pub rejection: Rejection,
    /// What it said.
    pub update: Update,
}

/// Counters by reason, and the newest dead letters.
#[derive(Debug, Default)]
pub(super) struct DeadLetters {
    counts: [u64; Rejection::ALL.len()],
    kept: VecDeque<DeadLetter>,
}

impl DeadLetters {
    /// Counts a rejection.
    pub(super) fn count(&mut self, rejection: Rejection) {
        if let Some(count) = self.counts.get_mut(rejection as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Counts a rejection and keeps what it was about.
    pub(super) fn bury(&mut self, update: Update, rejection: Rejection, at: UnixMillis) {
        self.count(rejection);
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(DeadLetter { at, rejection, update });
    }

    pub(super) fn kept(&self) -> impl DoubleEndedIterator<Item = &DeadLetter> {
        self.kept.iter()
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (Rejection, u64)> {
        Rejection::ALL.into_iter().zip(self.counts)
    }
}
