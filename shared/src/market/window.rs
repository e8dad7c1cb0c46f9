//! Bars of one interval made from ticks, with the newest of them kept.
//!
//! A venue delivers late and out of order, so a bar is never finished for good when its time is
//! over: a late tick amends it, within [`LATENESS_MS_MAX`]. What a bar says depends only on the
//! ticks, never on when [`BarWindow::advance`] was called: the clock may close bars, not fill them.

mod roll_up;
mod slot;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::slot::Slot;
use super::{Bar, Interval, Price, Tick};
use crate::clock::UnixMillis;

pub use self::roll_up::roll_up;

/// A tick that is older than the newest one by more than this amends nothing. Trades are due on a
/// consolidated tape within 10 s; three times that also covers a short reconnect.
pub const LATENESS_MS_MAX: i64 = 30_000;

/// Without newer ticks, a bar is closed so long after its end. Venues were seen to deliver 1.3 s
/// late in ordinary operation.
pub const CLOSE_GRACE_MS: i64 = 2_000;

/// So many empty intervals in a row become flat bars; after them the series has a hole. Five
/// minutes of seconds, five hours of minutes: a longer silence is a closed market or a dead feed,
/// and drawing it flat would be a lie that also costs memory.
pub const FLAT_RUN_MAX: usize = 300;

/// The newest bars of one instrument and interval.
#[derive(Clone, Debug)]
pub struct BarWindow {
    interval: Interval,
    bars_max: usize,
    /// Oldest first, by start. All but the last are closed.
    slots: VecDeque<Slot>,
    /// How many slots at the end are flat.
    flat_tail: usize,
    newest_tick: Option<UnixMillis>,
    /// Whether nothing is known of the time between the last bar and the next tick.
    is_interrupted: bool,
    late_ticks: u64,
}

/// Which bars a tick or the passing of time has changed: the starts of the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Start of the oldest bar that changed.
    pub from: UnixMillis,
    /// Start of the newest bar that changed.
    pub to: UnixMillis,
}

impl BarWindow {
    /// A window without bars that will keep `bars_max` of them, at least one.
    #[must_use]
    pub fn new(interval: Interval, bars_max: usize) -> Self {
        BarWindow {
            interval,
            bars_max: bars_max.max(1),
            slots: VecDeque::new(),
            flat_tail: 0,
            newest_tick: None,
            is_interrupted: false,
            late_ticks: 0,
        }
    }

    /// Takes bars from elsewhere, oldest first, as the history before what is there already.
    /// Bars that are out of order, or do not start where this interval's bars do, are left out.
    pub fn seed(&mut self, bars: impl IntoIterator<Item = Bar>) {
        let end = self.slots.front().map(|slot| slot.bar.start);
        let mut older: VecDeque<Slot> = VecDeque::new();
        for bar in bars {
            let aligned = self.interval.start_of(bar.start) == bar.start;
            let after_the_last = older.back().is_none_or(|last| last.bar.start < bar.start);
            if !aligned || !after_the_last || end.is_some_and(|end| bar.start >= end) {
                continue;
            }
            if let Some(last) = older.back_mut() {
                last.bar.closed = true;
            }
            older.push_back(Slot::of_bar(bar));
            if older.len() > self.bars_max {
                older.pop_front();
            }
        }
        if let (Some(last), true) = (older.back_mut(), end.is_some()) {
            last.bar.closed = true;
        }
        if end.is_none() {
            self.flat_tail = older.iter().rev().take_while(|slot| slot.is_flat).count();
        }
        self.newest_tick = self.newest_tick.or(older.back().map(|slot| slot.bar.start));
        older.append(&mut self.slots);
        self.slots = older;
        self.forget_oldest();
    }

    /// Counts a tick in. Answers which bars changed; `None` when it came too late to change any.
    pub fn take(&mut self, tick: Tick) -> Option<Changed> {
        let newest = self.newest_tick.map_or(tick.time, |newest| newest.max(tick.time));
        if newest.0.saturating_sub(tick.time.0) > LATENESS_MS_MAX {
            self.late_ticks = self.late_ticks.saturating_add(1);
            return None;
        }
        self.newest_tick = Some(newest);
        let start = self.interval.start_of(tick.time);
        let changed = match self.slots.back() {
            Some(last) if last.bar.start == start => {
                self.is_interrupted = false;
                self.amend(self.slots.len() - 1, tick)
            }
            Some(last) if last.bar.start > start => self.amend_earlier(start, tick),
            _ => self.append(start, tick),
        };
        self.forget_oldest();
        Some(changed)
    }

    /// Closes what is over at `venue_now`, a grace after its end, and shows empty intervals as
    /// flat bars. Answers which bars changed.
    pub fn advance(&mut self, venue_now: UnixMillis) -> Option<Changed> {
        let due = UnixMillis(venue_now.0.saturating_sub(CLOSE_GRACE_MS));
        let last = self.slots.back_mut()?;
        if due < last.bar.start + self.interval.duration() {
            return None;
        }
        let mut changed = None;
        if !last.bar.closed {
            last.bar.closed = true;
            changed = Some(Changed::only(last.bar.start));
        }
        let filled = self.fill_until(self.interval.start_of(due));
        self.forget_oldest();
        match (changed, filled) {
            (Some(closed), Some(filled)) => Some(Changed { from: closed.from, to: filled.to }),
            (one, other) => one.or(other),
        }
    }

