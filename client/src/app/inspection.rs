//! `window.tidemark`: what tests and support may read. Nothing can be changed through it.

use serde::Serialize;
use serde_json::{Map, Value, json};
use tidemark_shared::session::{Status, Transport};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::App;
use crate::browser::{clock, window};
use crate::bus::Kind;
use crate::i18n::{Language, wording};
use leptos::prelude::*;

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl App {
    /// Puts `window.tidemark` there.
    pub(super) fn expose(self) {
        let object = js_sys::Object::new();
        set(&object, "version", &JsValue::from_str(VERSION));
        method(&object, "status", move || self.status_report());
        method(&object, "events", move || to_value(self.parts().ledger.borrow().topics()));
        method(&object, "prices", move || self.prices_report());
        method(&object, "log", move || self.log_report());
        let object = js_sys::Object::freeze(&object);
        set(&window(), "tidemark", &object);
    }

    fn status_report(self) -> Value {
        let Some(shell) = self.shell() else { return Value::Null };
        report(&shell.status(), shell.relay().as_str(), self)
    }

    fn prices_report(self) -> Value {
        let parts = self.parts();
        let list = self.watchlist.get_untracked();
        let mut prices = Map::new();
        for item in list.items() {
            let ticker = parts.rows.of(&item.symbol).ticker.get_untracked();
            let price = ticker.quote.as_ref().map(|quote| quote.price.to_string());
            let freshness = self.freshness_untracked(&ticker);
            let age_ms = ticker.age(self.now.get_untracked()).map(|age| age.as_millis() as u64);
            prices.insert(
                item.symbol.as_str().to_owned(),
                json!({
                    "price": price,
                    "freshness": format!("{freshness:?}").to_lowercase(),
                    "age_ms": age_ms,
                    "moves": ticker.moves,
                }),
            );
        }
        Value::Object(prices)
    }

    fn log_report(self) -> Value {
        let bus = &self.parts().bus;
        let notes = bus.history(Kind::Connection);
        let texts =
            notes.iter().filter_map(|happened| wording::event(&happened.what, Language::English));
        Value::Array(texts.map(Value::String).collect())
    }
}

fn report(status: &Status, relay_address: &str, app: App) -> Value {
    let counters = &status.counters;
    let transport = status.transport.map(|transport| match transport {
        Transport::WebSocket => "ws",
        Transport::Sse => "sse",
        Transport::Poll => "poll",
    });
    let in_ms = status.next_attempt.map(|due| due.since(clock::moment()).as_millis() as u64);
    json!({
        "version": VERSION,
        "state": snake_case(&format!("{:?}", status.state)),
        "transport": transport,
        "encoding": status.encoding.map(|encoding| format!("{encoding:?}").to_lowercase()),
        "relay": status.relay,
        "relay_address": relay_address,
        "user": status.user,
        "attempts": status.attempts,
        "next_attempt_in_ms": in_ms,
        "last_error": status.last_error.as_ref().map(ToString::to_string),
        "round_trip_ms": status.round_trip.map(|trip| trip.as_secs_f64() * 1_000.0),
        "clock_offset_ms": status.clock_offset_ms,
        "storage": snake_case(&format!("{:?}", app.storage.get_untracked())),
        "selected": app.selected_symbol_untracked().map(|symbol| symbol.as_str().to_owned()),
        "watchlist": app.watchlist.with_untracked(|list| {
            list.items().iter().map(|item| item.symbol.as_str().to_owned()).collect::<Vec<_>>()
        }),
        "counters": {
            "delivered": counters.delivered,
            "caught_up": counters.caught_up,
            "skipped": counters.skipped,
            "duplicates": counters.duplicates,
            "holes": counters.holes,
            "topics_lost": counters.topics_lost,
            "stale": counters.stale,
            "connections": counters.connections,
            "bytes_in": counters.bytes_in,
        },
    })
}

fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn to_value(value: &impl Serialize) -> Value {
    // Only keys that are no text could fail, and ours are topics.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn method(object: &js_sys::Object, name: &str, answer: impl Fn() -> Value + 'static) {
    let function = Closure::<dyn Fn() -> JsValue>::new(move || {
        js_sys::JSON::parse(&answer().to_string()).unwrap_or(JsValue::NULL)
    });
    set(object, name, function.as_ref().unchecked_ref());
    // Lives as long as the page.
    function.forget();
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Refused only by frozen objects, and these are our own.
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_spelled_as_on_the_wire() {
        assert_eq!(snake_case("CatchingUp"), "catching_up");
        assert_eq!(snake_case("Live"), "live");
    }
}
