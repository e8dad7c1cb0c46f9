//! `alert_rules`: when the user wants to be told.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::word::words;
use super::{Problem, Reader, Shape, ShapeError, Word};
use crate::documents::Body;
use crate::market::{Price, Symbol};
use crate::protocol::Priority;

/// Longest message of a rule: a notification shows no more.
const MESSAGE_CHARS_MAX: usize = 500;

/// Most bars that an indicator looks back: the longest that is in use is 200.
const PERIOD_MAX: u16 = 500;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRule {
    /// `symbol`: whose market is watched.
    pub symbol: Symbol,
    /// `name`: what the user calls it; absent: its condition says enough.
    pub name: Option<String>,
    /// `metric`, `op`, `threshold`, `unit`: what has to happen.
    pub condition: Condition,
    /// `active`: whether it is on; on when it is not said.
    pub active: bool,
    /// `priority`: how much it matters; as usual when it is not said.
    pub priority: Priority,
    /// `message`: what the user wants to be told; absent: the condition in words.
    pub message: Option<String>,
}

/// What has to happen. Each of its parts means something only with the others, and with the
/// symbol: half of one device's and half of another's would be a rule that nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is watched.
    pub metric: Metric,
    /// How it is compared.
    pub op: Comparison,
    /// With what.
    pub threshold: Price,
    /// What the threshold is counted in.
    pub unit: Unit,
}

words! {
    /// How a metric is compared with a threshold.
    Comparison {
        /// Is above it.
        Above: "above",
        /// Is below it.
        Below: "below",
        /// Was not above it, and is.
        CrossesAbove: "crosses_above",
        /// Was not below it, and is.
        CrossesBelow: "crosses_below",
    }
}

words! {
    /// What a threshold is counted in.
    Unit {
        /// The instrument's currency.
        Currency: "currency",
        /// Hundredths.
        Percent: "percent",
        /// Shares, coins, contracts.
        Units: "units",
        /// A figure without a unit, as indicators and sentiment have.
        Points: "points",
    }
}

words! {
    /// A technical indicator.
    IndicatorKind {
        /// Simple moving average.
        Sma: "sma",
        /// Exponential moving average.
        Ema: "ema",
        /// Relative strength index.
        Rsi: "rsi",
        /// Moving average convergence/divergence.
        Macd: "macd",
        /// Upper Bollinger band.
        BollingerUpper: "bollinger_upper",
        /// Lower Bollinger band.
        BollingerLower: "bollinger_lower",
        /// Average true range.
        Atr: "atr",
    }
}

words! {
    /// A priority, as documents spell it: like events do.
    PriorityWord {
        /// Last.
        Low: "low",
        /// As usual.
        Normal: "normal",
        /// Before the usual.
        High: "high",
        /// First.
        Critical: "critical",
    }
}

/// An indicator over some bars, `sma_20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Indicator {
    /// Which.
    pub kind: IndicatorKind,
    /// Over how many bars, from 1 to 500.
    pub period: u16,
}

/// What a rule watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// `price`: the last price.
    Price,
    /// `change_pct`: the day's change.
    ChangePct,
    /// `volume`: the day's volume.
    Volume,
    /// `sentiment`: what people write.
    Sentiment,
    /// `rsi_14`: an indicator.
    Indicator(Indicator),
}

impl Metric {
    /// The unit that its thresholds usually have.
    #[must_use]
    pub const fn usual_unit(self) -> Unit {
        match self {
            Metric::Price => Unit::Currency,
            Metric::ChangePct => Unit::Percent,
            Metric::Volume => Unit::Units,
            Metric::Sentiment => Unit::Points,
            Metric::Indicator(indicator) => match indicator.kind {
                IndicatorKind::Rsi => Unit::Points,
                _ => Unit::Currency,
            },
        }
    }
}

impl Shape for AlertRule {
    const COLLECTION: &'static str = "alert_rules";

    const TOGETHER: &'static [&'static [&'static str]] =
        &[&["symbol", "metric", "op", "threshold", "unit"]];

    fn of_body(body: &Body) -> Result<Self, ShapeError> {
        let reader = Reader::new(Self::COLLECTION, body);
        let priority = reader.word("priority")?.unwrap_or(PriorityWord::Normal);
        Ok(AlertRule {
            symbol: reader.required("symbol", reader.parsed("symbol"))?,
            name: reader.name("name")?,
            condition: Condition {
                metric: reader.required("metric", reader.parsed("metric"))?,
                op: reader.required("op", reader.word("op"))?,
                threshold: reader.required("threshold", reader.parsed("threshold"))?,
                unit: reader.required("unit", reader.word("unit"))?,
            },
            active: reader.yes("active")?.unwrap_or(true),
            priority: priority.into(),
            message: reader.line("message", MESSAGE_CHARS_MAX)?,
        })
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let Condition { metric, op, threshold, unit } = &self.condition;
        vec![
            ("symbol", Some(self.symbol.as_str().into())),
            ("name", self.name.as_deref().map(Value::from)),
            ("metric", Some(metric.to_string().into())),
            ("op", Some(op.as_str().into())),
            ("threshold", Some(threshold.to_string().into())),
            ("unit", Some(unit.as_str().into())),
            ("active", Some(self.active.into())),
            ("priority", Some(PriorityWord::from(self.priority).as_str().into())),
            ("message", self.message.as_deref().map(Value::from)),
        ]
    }
}

impl FromStr for Metric {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let unknown = || {
            let kinds = IndicatorKind::allowed();
            let allowed = format!(
                "price, change_pct, volume, sentiment, or _ and 1 to {PERIOD_MAX} after {kinds}"
            );
            Problem::not_one_of(text, allowed)
        };
        Ok(match text {
            "price" => Metric::Price,
            "change_pct" => Metric::ChangePct,
            "volume" => Metric::Volume,
            "sentiment" => Metric::Sentiment,
            _ => Metric::Indicator(indicator(text).ok_or_else(unknown)?),
        })
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Price => f.write_str("price"),
            Metric::ChangePct => f.write_str("change_pct"),
            Metric::Volume => f.write_str("volume"),
            Metric::Sentiment => f.write_str("sentiment"),
            Metric::Indicator(Indicator { kind, period }) => {
                write!(f, "{}_{period}", kind.as_str())
            }
        }
    }
}

impl From<Priority> for PriorityWord {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => PriorityWord::Low,
            Priority::Normal => PriorityWord::Normal,
            Priority::High => PriorityWord::High,
            Priority::Critical => PriorityWord::Critical,
        }
    }
}

impl From<PriorityWord> for Priority {
    fn from(word: PriorityWord) -> Self {
        match word {
            PriorityWord::Low => Priority::Low,
            PriorityWord::Normal => Priority::Normal,
            PriorityWord::High => Priority::High,
            PriorityWord::Critical => Priority::Critical,
        }
    }
}

fn indicator(text: &str) -> Option<Indicator> {
    let (kind, period) = text.rsplit_once('_')?;
    let is_plain = period.bytes().all(|byte| byte.is_ascii_digit()) && !period.starts_with('0');
    let kind = IndicatorKind::of_text(kind)?;
    let period = period.parse().ok().filter(|period| is_plain && *period <= PERIOD_MAX)?;
    Some(Indicator { kind, period })
}
