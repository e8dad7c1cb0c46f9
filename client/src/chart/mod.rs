//! The candlestick chart. Where things are is computed by pure functions ([`Series`], [`Viewport`],
//! [`Scene`]); [`paint`] puts a finished scene on a canvas; [`panel`] is the component around it.
//!
//! What must never be here: a subscription or a request; the panel asks the app for them.

mod paint;
mod palette;
mod panel;
mod pointer;
mod price_scale;
mod readout;
mod scene;
mod series;
mod state;
mod time_axis;
mod viewport;

pub(crate) use panel::ChartPanel;
