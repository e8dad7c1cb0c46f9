//! How the whole market is doing, computed from the quotes.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::{Metadata, Movers, Overview, Payload, Priority, Topic};

use super::market::{Output, Touch};
use super::pace::Pace;
use super::ticker::Ticker;
use crate::publication::Publication;

/// It is computed over all instruments, and read by people.
const EVERY: Duration = Duration::from_secs(1);

/// How many risers and fallers are named: what a panel shows.
const MOVERS_MAX: usize = 10;

/// The overview as it was last published, and whether it may have changed since.
#[derive(Debug, Default)]
pub(super) struct OverviewKeeper {
    pace: Pace,
    has_news: bool,
    published: Option<Overview>,
}

impl OverviewKeeper {
    /// Notes that quotes may be about to be published.
    pub(super) fn note(&mut self, out: &Output) {
        self.has_news |= !out.publications.is_empty();
    }

    /// Publishes the overview when quotes changed and its time has come.
    pub(super) fn advance(
        &mut self,
        tickers: &HashMap<Symbol, Ticker>,
        now: UnixMillis,
        out: &mut Output,
    ) {
        if !self.has_news || !self.pace.allows(now, EVERY) {
            return;
        }
        self.has_news = false;
        self.pace.done(now);
        let (topic, overview) = (Topic::market_overview(), overview(tickers));
        if self.published.as_ref() == Some(&overview) {
            return out.touches.push(Touch { topic, as_of: now });
        }
        self.published = Some(overview.clone());
        out.publications.push(Publication {
            topic,
            at: now,
            source: "relay".to_owned(),
            priority: Priority::Low,
            meta: Metadata::default(),
            payload: Payload::Overview(overview),
        });
    }
}

/// One instrument and by which part of its reference it moved.
struct Move<'a> {
    symbol: &'a Symbol,
    movers: Movers,
    ratio: f64,
}

fn overview(tickers: &HashMap<Symbol, Ticker>) -> Overview {
    let mut overview = Overview::default();
    let mut risers = Vec::new();
    let mut fallers = Vec::new();
    for (symbol, ticker) in tickers {
        let Some(published) = ticker.published() else { continue };
        overview.priced = overview.priced.saturating_add(1);
        let price = published.quote.price;
        let Some(reference) = published.quote.reference else { continue };
        let ratio = price.to_f64() / reference.to_f64();
        let movers = Movers { symbol: symbol.clone(), price, reference };
        match price.cmp(&reference) {
            Ordering::Greater => risers.push(Move { symbol, movers, ratio }),
            Ordering::Less => fallers.push(Move { symbol, movers, ratio }),
            Ordering::Equal => {}
        }
    }
    overview.up = u32::try_from(risers.len()).unwrap_or(u32::MAX);
    overview.down = u32::try_from(fallers.len()).unwrap_or(u32::MAX);
    overview.gainers = strongest(risers, |one, other| other.ratio.total_cmp(&one.ratio));
    overview.losers = strongest(fallers, |one, other| one.ratio.total_cmp(&other.ratio));
    overview
}

fn strongest(
    mut moves: Vec<Move<'_>>,
    stronger: impl Fn(&Move<'_>, &Move<'_>) -> Ordering,
) -> Vec<Movers> {
    moves.sort_by(|one, other| stronger(one, other).then_with(|| one.symbol.cmp(other.symbol)));
    moves.into_iter().take(MOVERS_MAX).map(|moved| moved.movers).collect()
}
