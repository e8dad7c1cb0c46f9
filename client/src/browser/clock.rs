//! The page's two clocks, read at once.

use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::session::Now;

use super::window;

/// The time by both clocks.
pub(crate) fn now() -> Now {
    Now { moment: moment(), unix: unix() }
}

/// The stopwatch: never jumps, starts with the page.
pub(crate) fn moment() -> Moment {
    let elapsed_ms = window().performance().map_or(0.0, |performance| performance.now());
    Moment::after_start(Duration::from_secs_f64(elapsed_ms.max(0.0) / 1_000.0))
}

/// The wall clock.
pub(crate) fn unix() -> UnixMillis {
    // A float holds the milliseconds of the next 285,000 years exactly.
    UnixMillis(js_sys::Date::now() as i64)
}

/// The user's time zone at a time: minutes to add to UTC.
pub(crate) fn zone_minutes(at: UnixMillis) -> i32 {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    // The platform counts the other way round. Zones are whole minutes within a day.
    -(date.get_timezone_offset() as i32)
}
