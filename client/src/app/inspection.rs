//! `window.tidemark`: what tests and support may read. Nothing can be changed through it.

use std::collections::{BTreeMap, HashMap};

use leptos::prelude::*;
use serde::Serialize;
use tidemark_shared::documents::Body;
use tidemark_shared::session::{Counters, Status, Transport};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::App;
use crate::browser::{clock, window};
use crate::bus::Kind;
use crate::i18n::{Language, wording};

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl App {
    /// Puts `window.tidemark` there.
    pub(super) fn expose(self) {
        let object = js_sys::Object::new();
        set(&object, "version", &JsValue::from_str(VERSION));
        method(&object, "status", App::status_report, self);
        method(&object, "events", App::events_report, self);
        method(&object, "prices", App::prices_report, self);
        method(&object, "log", App::log_report, self);
        method(&object, "queue", App::queue_report, self);
        method(&object, "documents", App::documents_report, self);
        method(&object, "holder", App::holder_report, self);
        set(&object, "user", &JsValue::from_str(self.documents.user().as_str()));
        let object = js_sys::Object::freeze(&object);
        set(&window(), "tidemark", &object);
    }

    fn status_report(self) -> String {
        match self.line() {
            Some(line) => json(&StatusReport::of(&line.status(), line.relay().as_str(), self)),
            None => "null".into(),
        }
    }

    fn events_report(self) -> String {
        json(self.parts().ledger.borrow().topics())
    }

    fn prices_report(self) -> String {
        let parts = self.parts();
        let list = self.watchlist.get_untracked();
        let reports = list.items().iter().map(|item| {
            let ticker = parts.rows.of(&item.symbol).ticker.get_untracked();
            let report = PriceReport {
                price: ticker.quote.as_ref().map(|quote| quote.price.to_string()),
                freshness: snake_case(&format!("{:?}", self.freshness_untracked(&ticker))),
                age_ms: ticker.age(self.now.get_untracked()).map(|age| age.as_millis() as u64),
                moves: ticker.moves,
            };
            (item.symbol.as_str().to_owned(), report)
        });
        json(&reports.collect::<HashMap<_, _>>())
    }

    fn queue_report(self) -> String {
        json(&self.documents.peek_items())
    }

    fn documents_report(self) -> String {
        let views = self.documents.peek_all().into_iter().map(|(entity, view)| {
            let report = DocumentReport {
                version: view.base_version().0,
                pending: snake_case(&format!("{:?}", view.pending)),
                deleted: view.deleted,
                body: view.body,
            };
            (entity.to_string(), report)
        });
        json(&views.collect::<BTreeMap<_, _>>())
    }

    fn holder_report(self) -> String {
        json(&self.line().is_some_and(|line| line.leads()))
    }

    fn log_report(self) -> String {
        let notes = self.parts().bus.history(Kind::Connection);
        let texts = notes.iter().filter_map(|note| wording::event(&note.what, Language::English));
        json(&texts.collect::<Vec<_>>())
    }
}

#[derive(Serialize)]
struct DocumentReport {
    version: u64,
    pending: String,
    deleted: bool,
    body: Body,
}

#[derive(Serialize)]
struct PriceReport {
    price: Option<String>,
    freshness: String,
    age_ms: Option<u64>,
    moves: u32,
}

#[derive(Serialize)]
struct StatusReport {
    version: &'static str,
    state: String,
    transport: Option<&'static str>,
    encoding: Option<String>,
    relay: Option<String>,
    relay_address: String,
    user: Option<String>,
    ends_at: Option<i64>,
    delayed_ms: Option<u64>,
    attempts: u32,
    next_attempt_in_ms: Option<u64>,
    last_error: Option<String>,
    round_trip_ms: Option<f64>,
    clock_offset_ms: i64,
    storage: String,
    offline: String,
    update: String,
    selected: Option<String>,
    watchlist: Vec<String>,
    counters: CounterReport,
}

#[derive(Serialize)]
struct CounterReport {
    delivered: u64,
    caught_up: u64,
    skipped: u64,
    duplicates: u64,
    holes: u64,
    topics_lost: u64,
    stale: u64,
    connections: u64,
    bytes_in: u64,
}

impl StatusReport {
    fn of(status: &Status, relay_address: &str, app: App) -> Self {
        StatusReport {
            version: VERSION,
            state: snake_case(&format!("{:?}", status.state)),
            transport: status.transport.map(|transport| match transport {
                Transport::WebSocket => "ws",
                Transport::Sse => "sse",
                Transport::Poll => "poll",
            }),
            encoding: status.encoding.map(|encoding| snake_case(&format!("{encoding:?}"))),
            relay: status.relay.clone(),
            relay_address: relay_address.to_owned(),
            user: status.user.clone(),
            ends_at: status.ends_at.map(|ends_at| ends_at.0),
            delayed_ms: status.delayed_ms,
            attempts: status.attempts,
            next_attempt_in_ms: status
                .next_attempt
                .map(|due| due.since(clock::moment()).as_millis() as u64),
            last_error: status.last_error.as_ref().map(ToString::to_string),
            round_trip_ms: status.round_trip.map(|trip| trip.as_secs_f64() * 1_000.0),
            clock_offset_ms: status.clock_offset_ms,
            storage: snake_case(&format!("{:?}", app.storage.get_untracked())),
            offline: snake_case(&format!("{:?}", app.pwa.offline.get_untracked())),
            update: snake_case(&format!("{:?}", app.pwa.update.get_untracked())),
            selected: app.selected_symbol_untracked().map(|symbol| symbol.as_str().to_owned()),
            watchlist: app.watchlist.with_untracked(|list| {
                list.items().iter().map(|item| item.symbol.as_str().to_owned()).collect()
            }),
            counters: CounterReport::of(&status.counters),
        }
    }
}

impl CounterReport {
    const fn of(counters: &Counters) -> Self {
        CounterReport {
            delivered: counters.delivered,
            caught_up: counters.caught_up,
            skipped: counters.skipped,
            duplicates: counters.duplicates,
            holes: counters.holes,
            topics_lost: counters.topics_lost,
            stale: counters.stale,
            connections: counters.connections,
            bytes_in: counters.bytes_in,
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn json(value: &impl Serialize) -> String {
    // Only keys that are no text could fail, and ours are topics and symbols.
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

fn method(object: &js_sys::Object, name: &str, answer: fn(App) -> String, app: App) {
    let function = Closure::<dyn Fn() -> JsValue>::new(move || {
        js_sys::JSON::parse(&answer(app)).unwrap_or(JsValue::NULL)
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
