//! From prices to heights, and the round prices at which lines are drawn.

/// Room above the highest and below the lowest price, as a share of the plot's height.
const PADDING: f64 = 0.06;

/// Maps prices to heights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PriceScale {
    low: f64,
    high: f64,
    top_px: f64,
    height_px: f64,
}

impl PriceScale {
    /// A scale on which all of `low` to `high` is in view.
    pub(super) fn fit(low: f64, high: f64, top_px: f64, height_px: f64) -> Self {
        // A price that did not move gets a scale of one per cent of it.
        let range = if high > low { high - low } else { (high.abs() * 0.01).max(1e-8) };
        let middle = (high + low) / 2.0;
        let half = range * (0.5 + PADDING);
        PriceScale { low: middle - half, high: middle + half, top_px, height_px }
    }

    /// The height of a price.
    pub(super) fn y(&self, price: f64) -> f64 {
        self.top_px + (self.high - price) / (self.high - self.low) * self.height_px
    }

    /// The price at a height.
    pub(super) fn price(&self, y: f64) -> f64 {
        self.high - (y - self.top_px) / self.height_px * (self.high - self.low)
    }

    /// Round prices, at least `distance_px` apart, lowest first.
    pub(super) fn ticks(&self, distance_px: f64) -> Vec<f64> {
        let wanted = (self.high - self.low) * distance_px / self.height_px.max(1.0);
        let step = round_up(wanted);
        if !(step.is_finite() && step > 0.0) {
            return Vec::new();
        }
        let first = (self.low / step).ceil();
        let count = ((self.high / step).floor() - first + 1.0).clamp(0.0, 100.0) as usize;
        (0..count).map(|n| (first + n as f64) * step).collect()
    }
}

/// The next number of the form 1, 2 or 5 times a power of ten.
fn round_up(wanted: f64) -> f64 {
    let power = 10_f64.powi(wanted.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0];
    let factor = steps.into_iter().find(|step| step * power >= wanted * 0.999_999);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_and_prices_are_each_others_inverse() {
        let scale = PriceScale::fit(90.0, 110.0, 10.0, 300.0);
        for price in [90.0, 97.3, 110.0] {
            assert!((scale.price(scale.y(price)) - price).abs() < 1e-9);
        }
        assert!(scale.y(110.0) > 10.0 && scale.y(90.0) < 310.0, "padding");
        assert!(scale.y(110.0) < scale.y(90.0), "dearer is higher");
    }

    #[test]
    fn lines_are_at_round_prices() {
        let scale = PriceScale::fit(99.0, 101.0, 0.0, 300.0);
        let ticks: Vec<String> =
            scale.ticks(50.0).into_iter().map(|price| format!("{price:.2}")).collect();
        assert_eq!(ticks, ["99.00", "99.50", "100.00", "100.50", "101.00"]);
        assert_eq!(round_up(0.000_031), 0.000_05);
        assert_eq!(round_up(7_000.0), 10_000.0);
        assert_eq!(round_up(100.0), 100.0);
    }

    #[test]
    fn a_price_that_stands_still_has_a_scale_too() {
        let scale = PriceScale::fit(100.0, 100.0, 0.0, 200.0);
        assert!((scale.y(100.0) - 100.0).abs() < 1e-9);
        assert!(!scale.ticks(50.0).is_empty());
        assert!(PriceScale::fit(0.0, 0.0, 0.0, 0.0).ticks(50.0).len() <= 100);
    }
}
