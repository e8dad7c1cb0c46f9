//! How Binance writes things: frames of the raw and of the combined streams.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Price, Quantity};

use crate::feeds::BadMessage;

/// What one frame says.
#[derive(Debug)]
pub(super) enum Message<'a> {
    /// A trade, single or aggregated.
    Trade {
        /// The trade.
        trade: Trade<'a>,
        /// Its number in the numbering of its kind.
        id: u64,
        /// Which numbering.
        kind: TradeKind,
    },
    /// Best bid and ask.
    Book(Book<'a>),
    /// Figures of the last 24 hours.
    Day(Day<'a>),
    /// A request was accepted.
    Accepted {
        /// The request's id.
        id: u64,
    },
    /// A request was refused.
    Refused {
        /// The request's id; absent when Binance could not read it.
        id: Option<u64>,
        /// Binance's code and words.
        reason: String,
    },
    /// This connection will be cut soon.
    Shutdown,
    /// Something that Binance sends and we have no use for.
    Other,
}

/// Which of the two numberings a trade belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TradeKind {
    /// `trade`
    Single,
    /// `aggTrade`: fills of one taker order at one price, together.
    Aggregated,
}

#[derive(Debug, Deserialize)]
pub(super) struct Trade<'a> {
    #[serde(rename = "s", borrow)]
    pub(super) symbol: Cow<'a, str>,
    #[serde(rename = "p")]
    pub(super) price: Price,
    #[serde(rename = "q")]
    pub(super) quantity: Quantity,
    #[serde(rename = "T")]
    pub(super) time: i64,
    #[serde(rename = "m")]
    pub(super) buyer_is_maker: bool,
    #[serde(rename = "t", default)]
    single_id: Option<u64>,
    /// In old single trades, `a` was an order's number instead.
    #[serde(rename = "a", default)]
    aggregated_id: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Book<'a> {
    #[serde(rename = "s", borrow)]
    pub(super) symbol: Cow<'a, str>,
    #[serde(rename = "b")]
    pub(super) bid: Price,
    #[serde(rename = "a")]
    pub(super) ask: Price,
    /// Binance sent it for a while only.
    #[serde(rename = "E", default)]
    pub(super) time: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Day<'a> {
    #[serde(rename = "s", borrow)]
    pub(super) symbol: Cow<'a, str>,
    #[serde(rename = "E")]
    pub(super) time: i64,
    #[serde(rename = "o")]
    pub(super) open: Price,
    #[serde(rename = "h")]
    pub(super) high: Price,
    #[serde(rename = "l")]
    pub(super) low: Price,
    #[serde(rename = "c")]
    pub(super) close: Price,
    #[serde(rename = "v")]
    pub(super) volume: Quantity,
}

/// Reads one frame.
pub(super) fn read(frame: &str) -> Result<Message<'_>, BadMessage> {
    let envelope: Envelope<'_> = serde_json::from_str(frame)?;
    match (&envelope.stream, envelope.data) {
        (Some(stream), Some(data)) => match event(data.get())? {
            // A stream whose events carry no type of their own, such as partial depth.
            None if stream.contains('@') => Ok(Message::Other),
            None => Err(BadMessage::Unrecognised { venue: "Binance" }),
            Some(message) => Ok(message),
        },
        _ => match answer(&envelope) {
            Some(message) => Ok(message),
            None => event(frame)?.ok_or(BadMessage::Unrecognised { venue: "Binance" }),
        },
    }
}

/// Binance times are milliseconds unless microseconds were asked for; the magnitude tells.
pub(super) const fn millis(time: i64) -> UnixMillis {
    // The year 5138 in milliseconds, the year 1973 in microseconds.
    const MILLIS_MAX: i64 = 100_000_000_000_000;
    if time >= MILLIS_MAX { UnixMillis(time / 1_000) } else { UnixMillis(time) }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<Refusal>,
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    msg: Option<String>,
}

/// The live wire nests a refusal in `error`; the documentation has it flat.
#[derive(Deserialize)]
struct Refusal {
    code: i64,
    msg: String,
}

/// Tells `null` from absent: Binance says yes with `"result":null`.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

fn answer<'a>(answer: &Envelope<'_>) -> Option<Message<'a>> {
    let id = answer.id.and_then(|id| id.get().parse().ok());
    if let Some(Refusal { code, msg }) = &answer.error {
        return Some(Message::Refused { id, reason: format!("{msg} (code {code})") });
    }
    if let (Some(code), Some(msg)) = (answer.code, &answer.msg) {
        return Some(Message::Refused { id, reason: format!("{msg} (code {code})") });
    }
    match (answer.result?.get(), id) {
        ("null", Some(id)) => Some(Message::Accepted { id }),
        (other, id) => {
            let other: String = other.chars().take(80).collect();
            Some(Message::Refused { id, reason: format!("unexpected answer {other}") })
        }
    }
}

fn event(text: &str) -> Result<Option<Message<'_>>, BadMessage> {
    let head: Head<'_> = serde_json::from_str(text)?;
    let message = match head.kind.as_deref() {
        Some("trade") => trade(text, TradeKind::Single)?,
        Some("aggTrade") => trade(text, TradeKind::Aggregated)?,
        Some("24hrMiniTicker" | "24hrTicker") => Message::Day(serde_json::from_str(text)?),
        Some("bookTicker") => Message::Book(serde_json::from_str(text)?),
        Some("serverShutdown") => Message::Shutdown,
        Some(_) => Message::Other,
        // Best bid and ask come without a type; the number of the book's update betrays them.
        None if head.book_update.is_some() && head.symbol.is_some() => {
            Message::Book(serde_json::from_str(text)?)
        }
        None => return Ok(None),
    };
    Ok(Some(message))
}

fn trade(text: &str, kind: TradeKind) -> Result<Message<'_>, BadMessage> {
    let trade: Trade<'_> = serde_json::from_str(text)?;
    let id = match kind {
        TradeKind::Single => trade.single_id,
        TradeKind::Aggregated => trade.aggregated_id,
    };
    let id = id.ok_or_else(|| BadMessage::Malformed { reason: "a trade without id".into() })?;
    Ok(Message::Trade { trade, id, kind })
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "e", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(rename = "u", borrow, default)]
    book_update: Option<&'a RawValue>,
    #[serde(rename = "s", borrow, default)]
    symbol: Option<&'a RawValue>,
}
