//! The voice for screen readers: changes of the connection, and what has no other words.

use leptos::prelude::*;

use crate::app::App;
use crate::browser::document;
use crate::i18n::{Text, wording};

const VOICE_ID: &str = "voice";

#[component]
pub(super) fn Announcer() -> impl IntoView {
    let app = App::get();
    let state = Memo::new(move |_| app.status.with(|status| status.state));
    let words =
        move || format!("{}: {}", app.say(Text::Connection), app.say(wording::state(state.get())));
    view! {
        <p class="unseen" role="status" aria-live="polite">{words}</p>
        <p class="unseen" id=VOICE_ID aria-live="assertive"></p>
    }
}

/// Says a sentence once.
pub(super) fn announce(text: &str) {
    if let Some(voice) = document().get_element_by_id(VOICE_ID) {
        voice.set_text_content(Some(text));
    }
}
