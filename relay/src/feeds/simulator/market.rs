//! One instrument of the made-up market: its price, trades and quotes at any time.

use rust_decimal::Decimal;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{AssetClass, Phase, Price, Quantity, Side};

use super::day::Day;
use super::listing::{LISTINGS, Listing};
use super::noise::{Noise, unit};
use crate::feeds::Change;
use crate::feeds::config::SimulatorConfig;

/// Activity is decided second by second.
pub(super) const SECOND_MS: i64 = 1_000;

/// Most events of one instrument in one second: keeps their numbers apart.
const PER_SECOND_MAX: usize = 4_096;

/// One share in so many is halted at some time of each window of this length.
const HALT_ONE_IN: u64 = 60;
const HALT_WINDOW_MS: i64 = 300_000;
const HALT_SHORTEST_MS: i64 = 10_000;
const HALT_LONGEST_MS: i64 = 40_000;

/// One window of this length in so many is a burst, with so many times the usual activity.
const BURST_ONE_IN: u64 = 20;
const BURST_WINDOW_MS: i64 = 10_000;
const BURST_FACTOR: f64 = 4.0;

/// Outside the session little is traded.
const QUIET_FACTOR: f64 = 0.2;

/// One instrument of a market of one seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Market {
    pub(super) listing: &'static Listing,
    pub(super) day: Day,
    events_per_s: f64,
    common: Noise,
    own: Noise,
    activity: Noise,
    bursts: Noise,
    halts: Noise,
    spreads: Noise,
    events: Noise,
}

/// Something that happens in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) at: UnixMillis,
    /// Apart from all others of the instrument, and greater than all before.
    pub(super) number: u64,
    pub(super) change: Change,
}

impl Market {
    /// The instrument of this symbol.
    pub(super) fn of(symbol: &str, settings: &SimulatorConfig) -> Option<Self> {
        let listing = LISTINGS.iter().find(|listing| listing.symbol == symbol)?;
        let seed = Noise::of_seed(settings.seed);
        let own = seed.derive(listing.symbol);
        let everything: u32 = LISTINGS.iter().map(|listing| listing.activity).sum();
        let share = f64::from(listing.activity) / f64::from(everything);
        Some(Market {
            listing,
            day: Day::new(listing.exchange, i64::from(settings.day_minutes) * 60_000),
            events_per_s: f64::from(settings.updates_per_s) * share,
            common: seed.derive(listing.exchange.name()),
            own: own.derive("price"),
            activity: own.derive("activity"),
            bursts: own.derive("bursts"),
            halts: own.derive("halts"),
            spreads: own.derive("spreads"),
            events: own.derive("events"),
        })
    }

    /// What the market of this instrument is doing.
    pub(super) fn phase(&self, time: UnixMillis) -> Phase {
        match self.day.phase(time) {
            Phase::Open if self.is_halted(time) => Phase::Halted,
            phase => phase,
        }
    }

    /// The price of the last possible trade.
    pub(super) fn price(&self, time: UnixMillis) -> Price {
        self.price_of_ticks(self.ticks(time).round())
    }

    /// The last time until `time` at which there could be a trade: where the price stands since.
    pub(super) fn last_traded(&self, time: UnixMillis) -> UnixMillis {
        match self.phase(time) {
            Phase::Closed => self.day.end_of_trading(time),
            Phase::Halted => {
                let seconds_back = (1..=HALT_LONGEST_MS / SECOND_MS).map(|back| back * SECOND_MS);
                let mut before = seconds_back.map(|back_ms| UnixMillis(time.0 - back_ms));
                before.find(|time| !self.is_halted(*time)).unwrap_or(time)
            }
            Phase::Open | Phase::Pre | Phase::Post => time,
        }
    }

    /// Best bid and ask.
    pub(super) fn book(&self, time: UnixMillis) -> (Price, Price) {
        // A spread of one to three ticks that changes every couple of seconds.
        let extra = self.spreads.bits(time.0.div_euclid(2_000)) % 3;
        let bid = (self.ticks(time) - 0.5 - extra as f64 / 2.0).floor().max(1.0);
        (self.price_of_ticks(bid), self.price_of_ticks(bid + 1.0 + extra as f64))
    }

    /// Whether there are bids and asks at all.
    pub(super) fn has_book(&self) -> bool {
        self.listing.class != AssetClass::Index
    }

    /// Whether there are trades at all.
    pub(super) fn has_trades(&self) -> bool {
        !matches!(self.listing.class, AssetClass::Index | AssetClass::Currency)
    }

    /// How many events a second this instrument has at a time, on average.
    pub(super) fn rate(&self, time: UnixMillis) -> f64 {
        let burst =
            self.bursts.bits(time.0.div_euclid(BURST_WINDOW_MS)).is_multiple_of(BURST_ONE_IN);
        let burst = if burst { BURST_FACTOR } else { 1.0 };
        match self.phase(time) {
            Phase::Open => self.events_per_s * burst,
            Phase::Pre | Phase::Post => self.events_per_s * QUIET_FACTOR,
            Phase::Halted | Phase::Closed => 0.0,
        }
    }

