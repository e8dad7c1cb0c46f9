//! Which bars are in view, and where. Bars are places of equal width, numbered from the oldest;
//! closed markets take no room.

use std::ops::Range;

/// Narrowest and widest place of a bar, in pixels: below the first, bars cannot be told apart;
/// above the second, a screen shows a dozen.
const BAR_PX: (f64, f64) = (1.5, 80.0);

/// Empty places to the right of the newest bar.
const MARGIN_BARS: f64 = 3.0;

/// Bars that stay in view however far one pans.
const IN_VIEW_MIN: f64 = 5.0;

/// The part of the series that is in view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Viewport {
    bar_px: f64,
    /// The place at the right edge, with fraction.
    right: f64,
    width_px: f64,
    count: usize,
}

impl Viewport {
    /// The newest bars.
    pub(super) fn new() -> Self {
        Viewport { bar_px: 8.0, right: MARGIN_BARS, width_px: 0.0, count: 0 }
    }

    /// Width of a bar's place.
    pub(super) const fn bar_px(&self) -> f64 {
        self.bar_px
    }

    /// The plot has another width; the right edge stays.
    pub(super) fn resize(&mut self, width_px: f64) {
        self.width_px = width_px.max(0.0);
    }

    /// The series has another length. A view of the newest bar goes on showing it.
    pub(super) fn set_count(&mut self, count: usize, shifted: isize) {
        let follows = self.shows_newest();
        self.right += shifted as f64;
        self.count = count;
        if follows {
            self.show_newest();
        }
        self.clamp();
    }

    /// Whether the newest bar is in view.
    pub(super) fn shows_newest(&self) -> bool {
        self.right >= self.count as f64
    }

    /// Goes back to the newest bar.
    pub(super) fn show_newest(&mut self) {
        self.right = self.count as f64 + MARGIN_BARS;
    }

    /// Moves the bars by a distance, positive to the right (into the past).
    pub(super) fn pan(&mut self, distance_px: f64) {
        self.right -= distance_px / self.bar_px;
        self.clamp();
    }

    /// Zooms in (above 1) or out, such that what is at `anchor_px` stays there.
    pub(super) fn zoom(&mut self, factor: f64, anchor_px: f64) {
        let place = self.place_at(anchor_px);
        self.bar_px = (self.bar_px * factor).clamp(BAR_PX.0, BAR_PX.1);
        self.right = place + (self.width_px - anchor_px) / self.bar_px;
        self.clamp();
    }

    /// Moves as little as needed to bring a bar into view.
    pub(super) fn reveal(&mut self, index: usize) {
        let left = self.right - self.width_px / self.bar_px;
        if (index as f64) < left {
            self.right += index as f64 - left;
        } else if index as f64 + 1.0 > self.right {
            self.right = index as f64 + 1.0;
        }
    }

    /// The middle of a bar, in pixels from the left edge.
    pub(super) fn center_px(&self, index: usize) -> f64 {
        self.width_px - (self.right - index as f64 - 0.5) * self.bar_px
    }

    /// The bar at a distance from the left edge, where there is one.
    pub(super) fn hit(&self, x_px: f64) -> Option<usize> {
        let place = self.place_at(x_px).floor();
        // Negative places have no bar; a cast would make them 0.
        (place >= 0.0 && place < self.count as f64).then_some(place as usize)
    }

    /// The bars in view.
    pub(super) fn visible(&self) -> Range<usize> {
        let first = self.place_at(0.0).floor().max(0.0) as usize;
        let end = (self.right.ceil().max(0.0) as usize).min(self.count);
        first.min(end)..end
    }

    fn place_at(&self, x_px: f64) -> f64 {
        self.right - (self.width_px - x_px) / self.bar_px
    }

    fn clamp(&mut self) {
        let newest = self.count as f64 + MARGIN_BARS.max(self.width_px / self.bar_px * 0.5);
        self.right = self.right.clamp(IN_VIEW_MIN.min(newest), newest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(count: usize, width_px: f64) -> Viewport {
        let mut view = Viewport::new();
        view.resize(width_px);
        view.set_count(count, 0);
        view
    }

    #[test]
    fn the_newest_bars_are_in_view_at_first() {
        let view = view(100, 400.0);
        assert!(view.shows_newest());
        assert_eq!(view.visible(), 53..100);
        assert_eq!(view.hit(view.center_px(99)), Some(99));
        assert_eq!(view.hit(399.0), None, "the margin has no bar");
    }

    #[test]
    fn a_new_bar_scrolls_only_a_view_of_the_newest() {
        let mut following = view(100, 400.0);
        let before = following.center_px(99);
        following.set_count(101, 0);
        assert_eq!(following.center_px(100), before);
        let mut reading = view(100, 400.0);
        reading.pan(200.0);
        let before = reading.center_px(60);
        reading.set_count(101, 0);
        assert_eq!(reading.center_px(60), before);
    }

    #[test]
    fn older_bars_do_not_move_what_is_in_view() {
        let mut view = view(100, 400.0);
        view.pan(300.0);
        let before = view.center_px(50);
        view.set_count(400, 300);
        assert_eq!(view.center_px(350), before);
    }

    #[test]
    fn zooming_keeps_the_bar_under_the_pointer() {
        let mut view = view(1_000, 800.0);
        view.pan(2_000.0);
        let at = view.center_px(700);
        view.zoom(1.7, at);
        assert_eq!(view.hit(at), Some(700));
        for _ in 0..50 {
            view.zoom(2.0, at);
        }
        assert_eq!(view.bar_px(), BAR_PX.1);
        for _ in 0..50 {
            view.zoom(0.5, at);
        }
        assert_eq!(view.bar_px(), BAR_PX.0);
    }

    #[test]
    fn nobody_gets_lost_by_panning() {
        let mut view = view(100, 400.0);
        view.pan(1e9);
        assert!(!view.visible().is_empty());
        view.pan(-1e9);
        assert!(!view.visible().is_empty());
        assert_eq!(Viewport::new().visible(), 0..0);
    }

    #[test]
    fn the_arrow_keys_bring_a_bar_into_view() {
        let mut view = view(1_000, 400.0);
        view.reveal(10);
        assert!(view.visible().contains(&10));
        view.reveal(990);
        assert!(view.visible().contains(&990));
    }
}
