//! Topics: the names of logs, and the patterns that subscribe to many of them.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::documents::UserName;
use crate::market::{Interval, Symbol};

/// Longest topic name, in bytes: the longest class, an interval and the longest symbol fit.
const TOPIC_BYTES_MAX: usize = 96;

/// A text that names no topic.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidTopic {
    /// The part before the colon is no class that this version knows.
    #[error("no such class of topics: {text:?}")]
    UnknownClass {
        /// What was read, cut.
        text: String,
    },
    /// The part after the colon is not what the class asks for.
    #[error("not a key of the class {class}: {text:?}")]
    InvalidKey {
        /// The class asked for.
        class: Class,
        /// What was read, cut.
        text: String,
    },
    /// The class has no wildcard subscriptions.
    #[error("topics of the class {class} are subscribed to one by one, not with '*'")]
    NoWildcard {
        /// The class asked for.
        class: Class,
    },
    /// Longer than any topic.
    #[error("a topic has at most {TOPIC_BYTES_MAX} bytes")]
    TooLong,
}

/// How a log treats a reader who is slower than its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Only the newest message counts: a slow reader jumps to it and is told what it skipped.
    Latest,
    /// Every message counts: a slow reader catches up, and past the retained window is reset.
    Log,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $delivery:ident, $wildcard:literal;)*) => {
        /// What kind of thing a topic carries: the part of its name before the colon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Class {
            $($(#[$doc])* $name,)*
        }

        impl Class {
            /// All classes of this version.
            pub const ALL: &'static [Class] = &[$(Class::$name),*];

            /// Its name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Class::$name => $text,)* }
            }

            /// How its logs treat slow readers.
            #[must_use]
            pub const fn delivery(self) -> Delivery {
                match self { $(Class::$name => Delivery::$delivery,)* }
            }

            /// Whether `class:*` may be subscribed to.
            #[must_use]
            pub const fn has_wildcard(self) -> bool {
                match self { $(Class::$name => $wildcard,)* }
            }
        }
    };
}

classes! {
    /// `price:{symbol}`: the newest quote of an instrument.
    Price = "price", Latest, false;
    /// `delayed:{symbol}`: the quote as it was some minutes ago, for those who may not see the
    /// newest.
    Delayed = "delayed", Latest, false;
    /// `bars:{interval}:{symbol}`: its bars as they form and close.
    Bars = "bars", Log, false;
    /// `sentiment:{symbol}`: what people write about it.
    Sentiment = "sentiment", Latest, false;
    /// `trending`: symbols that are much talked about.
    Trending = "trending", Latest, false;
    /// `market:overview`: the state of the whole market.
    Market = "market", Latest, false;
    /// `order:{id}`: what happens to an order.
    Order = "order", Log, true;
    /// `portfolio:{id}`: the value of a portfolio.
    Portfolio = "portfolio", Latest, false;
    /// `risk:{portfolio}`: the risk of a portfolio.
    Risk = "risk", Latest, false;
    /// `strategy:{id}`: the running state of a strategy.
    Strategy = "strategy", Log, false;
    /// `signal:{symbol}`: what strategies say about a symbol.
    Signal = "signal", Log, false;
    /// `alert:{user}`: what a user asked to be told.
    Alert = "alert", Log, false;
    /// `documents:{user}`: what changes among a user's documents.
    Documents = "documents", Log, false;
    /// `system:notifications`: what the operator tells everybody.
    System = "system", Log, false;
    /// `feed:{name}`: how an upstream feed is doing.
    Feed = "feed", Latest, true;
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of one log, checked. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic {
    text: Arc<str>,
    class: Class,
}

impl Topic {
    /// `price:{symbol}`.
    #[must_use]
    pub fn price(symbol: &Symbol) -> Topic {
        Topic { text: format!("price:{symbol}").into(), class: Class::Price }
    }

    /// `delayed:{symbol}`.
    #[must_use]
    pub fn delayed(symbol: &Symbol) -> Topic {
        Topic { text: format!("delayed:{symbol}").into(), class: Class::Delayed }
    }

    /// `bars:{interval}:{symbol}`.
    #[must_use]
    pub fn bars(symbol: &Symbol, interval: Interval) -> Topic {
        Topic { text: format!("bars:{interval}:{symbol}").into(), class: Class::Bars }
    }

    /// `feed:{name}`.
    ///
    /// # Errors
    /// When the name is no feed's name (1 to 40 of a-z, A-Z, 0-9, `-` and `_`).
    pub fn feed(name: &str) -> Result<Topic, InvalidTopic> {
        format!("feed:{name}").parse()
    }

    /// `documents:{user}`.
    #[must_use]
    pub fn documents(user: &UserName) -> Topic {
        Topic { text: format!("documents:{user}").into(), class: Class::Documents }
    }

    /// `market:overview`.
    #[must_use]
    pub fn market_overview() -> Topic {
        Topic { text: "market:overview".into(), class: Class::Market }
    }

    /// `system:notifications`.
    #[must_use]
    pub fn system_notifications() -> Topic {
        Topic { text: "system:notifications".into(), class: Class::System }
    }

    /// Its whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The part after the first colon; empty for `trending`.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, key)| key)
    }

    /// The instrument that a `price`, `delayed`, `bars`, `sentiment` or `signal` topic is about.
    #[must_use]
    pub fn symbol(&self) -> Option<Symbol> {
        match self.class {
            Class::Price | Class::Delayed | Class::Sentiment | Class::Signal => {
                self.key().parse().ok()
            }
            Class::Bars => self.key().split_once(':')?.1.parse().ok(),
            _ => None,
        }
    }

    /// The interval of a `bars` topic.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        match self.class {
            Class::Bars => self.key().split_once(':')?.0.parse().ok(),
            _ => None,
        }
    }
}