    /// The source of the ticks was away. Up to the next tick there will be a hole, and no flat
    /// bars: nobody knows whether nothing happened.
    pub fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    /// The bars kept, oldest first.
    pub fn bars(&self) -> impl DoubleEndedIterator<Item = &Bar> + ExactSizeIterator {
        self.slots.iter().map(|slot| &slot.bar)
    }

    /// The bars kept that start before `end`, oldest first.
    pub fn bars_before(
        &self,
        end: UnixMillis,
    ) -> impl DoubleEndedIterator<Item = &Bar> + ExactSizeIterator {
        let count = self.slots.partition_point(|slot| slot.bar.start < end);
        self.slots.range(..count).map(|slot| &slot.bar)
    }

    /// The bars that changed, oldest first; without those that are no longer kept.
    pub fn bars_changed(&self, changed: Changed) -> impl Iterator<Item = &Bar> {
        let first = self.slots.partition_point(|slot| slot.bar.start < changed.from);
        self.slots
            .range(first..)
            .map(|slot| &slot.bar)
            .take_while(move |bar| bar.start <= changed.to)
    }

    /// The newest bar.
    #[must_use]
    pub fn last(&self) -> Option<&Bar> {
        self.slots.back().map(|slot| &slot.bar)
    }

    /// How many ticks came too late to be counted in.
    #[must_use]
    pub fn late_ticks(&self) -> u64 {
        self.late_ticks
    }

    /// A tick after all bars: the venue's own time has passed their ends.
    fn append(&mut self, start: UnixMillis, tick: Tick) -> Changed {
        let mut from = start;
        if let Some(last) = self.slots.back_mut()
            && !last.bar.closed
        {
            last.bar.closed = true;
            from = last.bar.start;
        }
        if let Some(filled) = self.fill_until(start) {
            from = from.min(filled.from);
        }
        self.slots.push_back(Slot::of_tick(start, tick));
        self.flat_tail = 0;
        self.is_interrupted = false;
        Changed { from, to: start }
    }

    /// A tick before the last bar: into a bar that is there, or into a hole.
    fn amend_earlier(&mut self, start: UnixMillis, tick: Tick) -> Changed {
        let index = self.slots.partition_point(|slot| slot.bar.start < start);
        if self.slots.get(index).is_some_and(|slot| slot.bar.start == start) {
            return self.amend(index, tick);
        }
        let mut slot = Slot::of_tick(start, tick);
        slot.bar.closed = true;
        let close = slot.bar.close;
        self.slots.insert(index, slot);
        Changed { from: start, to: self.carry(index, close) }
    }

    fn amend(&mut self, index: usize, tick: Tick) -> Changed {
        let Some(slot) = self.slots.get_mut(index) else {
            return Changed::only(self.interval.start_of(tick.time));
        };
        slot.add(tick);
        let (start, close) = (slot.bar.start, slot.bar.close);
        self.flat_tail = self.flat_tail.min(self.slots.len() - 1 - index);
        Changed { from: start, to: self.carry(index, close) }
    }

    /// Carries a close into the empty intervals after the bar at `index`, up to the next bar with
    /// ticks. Answers the start of the last bar that has it.
    fn carry(&mut self, index: usize, close: Price) -> UnixMillis {
        let mut carried_to = self.slots.get(index).map_or(UnixMillis::default(), |s| s.bar.start);
        for next in index + 1..=index + FLAT_RUN_MAX {
            let expected = carried_to + self.interval.duration();
            match self.slots.get_mut(next) {
                Some(slot) if slot.bar.start == expected && slot.is_flat => slot.flatten(close),
                Some(slot) if slot.bar.start > expected => {
                    self.slots.insert(next, Slot::flat(expected, close));
                }
                _ => break,
            }
            carried_to = expected;
        }
        carried_to
    }

    /// Adds flat bars at the end, up to the one before `end`.
    fn fill_until(&mut self, end: UnixMillis) -> Option<Changed> {
        let mut filled: Option<Changed> = None;
        while !self.is_interrupted && self.flat_tail < FLAT_RUN_MAX {
            let last = self.slots.back()?;
            let start = last.bar.start + self.interval.duration();
            if start >= end {
                break;
            }
            self.slots.push_back(Slot::flat(start, last.bar.close));
            self.flat_tail += 1;
            filled =
                Some(Changed { from: filled.map_or(start, |changed| changed.from), to: start });
        }
        filled
    }

    fn forget_oldest(&mut self) {
        let surplus = self.slots.len().saturating_sub(self.bars_max);
        self.slots.drain(..surplus);
    }
}

impl Changed {
    fn only(start: UnixMillis) -> Self {
        Changed { from: start, to: start }
    }
}
