//! Chart layouts: the user's ways to look at a market, under names.

use tidemark_shared::documents::shape::{ChartStyle, Layout, PriceScale, Shape as _};
use tidemark_shared::documents::{Body, Collection, Entity};
use tidemark_shared::market::{Interval, Symbol};

use super::Desk;

impl Desk {
    /// The user's layouts, by name; follows them.
    pub(crate) fn layouts(self) -> Vec<(Entity, Layout)> {
        let known = self.documents.ids(&Collection::layouts()).into_iter();
        let read = known.filter_map(|entity| {
            Some((entity.clone(), Layout::of_body(&self.body(&entity)?).ok()?))
        });
        let mut layouts: Vec<_> = read.collect();
        layouts.sort_by_cached_key(|(entity, layout)| (layout.name.to_lowercase(), entity.clone()));
        layouts
    }
}

/// The chart as it is now, under a name; nothing without a name.
pub(crate) fn present(name: &str, symbol: Option<Symbol>, interval: Interval) -> Option<Body> {
    let name = name.trim();
    let layout = Layout {
        name: name.to_owned(),
        symbol,
        interval,
        style: ChartStyle::Candles,
        scale: PriceScale::Linear,
    };
    (!name.is_empty()).then(|| layout.to_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_needs_a_name() {
        assert_eq!(present("  ", None, Interval::Minute1), None);
        let body = present(" Swing ", None, Interval::Hour1).unwrap();
        assert_eq!(Layout::of_body(&body).unwrap().name, "Swing");
    }
}
