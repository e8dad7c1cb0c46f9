//! The market as this relay knows it: a state machine without I/O.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, FeedStatus, Instrument, Interval, Symbol, Tick};
use tidemark_shared::protocol::{Class, Metadata, Payload, Priority, Topic};

use super::catalogue::Catalogue;
use super::check::{Rejection, check};
use super::dead_letters::{DeadLetter, DeadLetters};
use super::delay::{DelayLine, Keep};
use super::overview::OverviewKeeper;
use super::ticker::{Taken, Ticker};
use crate::feeds::{Report, Update};
use crate::publication::Publication;

/// How often [`Market::advance`] wants to be called: as often as a forming bar may be published.
pub const ADVANCE_EVERY: Duration = Duration::from_millis(250);

/// Most instruments that are kept. At most 0.8 MB each, when all of them trade every second for a
/// year; a tenth of it after a day.
const SYMBOLS_MAX: usize = 4_096;

/// Everything known of every instrument: quotes, trades, bars, and the state of the feeds.
///
/// Time comes in as an argument and must not run backwards by much; nothing here blocks.
#[derive(Debug, Default)]
pub struct Market {
    pub(super) catalogue: Catalogue,
    pub(super) tickers: HashMap<Symbol, Ticker>,
    /// What prices were, for those who may only see that.
    pub(super) past: DelayLine,
    feeds: HashMap<String, FeedStatus>,
    /// Topics of bars that somebody reads, also of instruments that nothing is known of yet.
    bars_wanted: HashSet<Topic>,
    overview: OverviewKeeper,
    dead_letters: DeadLetters,
    updates: u64,
    late_ticks: u64,
}

/// What is to be done after an input.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// To be numbered and sent, in this order.
    pub publications: Vec<Publication>,
    /// Topics whose content was found to be still true.
    pub touches: Vec<Touch>,
}

/// A topic whose content is still true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Which.
    pub topic: Topic,
    /// Until when.
    pub as_of: UnixMillis,
}

/// How much was done, for metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Instruments that something is known of.
    pub symbols: usize,
    /// Updates taken in, also those that were rejected.
    pub updates: u64,
    /// Ticks that came too late for their bars.
    pub late_ticks: u64,
    /// Updates that were not let in, by reason.
    pub rejected: Vec<(Rejection, u64)>,
}

impl Market {
    /// A market of which nothing is known but what can be traded.
    #[must_use]
    pub fn new(instruments: Vec<Instrument>) -> Self {
        let mut market = Market::default();
        market.list(instruments);
        market
    }

    /// The same market, whose prices are told again after `delay`.
    #[must_use]
    pub fn with_delay(self, delay: Duration, keep: Keep) -> Self {
        Market { past: DelayLine::new(delay, keep), ..self }
    }

    /// Adds instruments to the catalogue, or replaces what it says of them.
    pub fn list(&mut self, instruments: Vec<Instrument>) {
        self.catalogue.list(instruments);
    }

    /// Takes in what a feed says.
    pub fn ingest(&mut self, report: Report, now: UnixMillis) -> Output {
        let mut out = Output::default();
        match report {
            Report::Update(update) => self.ingest_update(update, now, &mut out),
            Report::Status(status) => self.ingest_status(status, now, &mut out),
            Report::Alive { symbols, heard, .. } => {
                for symbol in &symbols {
                    if let Some(ticker) = self.tickers.get_mut(symbol) {
                        ticker.touch(heard, &mut out.touches);
                    }
                }
            }
        }
        self.past.note(&out, now);
        out
    }

    /// Lets time pass: closes bars, publishes what was held back. To be called every
    /// [`ADVANCE_EVERY`].
    pub fn advance(&mut self, now: UnixMillis) -> Output {
        let mut out = Output::default();
        for ticker in self.tickers.values_mut() {
            ticker.advance(now, &mut out.publications);
        }
        self.overview.advance(&self.tickers, now, &mut out);
        self.past.advance(now, &mut out);
        out
    }

    /// Somebody reads a topic from now on. Quotes, feeds and the overview are published in any
    /// case, so that the first reader has them at once; bars only while they are read. What a price
    /// was can be told only after it was kept for a while.
    pub fn wanted(&mut self, topic: &Topic, now: UnixMillis) -> Output {
        let mut out = Output::default();
        if let (Class::Delayed, Some(symbol)) = (topic.class(), topic.symbol()) {
            let newest = self.tickers.get(&symbol).and_then(Ticker::newest);
            self.past.wanted(&symbol, newest, now);
        }
        if let (Some(interval), Some(symbol)) = (topic.interval(), topic.symbol()) {
            self.bars_wanted.insert(topic.clone());
            if let Some(ticker) = self.tickers.get_mut(&symbol) {
                ticker.wanted(interval, now, &mut out.publications);
            }
        }
        out
    }

