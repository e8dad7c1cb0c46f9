//! Binance spot market data: trades, best bid and ask, and the figures of the last 24 hours.
//!
//! `message` knows how Binance writes things; this file knows what is said when. What must never be
//! here: accounts, orders, REST.

mod message;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::json;
use tidemark_shared::clock::Moment;
use tidemark_shared::market::{Side, Symbol};
use tidemark_shared::session::Now;

use self::message::{Message, TradeKind};
use super::first_data::FirstData;
use super::listings::Listings;
use super::venue::{BadMessage, Fault, Output, Rules, Venue};
use super::{Change, Origin};

/// Where market data is served without an account.
pub const ENDPOINT: &str = "wss://stream.binance.com:9443/stream";

/// Most instruments on one connection: Binance allows 1,024 streams and we use three of each.
pub const INSTRUMENTS_MAX: usize = 1_024 / STREAMS.len();

/// What is subscribed to of each instrument. Single trades rather than aggregated ones, because
/// bars count trades; the small ticker, because the large one only adds what we have already.
const STREAMS: [&str; 3] = ["trade", "bookTicker", "miniTicker"];

/// Most instruments in one request: keeps the request below 8 KB.
const INSTRUMENTS_PER_REQUEST_MAX: usize = 100;

/// Binance cuts a client that sends more than 5 messages a second, and its answers to pings count.
/// Four leave one for the pong.
const SEND_SPACING: Duration = Duration::from_millis(250);

/// Binance pings every 20 s; two lost ones are no accident.
const SILENCE_MAX: Duration = Duration::from_secs(45);

/// Binance cuts connections after 24 h. Ten minutes earlier there is time for several attempts.
const LIFETIME_MAX: Duration = Duration::from_secs((24 * 60 - 10) * 60);

/// Acknowledgements take well under a second; requests may wait for their turn before.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// Binance spot on one connection.
#[derive(Debug)]
pub struct Binance {
    endpoint: String,
    listings: Listings,
    next_id: u64,
    unanswered: BTreeMap<u64, Request>,
    first_data: FirstData,
    trade_kinds: HashMap<Symbol, TradeKind>,
}

#[derive(Debug)]
struct Request {
    subscribes: Vec<Symbol>,
    deadline: Moment,
}

impl Binance {
    /// The venue at `endpoint` with the instruments that are configured for it.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, listings: Listings) -> Self {
        Binance {
            endpoint: endpoint.into(),
            listings,
            next_id: 1,
            unanswered: BTreeMap::new(),
            first_data: FirstData::default(),
            trade_kinds: HashMap::new(),
        }
    }

    fn request(&mut self, method: &str, symbols: &[Symbol]) -> Option<(u64, Output)> {
        let theirs = symbols.iter().filter_map(|symbol| self.listings.theirs(symbol));
        let streams: Vec<String> = theirs
            .map(str::to_ascii_lowercase)
            .flat_map(|name| STREAMS.map(|stream| format!("{name}@{stream}")))
            .collect();
        if streams.is_empty() {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        let text = json!({ "method": method, "params": streams, "id": id }).to_string();
        Some((id, Output::Send(text)))
    }

    fn acknowledged(&mut self, id: u64, now: Now, out: &mut Vec<Output>) {
        let Some(request) = self.unanswered.remove(&id) else { return };
        for symbol in &request.subscribes {
            self.first_data.expect(symbol, now.moment);
        }
        if !request.subscribes.is_empty() {
            out.push(Output::Acknowledged(request.subscribes));
        }
    }

    /// A refusal names no symbol. Asking again in halves finds the guilty one in few steps.
    fn refused(&mut self, id: Option<u64>, reason: String, now: Now, out: &mut Vec<Output>) {
        let Some(id) = id else {
            // Binance could not even read the id: which request it was is anybody's guess.
            out.push(Output::Failed { fault: Fault::Passing, reason });
            return;
        };
        let request = self.unanswered.remove(&id);
        match request.map(|request| request.subscribes).as_deref() {
            // Not ours, or an unsubscription: what still comes of it is passed over.
            None | Some([]) => {}
            Some([symbol]) => out.push(Output::Refused { symbol: symbol.clone(), reason }),
            Some(symbols) => {
                let (left, right) = symbols.split_at(symbols.len() / 2);
                self.subscribe(left, now, out);
                self.subscribe(right, now, out);
            }
        }
    }

    fn trade(&mut self, trade: &message::Trade<'_>, id: u64, kind: TradeKind) -> Option<Output> {
        let symbol = self.listings.ours(&trade.symbol)?;
        // A recording may hold single and aggregated trades of one instrument, which are the same
        // trades twice under two numberings.
        if *self.trade_kinds.entry(symbol.clone()).or_insert(kind) != kind {
            return None;
        }
        self.first_data.settle(symbol);
        Some(Output::Happened {
            symbol: symbol.clone(),
            at: Some(message::millis(trade.time)),
            origin: Origin::Live,
            change: Change::Trade {
                price: trade.price,
                size: trade.quantity,
                side: Some(if trade.buyer_is_maker { Side::Sell } else { Side::Buy }),
                id: Some(id),
            },
        })
    }

    fn book(&mut self, book: &message::Book<'_>) -> Option<Output> {
        let symbol = self.listings.ours(&book.symbol)?;
        self.first_data.settle(symbol);
        Some(Output::Happened {
            symbol: symbol.clone(),
            at: book.time.map(message::millis),
            origin: Origin::Live,
            change: Change::Book { bid: book.bid, ask: book.ask },
        })
    }

    fn day(&mut self, day: &message::Day<'_>) -> Option<Output> {
        let symbol = self.listings.ours(&day.symbol)?;
        self.first_data.settle(symbol);
        Some(Output::Happened {
            symbol: symbol.clone(),
            at: Some(message::millis(day.time)),
            origin: Origin::Live,
            change: Change::Day {
                reference: Some(day.open),
                high: Some(day.high),
                low: Some(day.low),
                volume: Some(day.volume),
                last: Some(day.close),
            },
        })
    }
}

