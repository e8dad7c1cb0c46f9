//! What happened to the connection, newest first.

use std::sync::Arc;

use leptos::prelude::*;
use tidemark_shared::protocol::Severity;
use tidemark_shared::session::Note;

use crate::app::App;
use crate::board::is_down;
use crate::browser::clock;
use crate::bus::{AppEvent, Happening};
use crate::i18n::{LocalTime, Text, clock_time, wording};

#[component]
pub(super) fn LogPanel() -> impl IntoView {
    let app = App::get();
    let entries =
        move || app.log.with(|log| log.iter().map(|event| entry(app, event)).collect_view());
    view! {
        <section class="panel log-panel" data-panel="log" aria-label=app.said(Text::Log)>
            <div class="panel-head"><h2>{app.said(Text::Log)}</h2></div>
            <div class="panel-body" tabindex="0">
                <ol class="log">{entries}</ol>
                <Show when=move || app.log.with(Vec::is_empty)>
                    <p class="quiet pad">{app.said(Text::LogEmpty)}</p>
                </Show>
            </div>
        </section>
    }
}

fn entry(app: App, event: &Arc<Happening>) -> impl IntoView + use<> {
    let text = wording::event(&event.what, app.language.get())?;
    let time = clock_time(LocalTime::of(event.at, clock::zone_minutes(event.at)));
    let mood = mood(&event.what);
    Some(view! { <li class=mood><time>{time}</time><span>{text}</span></li> })
}

const fn mood(event: &AppEvent) -> &'static str {
    match event {
        AppEvent::Connection(note) => match note {
            Note::Connected { .. }
            | Note::Upgraded { .. }
            | Note::SignInRenewed { .. }
            | Note::Network { online: true } => "good",
            Note::CaughtUp { topics_lost: 0, .. } => "good",
            Note::Dropped { .. }
            | Note::Hole { .. }
            | Note::SignInRefused { .. }
            | Note::Network { online: false } => "bad",
            Note::CaughtUp { .. }
            | Note::FellBack { .. }
            | Note::RelayClosing { .. }
            | Note::SignInEnds { .. } => "warn",
            Note::Connecting { .. } | Note::Woke { .. } => "calm",
        },
        AppEvent::Feed { state, .. } if is_down(*state) => "warn",
        AppEvent::Notice(notice) => match notice.severity {
            Severity::Info => "calm",
            Severity::Warning => "warn",
            Severity::Error => "bad",
        },
        AppEvent::Refused { .. } | AppEvent::Storage(_) => "warn",
        _ => "calm",
    }
}