impl FromStr for Topic {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        let (class, key) = split(text)?;
        if is_key_of(class, key) {
            return Ok(Topic { text: text.into(), class });
        }
        Err(InvalidTopic::InvalidKey { class, text: cut(key) })
    }
}

impl TryFrom<String> for Topic {
    type Error = InvalidTopic;

    fn try_from(text: String) -> Result<Self, InvalidTopic> {
        text.parse()
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> String {
        topic.text.as_ref().to_owned()
    }
}

impl Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a client may subscribe to: one topic, or all of a class that allows it (`feed:*`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pattern {
    /// One topic.
    One(Topic),
    /// Every topic of a class, also those that come into being later.
    All(Class),
}

impl Pattern {
    /// Whether a topic is meant.
    #[must_use]
    pub fn matches(&self, topic: &Topic) -> bool {
        match self {
            Pattern::One(one) => one == topic,
            Pattern::All(class) => topic.class() == *class,
        }
    }
}

impl FromStr for Pattern {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        match split(text)? {
            (class, "*") if class.has_wildcard() => Ok(Pattern::All(class)),
            (class, "*") => Err(InvalidTopic::NoWildcard { class }),
            _ => text.parse().map(Pattern::One),
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidTopic;

    fn try_from(text: String) -> Result<Self, InvalidTopic> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.to_string()
    }
}

impl From<Topic> for Pattern {
    fn from(topic: Topic) -> Pattern {
        Pattern::One(topic)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::One(topic) => topic.fmt(f),
            Pattern::All(class) => write!(f, "{class}:*"),
        }
    }
}

fn split(text: &str) -> Result<(Class, &str), InvalidTopic> {
    if text.len() > TOPIC_BYTES_MAX {
        return Err(InvalidTopic::TooLong);
    }
    let (name, key) = text.split_once(':').unwrap_or((text, ""));
    let class = Class::ALL.iter().find(|class| class.as_str() == name);
    match class {
        Some(class) => Ok((*class, key)),
        None => Err(InvalidTopic::UnknownClass { text: cut(name) }),
    }
}

fn is_key_of(class: Class, key: &str) -> bool {
    match class {
        Class::Price | Class::Delayed | Class::Sentiment | Class::Signal => {
            key.parse::<Symbol>().is_ok()
        }
        Class::Bars => key.split_once(':').is_some_and(|(interval, symbol)| {
            interval.parse::<Interval>().is_ok() && symbol.parse::<Symbol>().is_ok()
        }),
        Class::Trending => key.is_empty(),
        Class::Market => key == "overview",
        Class::System => key == "notifications",
        Class::Alert | Class::Documents => key.parse::<UserName>().is_ok(),
        Class::Order | Class::Portfolio | Class::Risk | Class::Strategy | Class::Feed => {
            is_name(key)
        }
    }
}

/// Names that users, operators and machines give: 40 bytes hold a UUID.
fn is_name(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !key.is_empty() && key.len() <= 40 && key.bytes().all(allowed)
}

fn cut(text: &str) -> String {
    text.chars().take(TOPIC_BYTES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_topic_that_reads_back() {
        let names = [
            "price:AAPL",
            "delayed:AAPL",
            "documents:alice@acme",
            "bars:1m:BTC-USD",
            "bars:1s:OANDA:EUR_USD",
            "sentiment:005930",
            "trending",
            "market:overview",
            "order:7d1a",
            "portfolio:main",
            "risk:main",
            "strategy:ma-cross",
            "signal:AAPL",
            "alert:u-17",
            "system:notifications",
            "feed:simulator",
        ];
        for name in names {
            let topic: Topic = name.parse().unwrap();
            assert_eq!(topic.as_str(), name);
            let wire = serde_json::to_string(&topic).unwrap();
            assert_eq!(serde_json::from_str::<Topic>(&wire).unwrap(), topic);
        }
        let bars: Topic = "bars:1s:OANDA:EUR_USD".parse().unwrap();
        assert_eq!(bars.symbol().unwrap().as_str(), "OANDA:EUR_USD");
        assert_eq!(bars.interval(), Some(Interval::Second1));
    }

    #[test]
    fn rubbish_is_no_topic() {
        for bad in ["", "price", "price:", "price:aapl", "bars:AAPL", "bars:2m:AAPL", "x:y", ":"] {
            assert!(bad.parse::<Topic>().is_err(), "{bad:?} was taken for a topic");
        }
        assert_eq!("price:A".repeat(20).parse::<Topic>(), Err(InvalidTopic::TooLong));
    }

    #[test]
    fn wildcards_only_where_the_class_allows_them() {
        assert_eq!("feed:*".parse::<Pattern>().unwrap(), Pattern::All(Class::Feed));
        assert_eq!("order:*".parse::<Pattern>().unwrap(), Pattern::All(Class::Order));
        assert!(matches!(
            "price:*".parse::<Pattern>(),
            Err(InvalidTopic::NoWildcard { class: Class::Price })
        ));
        assert!("feed:*".parse::<Pattern>().unwrap().matches(&Topic::feed("binance").unwrap()));
    }
}