impl Venue for Binance {
    fn rules(&self) -> Rules {
        Rules {
            send_spacing: SEND_SPACING,
            silence_max: SILENCE_MAX,
            lifetime_max: Some(LIFETIME_MAX),
        }
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn another(&self) -> Box<dyn Venue> {
        Box::new(Binance::new(self.endpoint.clone(), self.listings.clone()))
    }

    fn subscribe(&mut self, symbols: &[Symbol], now: Now, out: &mut Vec<Output>) {
        for chunk in symbols.chunks(INSTRUMENTS_PER_REQUEST_MAX) {
            let Some((id, send)) = self.request("SUBSCRIBE", chunk) else { continue };
            let deadline = now.moment + ANSWER_WITHIN;
            self.unanswered.insert(id, Request { subscribes: chunk.to_vec(), deadline });
            out.push(send);
        }
    }

    fn unsubscribe(&mut self, symbols: &[Symbol], now: Now, out: &mut Vec<Output>) {
        for symbol in symbols {
            self.first_data.settle(symbol);
        }
        for chunk in symbols.chunks(INSTRUMENTS_PER_REQUEST_MAX) {
            let Some((id, send)) = self.request("UNSUBSCRIBE", chunk) else { continue };
            let deadline = now.moment + ANSWER_WITHIN;
            self.unanswered.insert(id, Request { subscribes: Vec::new(), deadline });
            out.push(send);
        }
    }

    fn handle(&mut self, frame: &str, now: Now, out: &mut Vec<Output>) -> Result<(), BadMessage> {
        match message::read(frame)? {
            Message::Trade { trade, id, kind } => out.extend(self.trade(&trade, id, kind)),
            Message::Book(book) => out.extend(self.book(&book)),
            Message::Day(day) => out.extend(self.day(&day)),
            Message::Accepted { id } => self.acknowledged(id, now, out),
            Message::Refused { id, reason } => self.refused(id, reason, now, out),
            Message::Shutdown => out.push(Output::Moving),
            Message::Other => {}
        }
        Ok(())
    }

    fn next_deadline(&self) -> Option<Moment> {
        let answer = self.unanswered.values().map(|request| request.deadline).min();
        answer.into_iter().chain(self.first_data.next_deadline()).min()
    }

    fn handle_timer(&mut self, now: Now, out: &mut Vec<Output>) {
        let waiting = self.unanswered.len();
        self.unanswered.retain(|_, request| request.deadline > now.moment);
        if self.unanswered.len() < waiting {
            let reason = "Binance did not answer a request".to_owned();
            out.push(Output::Failed { fault: Fault::Passing, reason });
        }
        out.extend(self.first_data.overdue(now.moment).into_iter().map(Output::Silent));
    }
}

#[cfg(test)]
mod tests;
