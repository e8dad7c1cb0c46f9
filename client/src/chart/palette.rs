//! The chart's colours, taken from the page's style sheet, so that there is one place for colours.

use web_sys::Element;

use crate::browser::window;

/// The colours of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Palette {
    pub(super) grid: String,
    pub(super) text: String,
    pub(super) rising: String,
    pub(super) falling: String,
    pub(super) rising_volume: String,
    pub(super) falling_volume: String,
    pub(super) crosshair: String,
    pub(super) label: String,
    pub(super) on_label: String,
    pub(super) on_price: String,
    pub(super) font: String,
}

impl Palette {
    /// The colours that hold for an element now.
    pub(super) fn of(element: &Element) -> Self {
        let style = window().get_computed_style(element).ok().flatten();
        let read = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.unwrap_or_default().trim().to_owned()
        };
        Palette {
            grid: read("--chart-grid"),
            text: read("--chart-text"),
            rising: read("--rising"),
            falling: read("--falling"),
            rising_volume: read("--rising-volume"),
            falling_volume: read("--falling-volume"),
            crosshair: read("--chart-crosshair"),
            label: read("--chart-label"),
            on_label: read("--chart-on-label"),
            on_price: read("--chart-on-price"),
            font: format!("11px {}", read("--font-numbers")),
        }
    }
}
