//! The last hour of a price as one small line.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Interval};

/// One point per minute of the last hour.
const POINTS_MAX: usize = 60;

/// The last price of each of the last minutes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sparkline {
    points: Vec<(UnixMillis, f64)>,
}

impl Sparkline {
    /// Takes over the past; points that came live meanwhile stay.
    pub(crate) fn take_history(&mut self, bars: &[Bar]) {
        let live = std::mem::take(&mut self.points);
        for bar in bars {
            self.push(bar.start, bar.close.to_f64());
        }
        for (time, value) in live {
            self.push(time, value);
        }
    }

    /// A price came. Whether the line is different now by more than its last point.
    pub(crate) fn push(&mut self, time: UnixMillis, price: f64) -> bool {
        let minute = Interval::Minute1.start_of(time);
        match self.points.last_mut() {
            Some((last, _)) if *last > minute => return false,
            Some((last, value)) if *last == minute => {
                *value = price;
                return false;
            }
            _ => self.points.push((minute, price)),
        }
        if self.points.len() > POINTS_MAX {
            self.points.remove(0);
        }
        true
    }

    /// The line as an SVG path within a box; nothing with fewer than two points.
    pub(crate) fn path(&self, width: f64, height: f64) -> String {
        use std::fmt::Write;

        let (Some((first, _)), Some((last, _))) = (self.points.first(), self.points.last()) else {
            return String::new();
        };
        let span = (last.0 - first.0) as f64;
        if span <= 0.0 {
            return String::new();
        }
        let values = || self.points.iter().map(|(_, value)| *value);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let range = high - low;
        let mut path = String::with_capacity(self.points.len() * 12);
        for (at, (time, value)) in self.points.iter().enumerate() {
            let x = (time.0 - first.0) as f64 / span * width;
            // A price that did not move is a line through the middle.
            let share = if range > 0.0 { (value - low) / range } else { 0.5 };
            let y = height - share * height;
            let letter = if at == 0 { 'M' } else { 'L' };
            // Writing to a String cannot fail.
            let _ = write!(path, "{letter}{x:.1} {y:.1}");
        }
        path
    }

    /// The first and the last price.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        Some((self.points.first()?.1, self.points.last()?.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> UnixMillis {
        UnixMillis(n * 60_000 + 5)
    }

    #[test]
    fn the_line_goes_from_the_oldest_to_the_newest_minute() {
        let mut line = Sparkline::default();
        assert!(line.push(minute(0), 10.0));
        assert!(!line.push(minute(0), 12.0));
        assert_eq!(line.path(60.0, 20.0), "", "one point is no line");
        assert!(line.push(minute(1), 11.0));
        assert!(line.push(minute(2), 13.0));
        assert_eq!(line.path(60.0, 20.0), "M0.0 10.0L30.0 20.0L60.0 0.0");
        assert_eq!(line.ends(), Some((12.0, 13.0)));
    }

    #[test]
    fn a_late_price_does_not_bend_the_past() {
        let mut line = Sparkline::default();
        line.push(minute(5), 10.0);
        assert!(!line.push(minute(4), 99.0));
        assert_eq!(line.ends(), Some((10.0, 10.0)));
    }

    #[test]
    fn only_the_last_hour_is_kept() {
        let mut line = Sparkline::default();
        for n in 0..200 {
            line.push(minute(n), n as f64);
        }
        assert_eq!(line.ends(), Some((140.0, 199.0)));
    }
}
