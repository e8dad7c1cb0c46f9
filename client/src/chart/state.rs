//! What a chart remembers between two frames.

use tidemark_shared::market::{Bar, Interval, Symbol};

use super::scene::plot_width;
use super::series::{Merged, Series};
use super::viewport::Viewport;

/// Which bars a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) symbol: Symbol,
    pub(super) interval: Interval,
}

/// What happens to the chart's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum History {
    /// Asked for.
    #[default]
    Loading,
    /// There, as far as asked for; older bars may exist.
    Loaded,
    /// There is nothing older.
    Complete,
    /// It could not be had.
    Failed,
}

/// The state of a chart.
pub(super) struct ChartState {
    pub(super) subject: Option<Subject>,
    pub(super) series: Series,
    pub(super) viewport: Viewport,
    pub(super) history: History,
    pub(super) width_px: f64,
    pub(super) height_px: f64,
    /// The chosen bar.
    pub(super) cursor: Option<usize>,
    /// Where the pointer is, when a pointer chose it.
    pub(super) pointer: Option<(f64, f64)>,
}

impl ChartState {
    pub(super) fn new() -> Self {
        ChartState {
            subject: None,
            series: Series::default(),
            viewport: Viewport::new(),
            history: History::Loading,
            width_px: 0.0,
            height_px: 0.0,
            cursor: None,
            pointer: None,
        }
    }

    /// Begins to show something else.
    pub(super) fn show(&mut self, subject: Option<Subject>) {
        self.subject = subject;
        self.series = Series::default();
        self.viewport = Viewport::new();
        self.viewport.resize(plot_width(self.width_px));
        self.history = History::Loading;
        self.cursor = None;
        self.pointer = None;
    }

    pub(super) fn resize(&mut self, width_px: f64, height_px: f64) {
        self.width_px = width_px;
        self.height_px = height_px;
        self.viewport.resize(plot_width(width_px));
    }

    pub(super) fn take_history(&mut self, bars: &[Bar]) {
        let merged = self.series.merge_history(bars);
        self.count_changed(merged);
    }

    pub(super) fn take_live(&mut self, bar: &Bar) {
        let merged = self.series.push_live(bar);
        self.count_changed(merged);
    }

    /// Whether the user has come near the oldest bar and there may be older ones.
    pub(super) fn wants_older(&self) -> bool {
        self.history == History::Loaded
            && !self.series.is_full()
            && self.viewport.visible().start < 30
    }

    /// Chooses the bar below a pointer.
    pub(super) fn point_at(&mut self, x: f64, y: f64) {
        self.cursor = self.viewport.hit(x);
        self.pointer = Some((x, y));
    }

    /// The bars have moved below a pointer that stands still.
    pub(super) fn point_again(&mut self) {
        if let Some((x, y)) = self.pointer {
            self.point_at(x, y);
        }
    }

    /// Chooses a bar some places further on, from the newest one when none is chosen.
    pub(super) fn step(&mut self, places: isize) {
        let Some(newest) = self.series.bars().len().checked_sub(1) else { return };
        let next = match self.cursor {
            Some(at) => at.saturating_add_signed(places).min(newest),
            None => newest,
        };
        self.choose(next);
    }

    /// Chooses a bar and brings it into view.
    pub(super) fn choose(&mut self, index: usize) {
        self.cursor = Some(index);
        self.pointer = None;
        self.viewport.reveal(index);
    }

    pub(super) fn unchoose(&mut self) {
        self.cursor = None;
        self.pointer = None;
    }

    /// The bar that the readout is about: the chosen one, else the newest.
    pub(super) fn bar_in_focus(&self) -> Option<&Bar> {
        match self.cursor {
            Some(index) => self.series.bars().get(index),
            None => self.series.bars().last(),
        }
    }

    fn count_changed(&mut self, merged: Merged) {
        self.cursor = self.cursor.and_then(|at| at.checked_add_signed(merged.shifted));
        self.viewport.set_count(self.series.bars().len(), merged.shifted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::bar;

    #[test]
    fn the_chosen_bar_stays_chosen_when_older_ones_arrive() {
        let mut state = ChartState::new();
        state.resize(500.0, 300.0);
        state.take_history(&(100..200).map(|minute| bar(minute, "1")).collect::<Vec<_>>());
        state.choose(10);
        let chosen = state.bar_in_focus().unwrap().start;
        state.take_history(&(0..100).map(|minute| bar(minute, "1")).collect::<Vec<_>>());
        assert_eq!(state.bar_in_focus().unwrap().start, chosen);
    }

    #[test]
    fn the_keys_stop_at_both_ends() {
        let mut state = ChartState::new();
        state.step(1);
        assert_eq!(state.cursor, None, "there is nothing to choose");
        state.take_history(&[bar(1, "1"), bar(2, "1")]);
        state.step(-1);
        assert_eq!(state.cursor, Some(1), "the first key chooses the newest");
        state.step(-5);
        assert_eq!(state.cursor, Some(0));
        state.step(9);
        assert_eq!(state.cursor, Some(1));
    }
}
