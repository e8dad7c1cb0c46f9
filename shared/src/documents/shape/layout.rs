//! `layouts`: how the user wants charts.

use serde_json::Value;

use super::word::words;
use super::{Reader, Shape, ShapeError, Word as _};
use crate::documents::Body;
use crate::market::{Interval, Symbol};

words! {
    /// How bars are drawn.
    ChartStyle {
        /// Candlesticks.
        Candles: "candles",
        /// Open, high, low, close.
        Bars: "bars",
        /// A line through the closes.
        Line: "line",
        /// The same, filled below.
        Area: "area",
    }
}

words! {
    /// How prices are placed.
    PriceScale {
        /// The same distance for the same difference.
        Linear: "linear",
        /// The same distance for the same ratio.
        Logarithmic: "logarithmic",
    }
}

/// A chart as the user keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// `name`: what the user calls it.
    pub name: String,
    /// `symbol`: its instrument; absent: whichever is chosen.
    pub symbol: Option<Symbol>,
    /// `interval`: how much time a bar covers.
    pub interval: Interval,
    /// `style`: how bars are drawn; candlesticks when it is not said.
    pub style: ChartStyle,
    /// `scale`: how prices are placed; linear when it is not said.
    pub scale: PriceScale,
}

impl Shape for Layout {
    const COLLECTION: &'static str = "layouts";

    fn of_body(body: &Body) -> Result<Self, ShapeError> {
        let reader = Reader::new(Self::COLLECTION, body);
        Ok(Layout {
            name: reader.required("name", reader.name("name"))?,
            symbol: reader.parsed("symbol")?,
            interval: reader.required("interval", reader.parsed("interval"))?,
            style: reader.word("style")?.unwrap_or(ChartStyle::Candles),
            scale: reader.word("scale")?.unwrap_or(PriceScale::Linear),
        })
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("name", Some(self.name.as_str().into())),
            ("symbol", self.symbol.as_ref().map(|symbol| symbol.as_str().into())),
            ("interval", Some(self.interval.as_str().into())),
            ("style", Some(self.style.as_str().into())),
            ("scale", Some(self.scale.as_str().into())),
        ]
    }
}
