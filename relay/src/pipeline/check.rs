//! What an update must be before it is let in.

use std::time::Duration;

use rust_decimal::Decimal;
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Price, Quantity};

use crate::feeds::{Change, Update};

/// No share, coin or index was ever near it; a number that is, is a venue's mistake or ours in
/// reading it. It also leaves room to multiply within 28 digits.
const PRICE_MAX: Decimal = whole(1_000_000_000_000_000);

/// Coins with a billionth of a cent each trade a hundred trillion a day; ten thousand days of
/// that still can be summed up within 28 digits.
const SIZE_MAX: Decimal = whole(1_000_000_000_000_000_000);

/// How far a venue's clock may be ahead of ours. Clocks that are set at all agree better, and a
/// time further ahead would make everything that follows look late.
const AHEAD_MAX: Duration = Duration::from_secs(60);

/// Why an update was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// Zero or less where a price must be.
    #[error("a price that is not positive")]
    PriceNotPositive,
    /// More than any price.
    #[error("a price beyond belief")]
    PriceTooLarge,
    /// Less than nothing.
    #[error("a negative size or volume")]
    SizeNegative,
    /// More than any size.
    #[error("a size or volume beyond belief")]
    SizeTooLarge,
    /// A bid above the ask.
    #[error("a bid above the ask")]
    CrossedBook,
    /// A high below the low.
    #[error("a day's high below its low")]
    HighBelowLow,
    /// A time before 1970, or none.
    #[error("no time")]
    NoTime,
    /// A time that has not come yet.
    #[error("a time in the future")]
    FromTheFuture,
    /// A trade that was told before.
    #[error("a trade that was told before")]
    Duplicate,
    /// One instrument more than is kept.
    #[error("more instruments than are kept")]
    TooManySymbols,
    /// A feed whose name is no topic's.
    #[error("a feed's name that is no topic's")]
    InvalidFeedName,
}

impl Rejection {
    /// All of them, in the order of their counters.
    pub const ALL: [Rejection; 11] = [
        Rejection::PriceNotPositive,
        Rejection::PriceTooLarge,
        Rejection::SizeNegative,
        Rejection::SizeTooLarge,
        Rejection::CrossedBook,
        Rejection::HighBelowLow,
        Rejection::NoTime,
        Rejection::FromTheFuture,
        Rejection::Duplicate,
        Rejection::TooManySymbols,
        Rejection::InvalidFeedName,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Rejection::PriceNotPositive => "price_not_positive",
            Rejection::PriceTooLarge => "price_too_large",
            Rejection::SizeNegative => "size_negative",
            Rejection::SizeTooLarge => "size_too_large",
            Rejection::CrossedBook => "crossed_book",
            Rejection::HighBelowLow => "high_below_low",
            Rejection::NoTime => "no_time",
            Rejection::FromTheFuture => "from_the_future",
            Rejection::Duplicate => "duplicate",
            Rejection::TooManySymbols => "too_many_symbols",
            Rejection::InvalidFeedName => "invalid_feed_name",
        }
    }
}

/// Checks what an update says, without regard to what is known of its instrument.
pub(super) fn check(update: &Update, now: UnixMillis) -> Result<(), Rejection> {
    if update.venue_time.0 <= 0 {
        return Err(Rejection::NoTime);
    }
    if update.venue_time > now + AHEAD_MAX {
        return Err(Rejection::FromTheFuture);
    }
    match update.change {
        Change::Trade { price, size, .. } => positive(price).and_then(|()| sane(size)),
        Change::Book { bid, ask } => {
            not_negative(bid)?;
            not_negative(ask)?;
            match bid > ask && ask > Price::ZERO {
                true => Err(Rejection::CrossedBook),
                false => Ok(()),
            }
        }
        Change::Day { reference, high, low, volume, last } => {
            for price in [reference, high, low, last].into_iter().flatten() {
                not_negative(price)?;
            }
            if let (Some(high), Some(low)) = (known(high), known(low))
                && high < low
            {
                return Err(Rejection::HighBelowLow);
            }
            volume.map_or(Ok(()), sane)
        }
        Change::Phase(_) => Ok(()),
    }
}

/// A price, if it is one: where there is no bid, no previous close or no trade yet, venues say 0.
pub(super) fn known(price: Option<Price>) -> Option<Price> {
    price.filter(|price| *price > Price::ZERO)
}

fn positive(price: Price) -> Result<(), Rejection> {
    match price > Price::ZERO {
        true => not_negative(price),
        false => Err(Rejection::PriceNotPositive),
    }
}

fn not_negative(price: Price) -> Result<(), Rejection> {
    if price < Price::ZERO {
        return Err(Rejection::PriceNotPositive);
    }
    if price.value() > PRICE_MAX {
        return Err(Rejection::PriceTooLarge);
    }
    Ok(())
}

fn sane(size: Quantity) -> Result<(), Rejection> {
    if size < Quantity::ZERO {
        return Err(Rejection::SizeNegative);
    }
    if size.value() > SIZE_MAX {
        return Err(Rejection::SizeTooLarge);
    }
    Ok(())
}

const fn whole(number: u64) -> Decimal {
    Decimal::from_parts(number as u32, (number >> 32) as u32, 0, false, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_the_numbers_that_they_are_written_as() {
        assert_eq!(PRICE_MAX, Decimal::from(10_i64.pow(15)));
        assert_eq!(SIZE_MAX, Decimal::from(10_i64.pow(18)));
    }

    #[test]
    fn every_rejection_is_counted_in_its_own_place() {
        for (index, rejection) in Rejection::ALL.into_iter().enumerate() {
            assert_eq!(rejection as usize, index);
        }
    }
}
