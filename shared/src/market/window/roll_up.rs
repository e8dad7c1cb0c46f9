//! Longer bars from shorter ones.

use super::slot::{is_flat, sum};
use crate::market::{Bar, Interval};

/// Rolls bars up into those of a longer interval. `bars` are oldest first, of one interval that
/// divides the longer one. The result equals what the ticks themselves would have made: an empty
/// interval has no say, unless all intervals of a longer bar are empty.
///
/// The last bar is closed only when the shorter bars reach its end.
#[must_use]
pub fn roll_up(bars: &[Bar], from: Interval, to: Interval) -> Vec<Bar> {
    let mut rolled: Vec<Bar> = Vec::new();
    let mut only_empty_yet = true;
    let mut close_before = None;
    for bar in bars {
        let start = to.start_of(bar.start);
        let closed = bar.closed && bar.start + from.duration() == start + to.duration();
        let is_empty = is_flat(bar) && close_before.is_none_or(|close| close == bar.close);
        close_before = Some(bar.close);
        match rolled.last_mut() {
            Some(longer) if longer.start == start => {
                match (is_empty, only_empty_yet) {
                    (true, _) => {}
                    (false, true) => *longer = Bar { start, ..bar.clone() },
                    (false, false) => extend(longer, bar),
                }
                longer.closed = closed;
                only_empty_yet &= is_empty;
            }
            previous => {
                if let Some(previous) = previous {
                    previous.closed = true;
                }
                rolled.push(Bar { start, closed, ..bar.clone() });
                only_empty_yet = is_empty;
            }
        }
    }
    rolled
}

fn extend(longer: &mut Bar, bar: &Bar) {
    longer.high = longer.high.max(bar.high);
    longer.low = longer.low.min(bar.low);
    longer.close = bar.close;
    longer.volume = sum(longer.volume, bar.volume);
    longer.trades = longer.trades.saturating_add(bar.trades);
}
