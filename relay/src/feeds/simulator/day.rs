//! The trading day, compressed.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Phase;

/// Where an instrument is traded: who is open when, and who moves together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    Korea,
    Tokyo,
    NewYork,
    /// Around the clock.
    Crypto,
    /// Around the clock.
    Currencies,
}

/// Thousandths of a day at which the session opens, closes, and the day's trading ends.
const OPENS: i64 = 40;
const CLOSES: i64 = 920;
const ENDS: i64 = 960;

impl Exchange {
    /// Its name, which also names what all its prices have in common.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Exchange::Korea => "korea",
            Exchange::Tokyo => "tokyo",
            Exchange::NewYork => "new york",
            Exchange::Crypto => "crypto",
            Exchange::Currencies => "currencies",
        }
    }

    /// How far its day lies behind the others', in thousandths: never are two closed at once.
    const fn offset(self) -> i64 {
        match self {
            Exchange::Korea => 0,
            Exchange::Tokyo => 300,
            Exchange::NewYork => 600,
            Exchange::Crypto | Exchange::Currencies => 0,
        }
    }

    const fn never_closes(self) -> bool {
        matches!(self, Exchange::Crypto | Exchange::Currencies)
    }
}

/// The trading day of one exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    exchange: Exchange,
    length_ms: i64,
}

impl Day {
    pub(super) const fn new(exchange: Exchange, length_ms: i64) -> Self {
        Day { exchange, length_ms }
    }

    /// How long it is.
    pub(super) const fn length_ms(self) -> i64 {
        self.length_ms
    }

    /// When the day began that a time falls into.
    pub(super) const fn start(self, time: UnixMillis) -> UnixMillis {
        let offset_ms = self.exchange.offset() * self.length_ms / 1_000;
        UnixMillis(time.0 - (time.0 - offset_ms).rem_euclid(self.length_ms))
    }

    /// When the session before the day of `time` closed: what changes are measured against.
    pub(super) const fn previous_close(self, time: UnixMillis) -> UnixMillis {
        let start = self.start(time).0;
        match self.exchange.never_closes() {
            true => UnixMillis(start),
            false => UnixMillis(start - self.length_ms + CLOSES * self.length_ms / 1_000),
        }
    }

    /// When trading ends, or ended, on the day of `time`.
    pub(super) const fn end_of_trading(self, time: UnixMillis) -> UnixMillis {
        UnixMillis(self.start(time).0 + ENDS * self.length_ms / 1_000 - 1)
    }

    /// What the exchange is doing, halts of single instruments aside.
    pub(super) fn phase(self, time: UnixMillis) -> Phase {
        if self.exchange.never_closes() {
            return Phase::Open;
        }
        match (time.0 - self.start(time).0) * 1_000 / self.length_ms {
            ..OPENS => Phase::Pre,
            OPENS..CLOSES => Phase::Open,
            CLOSES..ENDS => Phase::Post,
            _ => Phase::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_always_trades_and_everybody_closes_once_a_day() {
        let length_ms = 3_600_000;
        let exchanges = [Exchange::Korea, Exchange::Tokyo, Exchange::NewYork];
        let mut closed = [false; 3];
        for minute in 0..60 {
            let time = UnixMillis(1_763_000_040_000 + minute * 60_000);
            let phases = exchanges.map(|exchange| Day::new(exchange, length_ms).phase(time));
            assert!(phases.iter().filter(|phase| **phase == Phase::Open).count() >= 2);
            for (closed, phase) in closed.iter_mut().zip(phases) {
                *closed |= phase == Phase::Closed;
            }
        }
        assert_eq!(closed, [true; 3]);
    }
}
