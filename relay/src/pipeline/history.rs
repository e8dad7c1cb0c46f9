//! The newest trades of one instrument.

use std::collections::VecDeque;

use tidemark_shared::market::Tick;

/// How many are kept: what the product promises to answer.
const TICKS_MAX: usize = 1_000;

/// The newest trades, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    kept: VecDeque<Tick>,
}

impl Ticks {
    /// Puts a trade in its place by time; that is nearly always the end.
    pub(super) fn take(&mut self, tick: Tick) {
        let later = self.kept.iter().rev().take_while(|kept| kept.time > tick.time).count();
        self.kept.insert(self.kept.len() - later, tick);
        if self.kept.len() > TICKS_MAX {
            self.kept.pop_front();
        }
    }

    /// Takes trades from elsewhere as the history before what is there.
    pub(super) fn seed(&mut self, ticks: impl IntoIterator<Item = Tick>) {
        let mut ticks: Vec<Tick> = ticks.into_iter().collect();
        ticks.sort_by_key(|tick| tick.time);
        if let Some(first) = self.kept.front() {
            ticks.retain(|tick| tick.time < first.time);
        }
        for tick in ticks.into_iter().rev().take(TICKS_MAX - self.kept.len()) {
            self.kept.push_front(tick);
        }
    }

    /// The trades kept, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Tick> + ExactSizeIterator {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::clock::UnixMillis;

    use super::*;

    #[test]
    fn trades_are_kept_in_their_order_and_only_so_many() {
        let mut ticks = Ticks::default();
        for time in [5, 3, 4, 9, 8] {
            ticks.take(at(time));
        }
        ticks.seed([at(2), at(1), at(7)]);
        assert_eq!(times(&ticks), [1, 2, 3, 4, 5, 8, 9]);
        for time in 10..2_000 {
            ticks.take(at(time));
        }
        assert_eq!(ticks.iter().len(), TICKS_MAX);
        ticks.seed([at(1)]);
        assert_eq!(ticks.iter().len(), TICKS_MAX);
    }

    fn at(time_ms: i64) -> Tick {
        let (price, size) = ("1".parse().unwrap(), "1".parse().unwrap());
        Tick { time: UnixMillis(time_ms), price, size }
    }

    fn times(ticks: &Ticks) -> Vec<i64> {
        ticks.iter().map(|tick| tick.time.0).collect()
    }
}