    /// Nobody reads a topic any more.
    pub fn released(&mut self, topic: &Topic, now: UnixMillis) {
        if let (Class::Delayed, Some(symbol)) = (topic.class(), topic.symbol()) {
            return self.past.released(&symbol, now);
        }
        if topic.class() != Class::Bars || !self.bars_wanted.remove(topic) {
            return;
        }
        if let (Some(interval), Some(symbol)) = (topic.interval(), topic.symbol())
            && let Some(ticker) = self.tickers.get_mut(&symbol)
        {
            ticker.released(interval);
        }
    }

    /// Takes bars that are known from elsewhere as the history before what came in here. Oldest
    /// first. Nothing is published.
    pub fn seed_bars(&mut self, symbol: &Symbol, interval: Interval, bars: Vec<Bar>) {
        match self.ticker(symbol) {
            Ok(ticker) => ticker.seed_bars(interval, bars),
            Err(rejection) => self.dead_letters.count(rejection),
        }
    }

    /// Takes trades that are known from elsewhere as the history before what came in here.
    /// Nothing is published, and no bar changes.
    pub fn seed_ticks(&mut self, symbol: &Symbol, ticks: Vec<Tick>) {
        match self.ticker(symbol) {
            Ok(ticker) => ticker.seed_ticks(ticks),
            Err(rejection) => self.dead_letters.count(rejection),
        }
    }

    /// The newest updates that were not let in, oldest first.
    pub fn dead_letters(&self) -> impl DoubleEndedIterator<Item = &DeadLetter> {
        self.dead_letters.kept()
    }

    /// The state of each feed that said one.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedStatus> {
        self.feeds.values()
    }

    /// How much was done.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            symbols: self.tickers.len(),
            updates: self.updates,
            late_ticks: self.late_ticks,
            rejected: self.dead_letters.counts().collect(),
        }
    }

    fn ingest_update(&mut self, update: Update, now: UnixMillis, out: &mut Output) {
        self.updates = self.updates.saturating_add(1);
        if let Err(rejection) = check(&update, now) {
            return self.dead_letters.bury(update, rejection, now);
        }
        let ticker = match self.ticker(&update.symbol) {
            Ok(ticker) => ticker,
            Err(rejection) => return self.dead_letters.bury(update, rejection, now),
        };
        match ticker.take(update, now, out) {
            Taken::InTime => {}
            Taken::Late => self.late_ticks = self.late_ticks.saturating_add(1),
            // Not worth a dead letter: every reconnect brings some.
            Taken::Duplicate => self.dead_letters.count(Rejection::Duplicate),
        }
        self.overview.note(out);
    }

    fn ingest_status(&mut self, status: FeedStatus, now: UnixMillis, out: &mut Output) {
        let Ok(topic) = Topic::feed(&status.feed) else {
            return self.dead_letters.count(Rejection::InvalidFeedName);
        };
        if self.feeds.get(&status.feed) == Some(&status) {
            return;
        }
        // Names come from the operator's configuration: there are as many as it has feeds.
        self.feeds.insert(status.feed.clone(), status.clone());
        out.publications.push(Publication {
            topic,
            at: now,
            source: status.feed.clone(),
            priority: Priority::High,
            meta: Metadata::default(),
            payload: Payload::Feed(status),
        });
    }

    fn ticker(&mut self, symbol: &Symbol) -> Result<&mut Ticker, Rejection> {
        if !self.tickers.contains_key(symbol) {
            if self.tickers.len() >= SYMBOLS_MAX {
                return Err(Rejection::TooManySymbols);
            }
            let mut ticker = Ticker::new(symbol);
            for interval in Interval::ALL {
                if self.bars_wanted.contains(&Topic::bars(symbol, interval)) {
                    // It has no bar yet that could be published.
                    ticker.wanted(interval, UnixMillis::default(), &mut Vec::new());
                }
            }
            self.tickers.insert(symbol.clone(), ticker);
        }
        self.tickers.get_mut(symbol).ok_or(Rejection::TooManySymbols)
    }
}
