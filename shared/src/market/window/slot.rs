//! One bar of a window, with what is needed to amend it.

use crate::clock::UnixMillis;
use crate::market::{Bar, Price, Quantity, Tick};

/// A bar, and the times of the ticks that made its open and its close: a late tick must be put in
/// its place between them.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) bar: Bar,
    /// Whether no tick fell into it.
    pub(super) is_flat: bool,
    opened: UnixMillis,
    last: UnixMillis,
}

impl Slot {
    /// An open bar of one tick.
    pub(super) fn of_tick(start: UnixMillis, tick: Tick) -> Self {
        let mut slot = Slot::flat(start, tick.price);
        slot.bar.closed = false;
        slot.add(tick);
        slot
    }

    /// A closed bar without ticks.
    pub(super) fn flat(start: UnixMillis, close: Price) -> Self {
        let bar = Bar {
            start,
            open: close,
            high: close,
            low: close,
            close,
            volume: Quantity::ZERO,
            trades: 0,
            closed: true,
        };
        Slot { bar, is_flat: true, opened: start, last: start }
    }

    /// A bar that was made elsewhere: its open stands, and any tick is after its close.
    pub(super) fn of_bar(bar: Bar) -> Self {
        Slot { opened: bar.start, last: bar.start, is_flat: is_flat(&bar), bar }
    }

    /// Counts a tick in. Of two ticks of one time, the first to come is the earlier.
    pub(super) fn add(&mut self, tick: Tick) {
        if self.is_flat {
            self.flatten(tick.price);
            self.is_flat = false;
            (self.opened, self.last) = (tick.time, tick.time);
        }
        let bar = &mut self.bar;
        if tick.time < self.opened {
            self.opened = tick.time;
            bar.open = tick.price;
        }
        if tick.time >= self.last {
            self.last = tick.time;
            bar.close = tick.price;
        }
        bar.high = bar.high.max(tick.price);
        bar.low = bar.low.min(tick.price);
        bar.volume = sum(bar.volume, tick.size);
        // A price that no trade made (an index, a polled quote) moves the bar, but is no trade.
        bar.trades = bar.trades.saturating_add(u64::from(tick.size > Quantity::ZERO));
    }

    /// Sets all four prices.
    pub(super) fn flatten(&mut self, close: Price) {
        let bar = &mut self.bar;
        (bar.open, bar.high, bar.low, bar.close) = (close, close, close, close);
    }
}

/// Whether nothing seems to have happened in it: one price, no trade, no volume.
pub(super) fn is_flat(bar: &Bar) -> bool {
    bar.high == bar.low && bar.trades == 0 && bar.volume == Quantity::ZERO
}

/// Adds volumes; one that no decimal can hold stays where it is.
pub(super) fn sum(one: Quantity, other: Quantity) -> Quantity {
    one.value().checked_add(other.value()).map_or(one, Quantity::new)
}
