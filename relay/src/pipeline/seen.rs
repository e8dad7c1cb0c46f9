//! Which trades were told already.

use std::collections::{HashSet, VecDeque};

/// How many numbers are remembered: what venues send again after a reconnect is the last 50
/// (Kraken) to 1,000 trades.
const REMEMBERED_MAX: usize = 1_024;

/// The newest trade numbers of one instrument. A set, and no highest number: some venues number
/// by exchange, so that numbers do not only rise.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: HashSet<u64>,
    by_age: VecDeque<u64>,
}

impl Seen {
    /// Remembers a number. Answers whether it is new.
    pub(super) fn is_new(&mut self, id: u64) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        if self.by_age.len() == REMEMBERED_MAX
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.ids.remove(&oldest);
        }
        self.by_age.push_back(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_number_is_forgotten_first_and_memory_is_bounded() {
        let mut seen = Seen::default();
        for id in 0..REMEMBERED_MAX as u64 {
            assert!(seen.is_new(id));
        }
        assert!(!seen.is_new(0));
        assert!(seen.is_new(5_000));
        assert!(seen.is_new(0), "the oldest was not forgotten");
        assert!(!seen.is_new(2));
        assert_eq!((seen.ids.len(), seen.by_age.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }
}
