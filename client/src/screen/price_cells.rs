//! What the cells of a price have in common: direction, flash, place in the day's range.

use std::time::Duration;

use tidemark_shared::clock::Moment;
use tidemark_shared::market::Quote;

use crate::board::{Direction, Ticker};
use crate::browser::clock;

/// A flash lasts as long; a price that moves faster does not flash more often, or the screen
/// would do nothing but flash.
const FLASH_EVERY: Duration = Duration::from_millis(600);

/// Above, below or at what the day's change is measured against.
pub(super) fn direction(ticker: &Ticker) -> &'static str {
    let Some(quote) = &ticker.quote else { return "" };
    match quote.reference.map(|reference| quote.price.cmp(&reference)) {
        Some(std::cmp::Ordering::Greater) => "rising",
        Some(std::cmp::Ordering::Less) => "falling",
        _ => "steady",
    }
}

/// Where the price stands between the day's low (0) and high (1).
pub(super) fn range_share(quote: &Quote) -> Option<f64> {
    let (low, high) = (quote.low?.to_f64(), quote.high?.to_f64());
    (high > low).then(|| ((quote.price.to_f64() - low) / (high - low)).clamp(0.0, 1.0))
}

/// Makes a price flash when it moves. A browser starts an animation anew only when its name
/// changes, so two names take turns.
#[derive(Clone, Debug)]
pub(super) struct Flash {
    moves: u32,
    last: Option<Moment>,
    class: &'static str,
}

impl Flash {
    /// A price that has moved so often before it was shown does not flash for that.
    pub(super) const fn since(moves: u32) -> Self {
        Flash { moves, last: None, class: "price" }
    }

    /// The class that a price has now.
    pub(super) fn class(&mut self, ticker: &Ticker) -> &'static str {
        self.class_at(ticker.moves, ticker.direction, clock::moment())
    }

    fn class_at(&mut self, moves: u32, direction: Direction, now: Moment) -> &'static str {
        let is_resting = self.last.is_none_or(|last| now.since(last) >= FLASH_EVERY);
        if moves != self.moves && is_resting {
            self.last = Some(now);
            let is_second = self.class.ends_with('1');
            self.class = match (direction, is_second) {
                (Direction::Up, true) => "price flash-up-2",
                (Direction::Up, false) => "price flash-up-1",
                (Direction::Down, true) => "price flash-down-2",
                (Direction::Down, false) => "price flash-down-1",
                (Direction::Still, _) => "price",
            };
        }
        self.moves = moves;
        self.class
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::clock::UnixMillis;

    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::START + Duration::from_millis(ms)
    }

    #[test]
    fn two_moves_the_same_way_flash_twice() {
        let mut flash = Flash::since(5);
        assert_eq!(flash.class_at(5, Direction::Up, at(0)), "price");
        assert_eq!(flash.class_at(6, Direction::Up, at(0)), "price flash-up-1");
        assert_eq!(flash.class_at(7, Direction::Up, at(1_000)), "price flash-up-2");
        assert_eq!(flash.class_at(8, Direction::Down, at(2_000)), "price flash-down-1");
    }

    #[test]
    fn a_price_that_moves_all_the_time_does_not_flicker() {
        let mut flash = Flash::since(0);
        flash.class_at(1, Direction::Up, at(0));
        for n in 2..30 {
            let class = flash.class_at(n, Direction::Down, at(u64::from(n) * 16));
            assert_eq!(class, "price flash-up-1");
        }
    }

    #[test]
    fn the_days_range_needs_two_ends() {
        let mut quote = Quote::of_price("15".parse().unwrap(), UnixMillis(0));
        assert_eq!(range_share(&quote), None);
        quote.low = Some("10".parse().unwrap());
        quote.high = Some("20".parse().unwrap());
        assert_eq!(range_share(&quote), Some(0.5));
        quote.high = quote.low;
        assert_eq!(range_share(&quote), None);
    }
}
