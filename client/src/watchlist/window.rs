//! Which rows of a long list are made at all: those in view and a few around them.

use std::ops::Range;

/// Rows made above and below those in view, so that a quick scroll finds them there.
const SPARE_ROWS: usize = 6;

/// The part of a list that is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Window {
    /// Which rows.
    pub(crate) rows: Range<usize>,
    /// Height of what is left out above, in pixels.
    pub(crate) above_px: f64,
    /// Height of what is left out below, in pixels.
    pub(crate) below_px: f64,
}

impl Window {
    /// The window onto `count` rows of `row_px` each, scrolled down by `scrolled_px`, seen through
    /// a hole of `seen_px`.
    pub(crate) fn onto(count: usize, row_px: f64, scrolled_px: f64, seen_px: f64) -> Self {
        // Casts from float saturate: a wild scroll position is the list's begin or end.
        let first = (scrolled_px.max(0.0) / row_px) as usize;
        let fitting = (seen_px.max(0.0) / row_px).ceil() as usize + 1;
        let end = first.saturating_add(fitting).saturating_add(SPARE_ROWS).min(count);
        let start = first.saturating_sub(SPARE_ROWS).min(end);
        Window {
            rows: start..end,
            above_px: start as f64 * row_px,
            below_px: (count - end) as f64 * row_px,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_rows_make_only_those_in_view() {
        let window = Window::onto(1_000, 40.0, 4_000.0, 800.0);
        assert_eq!(window.rows, 94..127);
        let whole = window.above_px + window.below_px + window.rows.len() as f64 * 40.0;
        assert_eq!(whole, 40_000.0, "the scroll bar must not jump");
    }

    #[test]
    fn short_lists_and_wild_scroll_positions_do_no_harm() {
        assert_eq!(Window::onto(3, 40.0, 0.0, 800.0).rows, 0..3);
        assert_eq!(Window::onto(0, 40.0, 0.0, 800.0).rows, 0..0);
        assert_eq!(Window::onto(10, 40.0, -50.0, 80.0).rows, 0..9);
        assert_eq!(Window::onto(10, 40.0, 1e12, 80.0).rows.end, 10);
        assert_eq!(Window::onto(10, 40.0, f64::NAN, 80.0).rows.start, 0);
    }
}
