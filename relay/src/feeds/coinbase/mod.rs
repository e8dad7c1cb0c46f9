//! Coinbase Exchange market data: matches, the ticker (best bid and ask, figures of 24 hours), and
//! heartbeats, which tell the number of the last trade.
//!
//! `message` knows how Coinbase writes things; this file knows what is said when. What must never
//! be here: Coinbase Advanced Trade, which is another product with another protocol.

mod message;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use tidemark_shared::clock::Moment;
use tidemark_shared::market::{Side, Symbol};
use tidemark_shared::session::Now;

use self::message::{Match, Message, Ticker};
use super::first_data::FirstData;
use super::listings::Listings;
use super::venue::{BadMessage, Fault, Output, Rules, Venue};
use super::{Change, Origin, rfc3339};

/// Where market data is served without an account.
pub const ENDPOINT: &str = "wss://ws-feed.exchange.coinbase.com";

/// Most instruments on one connection: what Coinbase still delivers without falling behind; its
/// documentation asks to spread more over several connections.
pub const INSTRUMENTS_MAX: usize = 500;

/// What is subscribed to of each instrument.
const CHANNELS: [&str; 3] = ["matches", "heartbeat", "ticker"];

/// Most instruments in one request: keeps the request below 4 KB.
const INSTRUMENTS_PER_REQUEST_MAX: usize = 100;

/// Coinbase allows 8 requests a second: one every 150 ms is at most 7.
const SEND_SPACING: Duration = Duration::from_millis(150);

/// Heartbeats come every second; ten missing ones are no accident.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Acknowledgements take well under a second; requests may wait for their turn before.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// Coinbase Exchange on one connection.
#[derive(Debug)]
pub struct Coinbase {
    endpoint: String,
    listings: Listings,
    unanswered: BTreeMap<Symbol, Moment>,
    first_data: FirstData,
    /// The first ticker of an instrument shows its last trade, however old.
    ticker_seen: BTreeSet<Symbol>,
}

impl Coinbase {
    /// The venue at `endpoint` with the instruments that are configured for it.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, listings: Listings) -> Self {
        Coinbase {
            endpoint: endpoint.into(),
            listings,
            unanswered: BTreeMap::new(),
            first_data: FirstData::default(),
            ticker_seen: BTreeSet::new(),
        }
    }

    fn requests(&self, kind: &str, symbols: &[Symbol], out: &mut Vec<Output>) {
        for chunk in symbols.chunks(INSTRUMENTS_PER_REQUEST_MAX) {
            let products: Vec<&str> =
                chunk.iter().filter_map(|symbol| self.listings.theirs(symbol)).collect();
            if !products.is_empty() {
                let request =
                    json!({ "type": kind, "product_ids": products, "channels": CHANNELS });
                out.push(Output::Send(request.to_string()));
            }
        }
    }

    /// An acknowledgement lists all that is subscribed to, not what was asked for last.
    fn acknowledged(&mut self, channels: &[message::Channel], now: Now, out: &mut Vec<Output>) {
        let listed = |symbol: &Symbol| {
            CHANNELS.iter().all(|name| {
                channels.iter().any(|channel| {
                    channel.name == *name
                        && channel.products.iter().any(|p| self.listings.ours(p) == Some(symbol))
                })
            })
        };
        let accepted: Vec<Symbol> =
            self.unanswered.keys().filter(|symbol| listed(symbol)).cloned().collect();
        for symbol in &accepted {
            self.unanswered.remove(symbol);
            self.first_data.expect(symbol, now.moment);
        }
        if !accepted.is_empty() {
            out.push(Output::Acknowledged(accepted));
        }
    }

    /// One product that Coinbase doesn't have makes it refuse the whole request. Its words name the
    /// product, so the others are asked for again without it.
    fn refused(&mut self, message: &str, reason: &str, now: Now, out: &mut Vec<Output>) {
        let guilty = reason
            .strip_suffix(" is not a valid product")
            .and_then(|product| self.listings.ours(product))
            .filter(|symbol| self.unanswered.contains_key(*symbol))
            .cloned();
        if let Some(symbol) = guilty {
            self.unanswered.remove(&symbol);
            out.push(Output::Refused { symbol, reason: reason.to_owned() });
            let others: Vec<Symbol> = self.unanswered.keys().cloned().collect();
            self.subscribe(&others, now, out);
            return;
        }
        let fault = match reason.contains("auth") {
            true => Fault::Lasting,
            false => Fault::Passing,
        };
        out.push(Output::Failed { fault, reason: format!("{message}: {reason}") });
    }

    fn traded(
        &mut self,
        matched: &Match<'_>,
        origin: Origin,
    ) -> Result<Option<Output>, BadMessage> {
        let Some(symbol) = self.listings.ours(&matched.product) else { return Ok(None) };
        self.first_data.settle(symbol);
        // A match tells the side of the maker; the taker's is the other one.
        let taker = match matched.maker_side {
            message::OrderSide::Buy => Side::Sell,
            message::OrderSide::Sell => Side::Buy,
        };
        Ok(Some(Output::Happened {
            symbol: symbol.clone(),
            at: Some(rfc3339::parse(&matched.time)?),
            origin,
            change: Change::Trade {
                price: matched.price,
                size: matched.size,
                side: Some(taker),
                id: Some(matched.trade_id),
            },
        }))
    }

    fn ticker(&mut self, ticker: &Ticker<'_>, out: &mut Vec<Output>) -> Result<(), BadMessage> {
        let Some(symbol) = self.listings.ours(&ticker.product) else { return Ok(()) };
        let time = ticker.time.as_deref().map(rfc3339::parse).transpose()?;
        self.first_data.settle(symbol);
        let origin = match self.ticker_seen.insert(symbol.clone()) {
            true => Origin::Snapshot,
            false => Origin::Live,
        };
        let happened =
            |change| Output::Happened { symbol: symbol.clone(), at: time, origin, change };
        out.push(happened(Change::Day {
            reference: ticker.open_24h,
            high: ticker.high_24h,
            low: ticker.low_24h,
            volume: ticker.volume_24h,
            last: Some(ticker.price),
        }));
        if let (Some(bid), Some(ask)) = (ticker.best_bid, ticker.best_ask) {
            out.push(happened(Change::Book { bid, ask }));
        }
        Ok(())
    }
}

