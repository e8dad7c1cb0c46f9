//! Small parts that the user's own data has in common.

use leptos::prelude::*;
use tidemark_shared::clock::UnixMillis;

use crate::app::App;
use crate::browser::clock;
use crate::desk::progress::Progress;
use crate::i18n::{LocalTime, Text, date_time, own};
use crate::screen::icon::{Shape, icon};

/// How far a change has come: shape, word, colour.
pub(super) fn progress_badge(app: App, progress: &Progress) -> AnyView {
    let (mood, shape) = match progress {
        Progress::Typing => ("calm", Shape::Pen),
        Progress::Saved => ("busy", Shape::Clock),
        Progress::Sending => ("busy", Shape::Outbox),
        Progress::Accepted | Progress::Everywhere => ("good", Shape::Check),
        Progress::Conflict => ("bad", Shape::Split),
        Progress::NotSaved { .. } | Progress::Rejected | Progress::Expired => {
            ("bad", Shape::Warning)
        }
    };
    let words = own::progress(progress, app.language.get());
    view! { <span class=format!("progress {mood}")>{icon(shape)}<span>{words}</span></span> }
        .into_any()
}

/// A button with words.
pub(in crate::screen) fn button(app: App, text: Text, act: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="action" on:click=move |_| act()>{app.said(text)}</button>
    }
    .into_any()
}

/// A button that asks before it acts.
pub(in crate::screen) fn asking_button(
    app: App,
    text: Text,
    question: impl Fn() -> String + Copy + Send + Sync + 'static,
    act: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let asks = RwSignal::new(false);
    let content = move || {
        if !asks.get() {
            return button(app, text, move || asks.set(true));
        }
        view! {
            <span class="question" role="alert">
                <span>{question}</span>
                {button(app, Text::Yes, move || {
                    asks.set(false);
                    act();
                })}
                {button(app, Text::No, move || asks.set(false))}
            </span>
        }
        .into_any()
    };
    content.into_any()
}

/// A time in the user's own zone.
pub(in crate::screen) fn time(app: App, at: UnixMillis) -> String {
    date_time(LocalTime::of(at, clock::zone_minutes(at)), app.language.get())
}
