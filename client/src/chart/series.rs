//! The bars of a chart: history from requests and what comes live, merged by their start.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Bar;

/// Most bars that are kept: a year of days, four days of minutes. What is older goes first.
pub(crate) const BARS_MAX: usize = 6_000;

/// A bar in floats, for drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candle {
    pub(super) start: UnixMillis,
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: f64,
}

impl Candle {
    pub(super) fn is_rising(&self) -> bool {
        self.close >= self.open
    }
}

/// The bars of one instrument and interval, oldest first, each start once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    bars: Vec<Bar>,
    candles: Vec<Candle>,
}

/// What a merge did to the places of the bars that were there before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// So many were put before the first one (negative: so many were dropped there).
    pub(super) shifted: isize,
}

impl Series {
    /// Merges history in; a bar that came live is newer than history and stays.
    pub(super) fn merge_history(&mut self, history: &[Bar]) -> Merged {
        let first_before = self.bars.first().map(|bar| bar.start);
        for bar in history {
            if let Err(at) = self.bars.binary_search_by_key(&bar.start, |known| known.start) {
                self.insert(at, bar);
            }
        }
        let shifted =
            first_before.map_or(0, |first| self.bars.partition_point(|bar| bar.start < first));
        // Here, older bars were asked for: rather than those, the newest would have to go.
        Merged { shifted: isize::try_from(shifted).unwrap_or(0) }
    }

    /// Takes a bar that came live: it replaces the one of the same start.
    pub(super) fn push_live(&mut self, bar: &Bar) -> Merged {
        match self.bars.binary_search_by_key(&bar.start, |known| known.start) {
            Ok(at) => {
                if let (Some(known), Some(candle)) =
                    (self.bars.get_mut(at), self.candles.get_mut(at))
                {
                    *known = bar.clone();
                    *candle = candle_of(bar);
                }
            }
            Err(at) => self.insert(at, bar),
        }
        let over = self.bars.len().saturating_sub(BARS_MAX);
        self.bars.drain(..over);
        self.candles.drain(..over);
        Merged { shifted: -isize::try_from(over).unwrap_or(0) }
    }

    /// Whether no older bars can be taken.
    pub(super) fn is_full(&self) -> bool {
        self.bars.len() >= BARS_MAX
    }

    /// The bars.
    pub(crate) fn bars(&self) -> &[Bar] {
        &self.bars
    }

    pub(super) fn candles(&self) -> &[Candle] {
        &self.candles
    }

    fn insert(&mut self, at: usize, bar: &Bar) {
        self.bars.insert(at, bar.clone());
        self.candles.insert(at, candle_of(bar));
    }
}

fn candle_of(bar: &Bar) -> Candle {
    Candle {
        start: bar.start,
        open: bar.open.to_f64(),
        high: bar.high.to_f64(),
        low: bar.low.to_f64(),
        close: bar.close.to_f64(),
        volume: bar.volume.to_f64(),
    }
}

#[cfg(test)]
pub(super) fn bar(minute: i64, close: &str) -> Bar {
    let price: tidemark_shared::market::Price = close.parse().unwrap();
    Bar {
        start: UnixMillis(minute * 60_000),
        open: price,
        high: price,
        low: price,
        close: price,
        volume: "1".parse().unwrap(),
        trades: 1,
        closed: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(series: &Series) -> Vec<i64> {
        series.bars().iter().map(|bar| bar.start.0 / 60_000).collect()
    }

    #[test]
    fn history_that_comes_after_live_bars_does_not_overwrite_them() {
        let mut series = Series::default();
        series.push_live(&bar(5, "50"));
        let merged = series.merge_history(&[bar(3, "3"), bar(4, "4"), bar(5, "5")]);
        assert_eq!(starts(&series), [3, 4, 5]);
        assert_eq!(merged.shifted, 2);
        assert_eq!(series.candles().last().unwrap().close, 50.0);
    }

    #[test]
    fn a_forming_bar_is_replaced_and_the_next_one_follows() {
        let mut series = Series::default();
        series.push_live(&bar(1, "1"));
        series.push_live(&bar(1, "2"));
        series.push_live(&bar(2, "3"));
        assert_eq!(starts(&series), [1, 2]);
        assert_eq!(series.candles().first().unwrap().close, 2.0);
    }

    #[test]
    fn a_late_correction_changes_an_old_bar() {
        let mut series = Series::default();
        for minute in 1..4 {
            series.push_live(&bar(minute, "1"));
        }
        series.push_live(&bar(2, "9"));
        assert_eq!(series.candles()[1].close, 9.0);
        assert_eq!(series.bars().len(), 3);
    }

    #[test]
    fn a_chart_left_open_for_days_does_not_grow() {
        let mut series = Series::default();
        for minute in 0..(BARS_MAX as i64 + 10) {
            series.push_live(&bar(minute, "1"));
        }
        assert_eq!(series.bars().len(), BARS_MAX);
        assert_eq!(series.push_live(&bar(10_000, "1")).shifted, -1);
    }
}
