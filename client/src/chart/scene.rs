//! Everything that a chart shows, with its place in pixels: computed without a canvas.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Interval;

use super::price_scale::PriceScale;
use super::series::{Candle, Series};
use super::time_axis::{Locale, time_ticks};
use super::viewport::Viewport;
use crate::i18n::{Digits, clock_time, date, price, short_time};

/// Width of the price axis.
pub(super) const AXIS_PX: f64 = 72.0;
/// Height of the time axis.
const TIMES_PX: f64 = 24.0;
/// Share of the plot that volume takes.
const VOLUME_SHARE: f64 = 0.18;
/// Distance of price lines.
const PRICE_LINES_PX: f64 = 52.0;
/// Distance of times.
const TIMES_APART_PX: f64 = 88.0;

/// What a scene is made from.
pub(super) struct Sitting<'a> {
    pub(super) series: &'a Series,
    pub(super) viewport: &'a Viewport,
    pub(super) interval: Interval,
    pub(super) width_px: f64,
    pub(super) height_px: f64,
    /// The chosen bar, and the height of the pointer where there is one.
    pub(super) cursor: Option<(usize, Option<f64>)>,
    /// The instrument's newest price, which may be newer than the last bar.
    pub(super) last_price: Option<f64>,
    pub(super) digits: Digits,
    pub(super) locale: Locale,
}

/// A bar of the chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CandleShape {
    pub(super) center: f64,
    pub(super) width: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) volume_top: f64,
    pub(super) is_rising: bool,
}

/// A line with a label at its end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) at: f64,
    pub(super) label: String,
}

/// The lines through the chosen bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Crosshair {
    pub(super) vertical: Line,
    pub(super) horizontal: Line,
}

/// The newest price.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LastPrice {
    pub(super) line: Line,
    pub(super) is_rising: bool,
}

/// A finished picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) plot_width: f64,
    pub(super) plot_height: f64,
    pub(super) prices: Vec<Line>,
    pub(super) times: Vec<Line>,
    pub(super) candles: Vec<CandleShape>,
    pub(super) last: Option<LastPrice>,
    pub(super) crosshair: Option<Crosshair>,
}

/// Width of the plot within a canvas of some width.
pub(super) fn plot_width(width_px: f64) -> f64 {
    (width_px - AXIS_PX).max(0.0)
}

impl Scene {
    /// Puts everything in its place.
    pub(super) fn of(sitting: &Sitting<'_>) -> Self {
        let mut scene = Scene {
            width: sitting.width_px,
            height: sitting.height_px,
            plot_width: plot_width(sitting.width_px),
            plot_height: (sitting.height_px - TIMES_PX).max(0.0),
            ..Scene::default()
        };
        let candles = sitting.series.candles();
        let visible = sitting.viewport.visible();
        let in_view = candles.get(visible.clone()).unwrap_or_default();
        let Some(extent) = Extent::of(in_view) else { return scene };
        let prices_height = scene.plot_height * (1.0 - VOLUME_SHARE);
        let scale = PriceScale::fit(extent.low, extent.high, 0.0, prices_height);
        let volume_px = (scene.plot_height - prices_height) / extent.volume.max(f64::MIN_POSITIVE);

        scene.prices = scale
            .ticks(PRICE_LINES_PX)
            .into_iter()
            .map(|at| Line { at: scale.y(at), label: label(at, sitting.digits) })
            .collect();
        scene.times = time_ticks(
            candles,
            visible.clone(),
            sitting.interval,
            sitting.viewport.bar_px(),
            TIMES_APART_PX,
            sitting.locale,
        )
        .into_iter()
        .map(|tick| Line { at: sitting.viewport.center_px(tick.index), label: tick.label })
        .collect();
        scene.candles = visible
            .zip(in_view)
            .map(|(index, candle)| CandleShape {
                center: sitting.viewport.center_px(index),
                width: body_width(sitting.viewport.bar_px()),
                high: scale.y(candle.high),
                low: scale.y(candle.low),
                top: scale.y(candle.open.max(candle.close)),
                bottom: scale.y(candle.open.min(candle.close)),
                volume_top: scene.plot_height - candle.volume * volume_px,
                is_rising: candle.is_rising(),
            })
            .collect();
        scene.last = candles.last().map(|newest| last_price(newest, sitting, &scale));
        scene.crosshair = crosshair(sitting, &scale);
        scene
    }
}

