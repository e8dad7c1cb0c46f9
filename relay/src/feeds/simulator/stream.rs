//! What happens in the made-up market between two times, for the symbols that are wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Phase, Price, Quantity, Symbol};

use super::history::History;
use super::market::Market;
use crate::feeds::config::SimulatorConfig;
use crate::feeds::{Change, Origin, Update};

/// After a longer pause (a laptop that slept) the market goes on from now.
const CATCH_UP_MAX: Duration = Duration::from_secs(5);

/// Day figures are told so often while they change.
const FIGURES_EVERY: Duration = Duration::from_secs(1);

/// The made-up market as a stream of updates: same seed and same calls, same updates.
#[derive(Clone, Debug)]
pub struct Stream {
    feed: String,
    settings: SimulatorConfig,
    at: UnixMillis,
    wanted: BTreeMap<Symbol, State>,
}

/// What one instrument was last said to be.
#[derive(Clone, Debug)]
struct State {
    market: Market,
    phase: Phase,
    figures: Figures,
    told: Told,
}

#[derive(Clone, Debug)]
struct Figures {
    day: UnixMillis,
    reference: Price,
    high: Price,
    low: Price,
    volume: Quantity,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    at: UnixMillis,
    freshness: Freshness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    UpToDate,
    Outdated,
}

impl Stream {
    /// A market of which nothing is wanted yet.
    #[must_use]
    pub fn new(feed: impl Into<String>, settings: SimulatorConfig, now: UnixMillis) -> Self {
        Stream { feed: feed.into(), settings, at: now, wanted: BTreeMap::new() }
    }

    /// A symbol is wanted from now on. Answers what fills its screen: phase, last trade, best bid
    /// and ask, figures of the day. Nothing for a symbol that there isn't.
    pub fn start(&mut self, symbol: &Symbol, now: UnixMillis) -> Vec<Update> {
        let Some(market) = Market::of(symbol.as_str(), &self.settings) else { return Vec::new() };
        let history = History::new(self.settings.clone());
        let state = State::at(market, symbol, &history, now);
        let price_time = market.last_traded(now);
        let last_trade = history.ticks(symbol, now, 1).pop();
        let (bid, ask) = market.book(price_time);
        let snapshot = |at, change| self.update(symbol, at, now, Origin::Snapshot, change);
        let mut updates =
            vec![self.update(symbol, now, now, Origin::Live, Change::Phase(state.phase))];
        updates.extend(last_trade.map(|tick| {
            let (price, size) = (tick.price, tick.size);
            snapshot(tick.time, Change::Trade { price, size, side: None, id: None })
        }));
        let figures = state.figures.change(Some(market.price(price_time)));
        updates.push(snapshot(price_time, figures));
        if market.has_book() {
            updates.push(snapshot(price_time, Change::Book { bid, ask }));
        }
        self.wanted.insert(symbol.clone(), state);
        updates
    }

    /// A symbol is not wanted any more.
    pub fn stop(&mut self, symbol: &Symbol) {
        self.wanted.remove(symbol);
    }

    /// Everything that happened since the last call, in order of time.
    pub fn advance(&mut self, now: UnixMillis) -> Vec<Update> {
        let from = self.at.max(now - CATCH_UP_MAX).min(now);
        self.at = now;
        let mut wanted = std::mem::take(&mut self.wanted);
        let mut updates = Vec::new();
        for (symbol, state) in &mut wanted {
            for change in state.phase_and_day(symbol, &self.settings, now) {
                updates.push(self.update(symbol, now, now, Origin::Live, change));
            }
            for happening in state.market.between(from, now) {
                state.figures.take(&happening.change);
                state.told.freshness = Freshness::Outdated;
                let change = happening.change;
                updates.push(self.update(symbol, happening.at, now, Origin::Live, change));
            }
            if let Some(change) = state.figures_due(now) {
                updates.push(self.update(symbol, now, now, Origin::Live, change));
            }
        }
        self.wanted = wanted;
        updates.sort_by_key(|update| update.venue_time);
        updates
    }

    fn update(
        &self,
        symbol: &Symbol,
        at: UnixMillis,
        now: UnixMillis,
        origin: Origin,
        change: Change,
    ) -> Update {
        Update {
            symbol: symbol.clone(),
            feed: self.feed.clone(),
            venue_time: at,
            received: now,
            origin,
            change,
        }
    }
}

impl State {
    fn at(market: Market, symbol: &Symbol, history: &History, now: UnixMillis) -> Self {
        State {
            market,
            phase: market.phase(now),
            figures: Figures::at(&market, symbol, history, now),
            told: Told { at: now, freshness: Freshness::UpToDate },
        }
    }

    fn phase_and_day(
        &mut self,
        symbol: &Symbol,
        settings: &SimulatorConfig,
        now: UnixMillis,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let phase = self.market.phase(now);
        if phase != self.phase {
            self.phase = phase;
            changes.push(Change::Phase(phase));
        }
        if self.market.day.start(now) != self.figures.day {
            let history = History::new(settings.clone());
            self.figures = Figures::at(&self.market, symbol, &history, now);
            self.told.freshness = Freshness::Outdated;
        }
        changes
    }

    fn figures_due(&mut self, now: UnixMillis) -> Option<Change> {
        let due =
            self.told.freshness == Freshness::Outdated && now.since(self.told.at) >= FIGURES_EVERY;
        due.then(|| {
            self.told = Told { at: now, freshness: Freshness::UpToDate };
            self.figures.change(None)
        })
    }
}

impl Figures {
    fn at(market: &Market, symbol: &Symbol, history: &History, now: UnixMillis) -> Self {
        let day = market.day.start(now);
        let minutes = u32::try_from(now.since(day).as_secs() / 60).unwrap_or(0);
        let bars = history.bars(symbol, now, minutes);
        let price = market.price(market.last_traded(now));
        let volume = bars.iter().fold(Decimal::ZERO, |sum, bar| sum + bar.volume.value());
        Figures {
            day,
            reference: market.price(market.day.previous_close(now)),
            high: bars.iter().map(|bar| bar.high).chain([price]).max().unwrap_or(price),
            low: bars.iter().map(|bar| bar.low).chain([price]).min().unwrap_or(price),
            volume: Quantity::new(volume),
        }
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::Trade { price, size, .. } => {
                self.volume = Quantity::new(self.volume.value() + size.value());
                self.extend(*price);
            }
            Change::Day { last: Some(price), .. } => self.extend(*price),
            _ => {}
        }
    }

    fn extend(&mut self, price: Price) {
        self.high = self.high.max(price);
        self.low = self.low.min(price);
    }

    fn change(&self, last: Option<Price>) -> Change {
        Change::Day {
            reference: Some(self.reference),
            high: Some(self.high),
            low: Some(self.low),
            volume: (self.volume > Quantity::ZERO).then_some(self.volume),
            last,
        }
    }
}

#[cfg(test)]
mod tests;