impl Venue for Coinbase {
    fn rules(&self) -> Rules {
        Rules { send_spacing: SEND_SPACING, silence_max: SILENCE_MAX, lifetime_max: None }
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn another(&self) -> Box<dyn Venue> {
        Box::new(Coinbase::new(self.endpoint.clone(), self.listings.clone()))
    }

    fn subscribe(&mut self, symbols: &[Symbol], now: Now, out: &mut Vec<Output>) {
        for symbol in symbols {
            self.unanswered.insert(symbol.clone(), now.moment + ANSWER_WITHIN);
        }
        self.requests("subscribe", symbols, out);
    }

    fn unsubscribe(&mut self, symbols: &[Symbol], _now: Now, out: &mut Vec<Output>) {
        for symbol in symbols {
            self.unanswered.remove(symbol);
            self.ticker_seen.remove(symbol);
            self.first_data.settle(symbol);
        }
        self.requests("unsubscribe", symbols, out);
    }

    fn handle(&mut self, frame: &str, now: Now, out: &mut Vec<Output>) -> Result<(), BadMessage> {
        match message::read(frame)? {
            Message::Match(matched) => out.extend(self.traded(&matched, Origin::Live)?),
            Message::LastMatch(matched) => out.extend(self.traded(&matched, Origin::Snapshot)?),
            Message::Ticker(ticker) => self.ticker(&ticker, out)?,
            Message::Heartbeat { product, last_trade_id } => {
                if let (Some(symbol), 1..) = (self.listings.ours(&product), last_trade_id) {
                    let symbol = symbol.clone();
                    out.push(Output::Numbered { symbol, last_trade: last_trade_id });
                }
            }
            Message::Subscriptions(channels) => self.acknowledged(&channels, now, out),
            Message::Error { message, reason } => self.refused(&message, &reason, now, out),
            Message::Other => {}
        }
        Ok(())
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.unanswered.values().copied().chain(self.first_data.next_deadline()).min()
    }

    fn handle_timer(&mut self, now: Now, out: &mut Vec<Output>) {
        let waiting = self.unanswered.len();
        self.unanswered.retain(|_, deadline| *deadline > now.moment);
        if self.unanswered.len() < waiting {
            let reason = "Coinbase did not acknowledge a subscription".to_owned();
            out.push(Output::Failed { fault: Fault::Passing, reason });
        }
        out.extend(self.first_data.overdue(now.moment).into_iter().map(Output::Silent));
    }
}

#[cfg(test)]
mod tests;
