//! How many writes are in which state.

use super::{Item, ItemState};
use crate::documents::Outcome;

/// How many writes are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// On this device only.
    pub saved: usize,
    /// On their way.
    pub sending: usize,
    /// The relay has them; not everybody has heard yet.
    pub accepted: usize,
    /// The user has to decide.
    pub conflict: usize,
    /// Against a rule.
    pub rejected: usize,
    /// Came too late.
    pub expired: usize,
}

impl Counts {
    /// How many are not everywhere: what a header shows.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.saved + self.sending + self.accepted + self.conflict + self.rejected + self.expired
    }

    pub(super) fn of<'a>(items: impl Iterator<Item = &'a Item>) -> Self {
        let mut counts = Counts::default();
        for item in items {
            *match &item.state {
                ItemState::Saved => &mut counts.saved,
                ItemState::Sending { .. } => &mut counts.sending,
                ItemState::Decided { receipt, .. } => match receipt.outcome {
                    Outcome::Applied { .. } | Outcome::Merged { .. } | Outcome::Noop { .. } => {
                        &mut counts.accepted
                    }
                    Outcome::Conflict { .. } => &mut counts.conflict,
                    Outcome::Rejected { .. } => &mut counts.rejected,
                    Outcome::Expired => &mut counts.expired,
                },
            } += 1;
        }
        counts
    }
}
