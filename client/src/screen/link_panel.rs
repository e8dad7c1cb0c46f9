//! The connection in full: state, transport, times, counters, and the button.

use leptos::prelude::*;
use tidemark_shared::session::Status;

use super::icon::{Shape, icon};
use super::link_badge::{countdown, mood, shape};
use crate::app::{App, shown};
use crate::i18n::{Text, integer, wording};
use crate::pwa::{InstallButton, offline_words};

#[component]
pub(super) fn LinkPanel() -> impl IntoView {
    let app = App::get();
    let state = Memo::new(move |_| app.status.with(|status| status.state));
    let of = move |read: fn(&Status) -> Option<String>| move || app.status.with(read);
    let transport = move || {
        let transport = app.status.with(|status| status.transport)?;
        let encoding = app.status.with(|status| status.encoding);
        let name = app.say(wording::transport(transport));
        Some(match encoding {
            Some(encoding) => format!("{name} · {}", format!("{encoding:?}").to_ascii_lowercase()),
            None => name.to_owned(),
        })
    };
    let last_error = move || {
        let language = app.language.get();
        app.status.with(|status| {
            status.last_error.as_ref().map(|error| wording::link_error(error, language))
        })
    };
    let storage = move || Some(app.say(wording::storage(app.storage.get())).to_owned());
    view! {
        <section class="panel link-panel" data-panel="link" aria-label=app.said(Text::Connection)>
            <div class="panel-head">
                <h2>{app.said(Text::Connection)}</h2>
                <span class=move || format!("link {}", mood(state.get()))>
                    {move || icon(shape(state.get()))}
                    <b>{move || app.say(wording::state(state.get()))}</b>
                </span>
                <InstallButton />
                <button type="button" class="action" on:click=move |_| app.reconnect()>
                    {icon(Shape::Refresh)}
                    <span>{app.said(Text::ReconnectNow)}</span>
                </button>
            </div>
            <div class="panel-body">
                <dl class="facts">
                    {fact(app, Text::Relay, of(relay))}
                    {fact(app, Text::Transport, transport)}
                    {fact(app, Text::RoundTrip, of(round_trip))}
                    {fact(app, Text::ClockOffset, of(clock_offset))}
                    {fact(app, Text::Attempts, of(|status| Some(status.attempts.to_string())))}
                    {fact(app, Text::NextAttempt, move || countdown(app))}
                    {fact(app, Text::Storage, storage)}
                    {fact(app, Text::OfflineUse, move || Some(app.say(offline_words(app.pwa)).to_owned()))}
                    <div class="wide" title=last_error>
                        <dt>{app.said(Text::LastError)}</dt>
                        <dd>{shown(last_error)}</dd>
                    </div>
                </dl>
                <dl class="counters">
                    {counter(app, Text::Delivered, |status| status.counters.delivered)}
                    {counter(app, Text::CaughtUpCount, |status| status.counters.caught_up)}
                    {counter(app, Text::SkippedCount, |status| status.counters.skipped)}
                    {counter(app, Text::Duplicates, |status| status.counters.duplicates)}
                    {counter(app, Text::Holes, |status| status.counters.holes)}
                    {fact(app, Text::Received, of(received))}
                </dl>
            </div>
        </section>
    }
}

fn relay(status: &Status) -> Option<String> {
    status.relay.clone()
}

fn round_trip(status: &Status) -> Option<String> {
    status.round_trip.map(|trip| format!("{:.1} ms", trip.as_secs_f64() * 1_000.0))
}

fn clock_offset(status: &Status) -> Option<String> {
    status.relay.as_ref().map(|_| format!("{:+} ms", status.clock_offset_ms))
}

fn received(status: &Status) -> Option<String> {
    let bytes = status.counters.bytes_in as f64;
    Some(match bytes {
        0.0..1_000_000.0 => format!("{:.1} kB", bytes / 1e3),
        1_000_000.0..1_000_000_000.0 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.2} GB", bytes / 1e9),
    })
}

fn fact(
    app: App,
    name: Text,
    value: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> impl IntoView {
    let value = shown(value);
    view! { <div><dt>{app.said(name)}</dt><dd>{value}</dd></div> }
}

/// Counters run with the page's clock, not with each message: nobody reads faster.
fn counter(app: App, name: Text, read: fn(&Status) -> u64) -> impl IntoView {
    fact(app, name, move || {
        app.now.track();
        Some(integer(read(&app.status_now())))
    })
}
