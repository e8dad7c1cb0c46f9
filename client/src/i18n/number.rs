//! Numbers for people: grouped, with the digits that the currency asks for.

use rust_decimal::{Decimal, RoundingStrategy};
use tidemark_shared::market::{AssetClass, Instrument, Price, Quantity};

use super::Language;

/// Stands for a number that nobody knows.
const UNKNOWN: &str = "–";

/// How many digits after the point a price is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digits {
    /// So many.
    Fixed(u32),
    /// As many as the price came with.
    AsGiven,
}

impl Digits {
    /// Those of an instrument: its own, which its relay took from the venue or the currency.
    pub(crate) fn of(instrument: &Instrument) -> Self {
        match instrument.currency.as_str() {
            // Currencies without a smaller unit, whatever the venue sends.
            "KRW" | "JPY" | "VND" if instrument.asset_class != AssetClass::Index => {
                Digits::Fixed(0)
            }
            _ => Digits::Fixed(u32::from(instrument.price_digits)),
        }
    }
}

/// The sign of a currency, to stand before an amount; its code where it has no sign of its own.
pub(crate) fn currency_sign(code: &str) -> &str {
    match code {
        "USD" | "USDT" | "USDC" => "$",
        "KRW" => "₩",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        other => other,
    }
}

/// A price: `61,685.99`.
pub(crate) fn price(price: Price, digits: Digits) -> String {
    grouped(price.value(), digits, Sign::MinusOnly)
}

/// A price with its currency: `₩71,000`.
pub(crate) fn money(amount: Price, instrument: &Instrument) -> String {
    let sign = currency_sign(&instrument.currency);
    let space = if sign.len() > 1 && sign.is_ascii() { "\u{a0}" } else { "" };
    format!("{sign}{space}{}", price(amount, Digits::of(instrument)))
}

/// The difference of two prices, always with a sign: `+1.25`.
pub(crate) fn change(now: Price, reference: Price, digits: Digits) -> String {
    match now.value().checked_sub(reference.value()) {
        Some(difference) => grouped(difference, digits, Sign::Always),
        None => UNKNOWN.into(),
    }
}

/// The difference of two prices in percent of the second: `+0.84%`.
pub(crate) fn percent(now: Price, reference: Price) -> String {
    let ratio = now
        .value()
        .checked_sub(reference.value())
        .and_then(|difference| difference.checked_mul(Decimal::ONE_HUNDRED))
        .and_then(|difference| difference.checked_div(reference.value()));
    match ratio {
        Some(ratio) => format!("{}%", grouped(ratio, Digits::Fixed(2), Sign::Always)),
        None => UNKNOWN.into(),
    }
}

/// A large number, short: `1.24M`, `124만`.
pub(crate) fn compact(quantity: Quantity, language: Language) -> String {
    let units: &[(i64, &str)] = match language {
        Language::English => {
            &[(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")]
        }
        Language::Korean => &[(1_000_000_000_000, "조"), (100_000_000, "억"), (10_000, "만")],
    };
    let value = quantity.value();
    for (size, unit) in units {
        let size = Decimal::from(*size);
        if value.abs() >= size {
            let scaled = value / size;
            let digits = if scaled.abs() >= Decimal::ONE_HUNDRED { 0 } else { 2 };
            return format!("{}{unit}", grouped(scaled, Digits::Fixed(digits), Sign::MinusOnly));
        }
    }
    let digits = if value.fract().is_zero() { 0 } else { 2 };
    grouped(value, Digits::Fixed(digits), Sign::MinusOnly)
}

/// A count: `1,284`.
pub(crate) fn integer(count: u64) -> String {
    grouped(Decimal::from(count), Digits::Fixed(0), Sign::MinusOnly)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    MinusOnly,
    Always,
}

fn grouped(value: Decimal, digits: Digits, sign: Sign) -> String {
    let rounded = match digits {
        Digits::Fixed(digits) => {
            let mut rounded =
                value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
            if rounded.scale() < digits {
                rounded.rescale(digits);
            }
            rounded
        }
        Digits::AsGiven => value,
    };
    let text = rounded.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + 8);
    if rounded.is_zero() {
        // Neither up nor down, also when it was rounded to it.
    } else if rounded.is_sign_negative() {
        out.push('−');
    } else if sign == Sign::Always {
        out.push('+');
    }
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Price {
        text.parse().unwrap()
    }

    fn instrument(currency: &str, price_digits: u8) -> Instrument {
        Instrument {
            symbol: "X".parse().unwrap(),
            name: "X".into(),
            asset_class: AssetClass::Equity,
            currency: currency.into(),
            price_digits,
            feed: "simulator".into(),
            aliases: Vec::new(),
        }
    }

    #[test]
    fn each_currency_is_written_its_own_way() {
        let cases = [
            ("71000", "KRW", 0, "₩71,000"),
            ("71000.00", "KRW", 2, "₩71,000"),
            ("187.5", "USD", 2, "$187.50"),
            ("61685.99000000", "USDT", 2, "$61,685.99"),
            ("0.00001234", "BTC", 8, "BTC\u{a0}0.00001234"),
            ("-3.505", "EUR", 2, "€−3.51"),
            ("999", "USD", 0, "$999"),
        ];
        for (text, currency, digits, shown) in cases {
            assert_eq!(money(amount(text), &instrument(currency, digits)), shown);
        }
        assert_eq!(price(amount("1234567.10"), Digits::AsGiven), "1,234,567.10");
    }

    #[test]
    fn an_index_keeps_its_digits_in_any_currency() {
        let mut kospi = instrument("KRW", 2);
        kospi.asset_class = AssetClass::Index;
        assert_eq!(price(amount("2632.5"), Digits::of(&kospi)), "2,632.50");
    }

    #[test]
    fn a_change_always_says_its_direction() {
        let two = Digits::Fixed(2);
        assert_eq!(change(amount("10.5"), amount("10"), two), "+0.50");
        assert_eq!(change(amount("9999"), amount("11234"), two), "−1,235.00");
        assert_eq!(change(amount("10.001"), amount("10"), two), "0.00");
        assert_eq!(percent(amount("10.5"), amount("10")), "+5.00%");
        assert_eq!(percent(amount("10"), amount("0")), "–");
    }

    #[test]
    fn large_numbers_are_short_in_each_language() {
        let quantity = |text: &str| text.parse::<Quantity>().unwrap();
        let cases = [
            ("999", "999", "999"),
            ("12.345", "12.35", "12.35"),
            ("12500", "12.50K", "1.25만"),
            ("1240000", "1.24M", "124만"),
            ("312000000", "312M", "3.12억"),
            ("1500000000000", "1.50T", "1.50조"),
        ];
        for (text, english, korean) in cases {
            assert_eq!(compact(quantity(text), Language::English), english);
            assert_eq!(compact(quantity(text), Language::Korean), korean);
        }
    }
}
