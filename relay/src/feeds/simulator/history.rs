//! The past of the made-up market, so that charts have a history at the start. It is as made-up as
//! the present: the same prices that a relay of this seed would have shown at that time.

use std::time::Duration;

use rust_decimal::Decimal;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Interval, Price, Quantity, Symbol, Tick};

use super::market::{Market, SECOND_MS};
use crate::feeds::Change;
use crate::feeds::config::SimulatorConfig;

/// Most minutes that are made at once: a week.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// Most ticks that are made at once, and how far back they are looked for.
const TICKS_MAX: usize = 10_000;
const LOOK_BACK_S: i64 = 3_600;

/// Prices are looked up so often in a minute for its bar.
const LOOKS_PER_MINUTE: i64 = 6;

/// The past of one simulator.
#[derive(Clone, Debug)]
pub struct History {
    settings: SimulatorConfig,
}

impl History {
    /// The past of the simulator with these settings.
    #[must_use]
    pub fn new(settings: SimulatorConfig) -> Self {
        History { settings }
    }

    /// Bars of one minute, oldest first: the last one is the last whole minute before `until`.
    /// Empty for a symbol that the simulator doesn't have. At most a week.
    ///
    /// Prices are those of the live market, looked up every ten seconds; volumes and counts are
    /// what is usual for the time. So a bar is close to what its ticks would make, at a fraction of
    /// the cost.
    #[must_use]
    pub fn bars(&self, symbol: &Symbol, until: UnixMillis, minutes: u32) -> Vec<Bar> {
        let Some(market) = Market::of(symbol.as_str(), &self.settings) else { return Vec::new() };
        let end = Interval::Minute1.start_of(until);
        let minute_ms = 60 * SECOND_MS;
        (1..=i64::from(minutes.min(MINUTES_MAX)))
            .rev()
            .map(|back| bar(&market, UnixMillis(end.0 - back * minute_ms)))
            .collect()
    }

    /// The last trades before `until`, oldest first: exactly those that the live market had.
    #[must_use]
    pub fn ticks(&self, symbol: &Symbol, until: UnixMillis, count: usize) -> Vec<Tick> {
        let Some(market) = Market::of(symbol.as_str(), &self.settings) else { return Vec::new() };
        if !market.has_trades() {
            return Vec::new();
        }
        let mut newest_first = Vec::new();
        let mut to = until;
        for _ in 0..LOOK_BACK_S {
            let from = to - Duration::from_secs(1);
            let trades = market.between(from, to).into_iter().rev();
            newest_first.extend(trades.filter_map(|happening| match happening.change {
                Change::Trade { price, size, .. } => Some(Tick { time: happening.at, price, size }),
                _ => None,
            }));
            if newest_first.len() >= count.min(TICKS_MAX) {
                break;
            }
            to = from;
        }
        newest_first.truncate(count.min(TICKS_MAX));
        newest_first.reverse();
        newest_first
    }
}

fn bar(market: &Market, start: UnixMillis) -> Bar {
    let step_ms = 60 * SECOND_MS / LOOKS_PER_MINUTE;
    let times = (0..LOOKS_PER_MINUTE).map(|look| UnixMillis(start.0 + look * step_ms));
    let (mut volume, mut events) = (0.0, 0.0);
    let mut prices: Vec<Price> = Vec::new();
    for time in times {
        let seconds = step_ms as f64 / SECOND_MS as f64;
        let rate = market.rate(time);
        events += rate * seconds;
        volume += market.volume_per_s(time) * seconds;
        if rate > 0.0 {
            prices.push(market.price(time));
        }
    }
    // A minute without trading is flat at the price it began with.
    let standing = || market.price(market.last_traded(start));
    let open = prices.first().copied().unwrap_or_else(standing);
    let trades = if market.listing.size_units == 0 { 0.0 } else { events * 0.5 };
    let digits = u32::from(market.listing.size_digits);
    Bar {
        start,
        open,
        high: prices.iter().copied().max().unwrap_or(open),
        low: prices.iter().copied().min().unwrap_or(open),
        close: prices.last().copied().unwrap_or(open),
        volume: Quantity::new(Decimal::new(volume as i64, digits)),
        trades: trades as u64,
        closed: true,
    }
}
