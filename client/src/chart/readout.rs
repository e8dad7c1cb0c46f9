//! The figures of one bar, for eyes and for screen readers.

use tidemark_shared::market::{Bar, Interval};

use super::scene::bar_time;
use super::time_axis::Locale;
use crate::i18n::{Digits, Text, change, compact, fill, percent, price};

/// The figures of one bar as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Readout {
    pub(super) time: String,
    pub(super) open: String,
    pub(super) high: String,
    pub(super) low: String,
    pub(super) close: String,
    pub(super) change: String,
    pub(super) volume: String,
    pub(super) is_rising: bool,
}

impl Readout {
    pub(super) fn of(bar: &Bar, interval: Interval, digits: Digits, locale: Locale) -> Self {
        let (difference, share) =
            (change(bar.close, bar.open, digits), percent(bar.close, bar.open));
        Readout {
            time: bar_time(bar.start, interval, locale),
            open: price(bar.open, digits),
            high: price(bar.high, digits),
            low: price(bar.low, digits),
            close: price(bar.close, digits),
            change: format!("{difference} ({share})"),
            volume: compact(bar.volume, locale.language),
            is_rising: bar.close >= bar.open,
        }
    }

    /// As one sentence.
    pub(super) fn sentence(&self, locale: Locale) -> String {
        let values = [
            ("time", self.time.as_str()),
            ("open", &self.open),
            ("high", &self.high),
            ("low", &self.low),
            ("close", &self.close),
            ("volume", &self.volume),
        ];
        fill(Text::BarSummary.say(locale.language), &values)
    }
}