/// Lowest and highest price and highest volume of some bars.
struct Extent {
    low: f64,
    high: f64,
    volume: f64,
}

impl Extent {
    fn of(candles: &[Candle]) -> Option<Self> {
        let first = candles.first()?;
        let start = Extent { low: first.low, high: first.high, volume: first.volume };
        Some(candles.iter().fold(start, |extent, candle| Extent {
            low: extent.low.min(candle.low),
            high: extent.high.max(candle.high),
            volume: extent.volume.max(candle.volume),
        }))
    }
}

fn last_price(newest: &Candle, sitting: &Sitting<'_>, scale: &PriceScale) -> LastPrice {
    let price = sitting.last_price.unwrap_or(newest.close);
    LastPrice {
        line: Line { at: scale.y(price), label: label(price, sitting.digits) },
        is_rising: price >= newest.open,
    }
}

fn crosshair(sitting: &Sitting<'_>, scale: &PriceScale) -> Option<Crosshair> {
    let (index, pointer) = sitting.cursor?;
    let candle = sitting.series.candles().get(index)?;
    let y = pointer.unwrap_or_else(|| scale.y(candle.close));
    Some(Crosshair {
        vertical: Line {
            at: sitting.viewport.center_px(index),
            label: bar_time(candle.start, sitting.interval, sitting.locale),
        },
        horizontal: Line { at: y, label: label(scale.price(y), sitting.digits) },
    })
}

/// The time of a bar, as exact as its interval.
pub(super) fn bar_time(start: UnixMillis, interval: Interval, locale: Locale) -> String {
    let time = locale.local(start);
    let day = date(time, locale.language);
    match interval {
        Interval::Day1 => format!("{day} {}", time.year),
        Interval::Second1 | Interval::Seconds5 => format!("{day} {}", clock_time(time)),
        _ => format!("{day} {}", short_time(time)),
    }
}

/// A bar leaves a gap to its neighbour where there is room for one; whole pixels look sharp.
fn body_width(bar_px: f64) -> f64 {
    let width = (bar_px * 0.72).floor();
    if width < 1.0 { bar_px.clamp(0.5, 1.0) } else { width }
}

fn label(value: f64, digits: Digits) -> String {
    // A label of a place on the screen, not of money: a float is exact enough.
    let Ok(value) = rust_decimal::Decimal::try_from(value) else { return String::new() };
    let digits = if digits == Digits::AsGiven { Digits::Fixed(2) } else { digits };
    price(tidemark_shared::market::Price::new(value), digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::bar;
    use crate::i18n::Language;

    fn scene(count: i64, cursor: Option<(usize, Option<f64>)>) -> Scene {
        let mut series = Series::default();
        for minute in 0..count {
            series.push_live(&bar(minute, &format!("{}", 100 + minute % 7)));
        }
        let mut viewport = Viewport::new();
        viewport.resize(plot_width(672.0));
        viewport.set_count(series.bars().len(), 0);
        Scene::of(&Sitting {
            series: &series,
            viewport: &viewport,
            interval: Interval::Minute1,
            width_px: 672.0,
            height_px: 324.0,
            cursor,
            last_price: Some(103.5),
            digits: Digits::Fixed(2),
            locale: Locale { zone_minutes: |_| 0, language: Language::English },
        })
    }

    #[test]
    fn everything_is_within_the_plot() {
        let scene = scene(500, None);
        assert!(scene.candles.len() > 50);
        for candle in &scene.candles {
            assert!(candle.high >= 0.0 && candle.low <= scene.plot_height);
            assert!(candle.volume_top <= scene.plot_height && candle.volume_top > candle.low);
        }
        for line in &scene.prices {
            assert!(line.at >= 0.0 && line.at <= scene.plot_height);
        }
        assert_eq!(scene.last.unwrap().line.label, "103.50");
    }

    #[test]
    fn the_crosshair_names_the_bar_and_the_price_under_the_pointer() {
        let crosshair = scene(500, Some((499, None))).crosshair.unwrap();
        assert_eq!(crosshair.vertical.label, "1 Jan 08:19");
        assert_eq!(crosshair.horizontal.label, format!("{}.00", 100 + 499 % 7));
        assert_eq!(scene(500, Some((500, None))).crosshair, None, "no such bar");
    }

    #[test]
    fn an_empty_chart_is_an_empty_picture() {
        let empty = scene(0, Some((0, Some(10.0))));
        assert!(empty.candles.is_empty() && empty.prices.is_empty() && empty.last.is_none());
    }
}
