//! How Coinbase Exchange writes things.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tidemark_shared::market::{Price, Quantity};

use crate::feeds::BadMessage;

/// What one frame says.
#[derive(Debug)]
pub(super) enum Message<'a> {
    /// A trade that happened now.
    Match(Match<'a>),
    /// The last trade before the subscription, however old.
    LastMatch(Match<'a>),
    /// Best bid and ask, and figures of the last 24 hours, with each trade.
    Ticker(Ticker<'a>),
    /// Once a second for each product.
    Heartbeat {
        /// Which product.
        product: Cow<'a, str>,
        /// The number of its last trade; 0 when Coinbase doesn't say.
        last_trade_id: u64,
    },
    /// All that is subscribed to.
    Subscriptions(Vec<Channel>),
    /// Something was refused.
    Error {
        /// What.
        message: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Something that Coinbase sends and we have no use for.
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct Match<'a> {
    #[serde(rename = "product_id", borrow)]
    pub(super) product: Cow<'a, str>,
    pub(super) trade_id: u64,
    #[serde(rename = "side")]
    pub(super) maker_side: OrderSide,
    pub(super) size: Quantity,
    pub(super) price: Price,
    #[serde(borrow)]
    pub(super) time: Cow<'a, str>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OrderSide {
    Buy,
    Sell,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ticker<'a> {
    #[serde(rename = "product_id", borrow)]
    pub(super) product: Cow<'a, str>,
    pub(super) price: Price,
    /// Absent in the first ticker of a product that never traded.
    #[serde(borrow, default)]
    pub(super) time: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "unless_empty")]
    pub(super) open_24h: Option<Price>,
    #[serde(default, deserialize_with = "unless_empty")]
    pub(super) high_24h: Option<Price>,
    #[serde(default, deserialize_with = "unless_empty")]
    pub(super) low_24h: Option<Price>,
    #[serde(default)]
    pub(super) volume_24h: Option<Quantity>,
    #[serde(default, deserialize_with = "unless_empty")]
    pub(super) best_bid: Option<Price>,
    #[serde(default, deserialize_with = "unless_empty")]
    pub(super) best_ask: Option<Price>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) name: String,
    #[serde(rename = "product_ids", default)]
    pub(super) products: Vec<String>,
}

/// Reads one frame.
pub(super) fn read(frame: &str) -> Result<Message<'_>, BadMessage> {
    let head: Head<'_> = serde_json::from_str(frame)?;
    let Some(kind) = head.kind else {
        // Advanced Trade wraps everything in a channel with events; its REST answers do neither.
        return Err(match (head.channel, head.trades, head.errors) {
            (None, None, None) => BadMessage::Unrecognised { venue: "Coinbase Exchange" },
            _ => BadMessage::OtherProduct { product: "Coinbase Advanced Trade" },
        });
    };
    Ok(match kind.as_ref() {
        "match" => Message::Match(serde_json::from_str(frame)?),
        "last_match" => Message::LastMatch(serde_json::from_str(frame)?),
        "ticker" => Message::Ticker(serde_json::from_str(frame)?),
        "heartbeat" => {
            let Heartbeat { product, last_trade_id } = serde_json::from_str(frame)?;
            Message::Heartbeat { product, last_trade_id }
        }
        "subscriptions" => {
            let Subscriptions { channels } = serde_json::from_str(frame)?;
            Message::Subscriptions(channels)
        }
        "error" => {
            let Refusal { message, reason } = serde_json::from_str(frame)?;
            Message::Error { message, reason }
        }
        _ => Message::Other,
    })
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    channel: Option<&'a RawValue>,
    #[serde(borrow, default)]
    trades: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Heartbeat<'a> {
    #[serde(rename = "product_id", borrow)]
    product: Cow<'a, str>,
    last_trade_id: u64,
}

#[derive(Deserialize)]
struct Subscriptions {
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
    #[serde(default)]
    reason: String,
}

/// An empty side of the book is written as an empty text, or as a price of 0.
fn unless_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Price>, D::Error> {
    let text = Cow::<str>::deserialize(value)?;
    if text.is_empty() {
        return Ok(None);
    }
    let price: Price = text.parse().map_err(serde::de::Error::custom)?;
    Ok((price > Price::ZERO).then_some(price))
}
