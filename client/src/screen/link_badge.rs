//! The connection in one badge: shape, word, colour.

use leptos::prelude::*;
use tidemark_shared::session::State;

use super::icon::{Shape, icon};
use crate::app::App;
use crate::browser::clock;
use crate::i18n::{Text, age, fill, wording};

/// What the style sheet knows of a state: good, busy or bad.
pub(super) const fn mood(state: State) -> &'static str {
    match state {
        State::Live => "good",
        State::Connecting | State::Greeting | State::CatchingUp | State::Suspect => "busy",
        State::Idle
        | State::Backoff
        | State::Offline
        | State::Suspended
        | State::NeedsAuth
        | State::NeedsUpgrade
        | State::GaveUp => "bad",
    }
}

/// The shape of a state.
pub(super) const fn shape(state: State) -> Shape {
    match state {
        State::Live => Shape::Linked,
        State::Connecting | State::Greeting | State::CatchingUp => Shape::Refresh,
        State::Suspect => Shape::Warning,
        State::NeedsAuth => Shape::Lock,
        State::Suspended => Shape::Pause,
        State::Idle | State::Backoff | State::Offline | State::NeedsUpgrade | State::GaveUp => {
            Shape::BrokenLink
        }
    }
}

/// The countdown to the next attempt, where one is planned.
pub(super) fn countdown(app: App) -> Option<String> {
    app.now.track();
    let due = app.status.with(|status| status.next_attempt)?;
    // Whole seconds: a countdown in tenths is restless.
    let left = due.since(clock::moment()).as_secs_f64().ceil();
    let time = fill(app.say(Text::AgeSeconds), &[("n", &format!("{left:.0}"))]);
    Some(fill(app.say(Text::InTime), &[("time", &time)]))
}

#[component]
pub(super) fn LinkBadge() -> impl IntoView {
    let app = App::get();
    let state = Memo::new(move |_| app.status.with(|status| status.state));
    let detail = move || match state.get() {
        State::Live | State::Suspect => app
            .status
            .with(|status| status.round_trip)
            .map(|trip| format!("{:.0} ms", trip.as_secs_f64() * 1_000.0)),
        State::Offline | State::Backoff => countdown(app),
        _ => {
            app.now.track();
            let since = app.status.with(|status| status.since);
            Some(age(clock::moment().since(since), app.language.get()))
        }
    };
    let is_trouble = move || matches!(mood(state.get()), "bad");
    view! {
        <div class=move || format!("link {}", mood(state.get())) data-testid="link-state">
            {move || icon(shape(state.get()))}
            <b>{move || app.say(wording::state(state.get()))}</b>
            <span class="quiet">{detail}</span>
            <Show when=is_trouble>
                <button
                    type="button"
                    class="small"
                    title=app.said(Text::ReconnectNow)
                    aria-label=app.said(Text::ReconnectNow)
                    on:click=move |_| app.reconnect()
                >
                    {icon(Shape::Refresh)}
                </button>
            </Show>
        </div>
    }
}
