//! What can be traded: its symbol, and what a screen needs to show it.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest symbol, in bytes: option and futures codes have up to 21, venue prefixes up to 10.
const SYMBOL_BYTES_MAX: usize = 40;

/// A text that cannot name an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a symbol: {text:?} (1 to 40 of A-Z, 0-9 and . : - _ = ^ / &)")]
pub struct InvalidSymbol {
    /// What was read, cut after 40 characters.
    pub text: String,
}

/// The name under which this relay knows an instrument: `AAPL`, `005930`, `BTC-USD`.
///
/// Upper case, so that two spellings never become two topics. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// The symbol's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = InvalidSymbol;

    fn from_str(text: &str) -> Result<Self, InvalidSymbol> {
        let allowed = |byte: u8| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".:-_=^/&".contains(&byte)
        };
        if text.is_empty() || text.len() > SYMBOL_BYTES_MAX || !text.bytes().all(allowed) {
            return Err(InvalidSymbol { text: text.chars().take(SYMBOL_BYTES_MAX).collect() });
        }
        Ok(Symbol(text.into()))
    }
}

impl TryFrom<String> for Symbol {
    type Error = InvalidSymbol;

    fn try_from(text: String) -> Result<Self, InvalidSymbol> {
        text.parse()
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> String {
        symbol.0.as_ref().to_owned()
    }
}

impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of thing an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetClass {
    /// A share of a company.
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// A number computed from other prices; not tradable itself.
    Index,
    /// One currency priced in another.
    Currency,
    /// A crypto asset.
    Crypto,
    /// A future or a commodity.
    Commodity,
}

/// What a screen and a checker need to know of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// Its name on this relay.
    pub symbol: Symbol,
    /// Its name for people, in its home language or English.
    pub name: String,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// ISO 4217 code of the currency it is priced in, or a crypto asset's own code.
    pub currency: String,
    /// Digits after the point that its prices are shown with.
    pub price_digits: u8,
    /// The feed that carries it.
    pub feed: String,
    /// Other spellings a user may search for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn venue_spellings_are_symbols_and_rubbish_is_not() {
        for good in ["AAPL", "005930", "BTC-USD", "OANDA:EUR_USD", "JPY=X", "^GSPC", "BRK.B"] {
            assert_eq!(good.parse::<Symbol>().unwrap().as_str(), good);
        }
        for bad in ["", "aapl", "A B", "A*", "ÄPFEL", &"A".repeat(41)] {
            assert!(bad.parse::<Symbol>().is_err(), "{bad:?} was taken for a symbol");
        }
    }
}