    /// What happens after `from` and until `to`, in order.
    pub(super) fn between(&self, from: UnixMillis, to: UnixMillis) -> Vec<Happening> {
        let seconds = from.0.div_euclid(SECOND_MS)..=to.0.div_euclid(SECOND_MS);
        let mut events: Vec<(UnixMillis, u64, u64)> = seconds
            .flat_map(|second| self.second(second))
            .filter(|(at, ..)| *at > from && *at <= to)
            .collect();
        events.sort_unstable();
        events.into_iter().map(|(at, number, bits)| self.happening(at, number, bits)).collect()
    }

    /// Time, number and randomness of all events of one second.
    fn second(&self, second: i64) -> Vec<(UnixMillis, u64, u64)> {
        let start = UnixMillis(second * SECOND_MS);
        let expected = self.rate(start) + self.activity.unit(second);
        let count = (expected as usize).min(PER_SECOND_MAX); // the fraction has become chance
        let mut offsets: Vec<(i64, u64)> = (0..count)
            .map(|n| self.events.bits(second * PER_SECOND_MAX as i64 + n as i64))
            .map(|bits| ((bits % SECOND_MS.unsigned_abs()).cast_signed(), bits))
            .collect();
        offsets.sort_unstable();
        let first = second.unsigned_abs() * PER_SECOND_MAX as u64;
        let numbered = offsets.into_iter().zip(first..);
        numbered.map(|((ms, bits), number)| (UnixMillis(start.0 + ms), number, bits)).collect()
    }

    fn happening(&self, at: UnixMillis, number: u64, bits: u64) -> Happening {
        let (bid, ask) = self.book(at);
        let is_trade = bits & (1 << 40) != 0;
        let change = match self.listing.class {
            AssetClass::Index => self.last_only(at),
            AssetClass::Currency if is_trade => self.last_only(at),
            _ if is_trade => {
                let (price, side) = match bits & (1 << 41) != 0 {
                    true => (ask, Side::Buy),
                    false => (bid, Side::Sell),
                };
                Change::Trade { price, size: self.size(bits), side: Some(side), id: Some(number) }
            }
            _ => Change::Book { bid, ask },
        };
        Happening { at, number, change }
    }

    fn last_only(&self, at: UnixMillis) -> Change {
        let last = Some(self.price(at));
        Change::Day { reference: None, high: None, low: None, volume: None, last }
    }

    /// Most trades are small, few are large.
    fn size(&self, bits: u64) -> Quantity {
        let small = 0.05 + unit(bits.rotate_left(17));
        let units = (self.listing.size_units as f64 * 0.3 / small).ceil().max(1.0);
        Quantity::new(Decimal::new(units as i64, u32::from(self.listing.size_digits)))
    }

    /// What is traded in a second on average, if this instrument is traded.
    pub(super) fn volume_per_s(&self, time: UnixMillis) -> f64 {
        // Half of the events are trades; the mean of `size` is 0.3 ln(21) of the typical size.
        self.rate(time) * 0.5 * self.listing.size_units as f64 * 0.3 * 21.0_f64.ln()
    }

    /// The undivided price, in ticks.
    fn ticks(&self, time: UnixMillis) -> f64 {
        let day_ms = self.day.length_ms();
        let together = self.listing.correlation;
        let alone = (1.0 - together * together).sqrt();
        let walked =
            together * self.common.walk(time.0, day_ms) + alone * self.own.walk(time.0, day_ms);
        self.listing.home_ticks as f64 * (self.listing.daily_volatility * walked).exp()
    }

    fn price_of_ticks(&self, ticks: f64) -> Price {
        let units = (ticks.max(1.0) as i64).saturating_mul(self.listing.tick_units);
        Price::new(Decimal::new(units, u32::from(self.listing.digits)))
    }

    fn is_halted(&self, time: UnixMillis) -> bool {
        if self.listing.class != AssetClass::Equity {
            return false;
        }
        let window = time.0.div_euclid(HALT_WINDOW_MS);
        let bits = self.halts.bits(window);
        if !bits.is_multiple_of(HALT_ONE_IN) {
            return false;
        }
        let length_ms =
            HALT_SHORTEST_MS + (unit(bits) * (HALT_LONGEST_MS - HALT_SHORTEST_MS) as f64) as i64;
        let begins_ms = (unit(bits.rotate_left(31)) * (HALT_WINDOW_MS - length_ms) as f64) as i64;
        (begins_ms..begins_ms + length_ms).contains(&time.0.rem_euclid(HALT_WINDOW_MS))
    }
}
