//! Prices and quantities as exact decimals that keep the digits they came with.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Longest text that is read as a decimal, in bytes: 28 digits, a sign and a point fit twice over.
const TEXT_BYTES_MAX: usize = 64;

/// A text that is no decimal number, or one with more digits than can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a decimal number of at most 28 digits: {text:?}")]
pub struct NotADecimal {
    /// What was read, cut after 64 bytes.
    pub text: String,
}

fn parse(text: &str) -> Result<Decimal, NotADecimal> {
    let refused = || NotADecimal { text: text.chars().take(TEXT_BYTES_MAX).collect() };
    if text.len() > TEXT_BYTES_MAX {
        return Err(refused());
    }
    let parsed = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text),
        false => Decimal::from_str_exact(text),
    };
    parsed.map_err(|_| refused())
}

macro_rules! decimal_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// Takes a decimal as it is, with its trailing zeros.
            #[must_use]
            pub const fn new(value: Decimal) -> Self {
                Self(value)
            }

            /// The number itself, for arithmetic.
            #[must_use]
            pub const fn value(self) -> Decimal {
                self.0
            }

            /// The nearest float: for drawing and for ratios, never for money.
            #[must_use]
            pub fn to_f64(self) -> f64 {
                // Every decimal of 28 digits has a nearest float.
                f64::try_from(self.0).unwrap_or(f64::NAN)
            }
        }

        impl FromStr for $name {
            type Err = NotADecimal;

            fn from_str(text: &str) -> Result<Self, NotADecimal> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

decimal_newtype! {
    /// A price of one unit, in the instrument's currency. On the wire: decimal text.
    Price
}
decimal_newtype! {
    /// How much of something: shares, coins, contracts. On the wire: decimal text.
    Quantity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_trailing_zeros_survive_the_wire() {
        for text in ["61685.99000000", "0.1", "0.00000001", "71000", "-3.50"] {
            let price: Price = text.parse().unwrap();
            assert_eq!(price.to_string(), text);
            let wire = serde_json::to_string(&price).unwrap();
            assert_eq!(wire, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Price>(&wire).unwrap().to_string(), text);
        }
    }

    #[test]
    fn scientific_text_is_read_and_rubbish_is_refused() {
        assert_eq!("1.5e-7".parse::<Quantity>().unwrap().to_string(), "0.00000015");
        for rubbish in ["", "NaN", "Infinity", "1,5", "0x10", "1e999", &"9".repeat(65)] {
            assert!(rubbish.parse::<Price>().is_err(), "{rubbish:?} was taken for a price");
        }
    }
}
