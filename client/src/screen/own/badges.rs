//! Account, queue and conflicts in the header: one glance tells whether the user has to do
//! something.

use std::time::Duration;

use leptos::prelude::*;
use tidemark_shared::outbox::Counts;

use crate::app::{App, Sheet};
use crate::browser::timer::Timeout;
use crate::i18n::{Text, fill};
use crate::screen::icon::{Shape, icon};

/// What is done within that is not worth being read out.
const WORTH_SAYING: Duration = Duration::from_millis(1_500);

#[component]
pub(in crate::screen) fn Badges() -> impl IntoView {
    view! {
        <ConflictBadge />
        <QueueBadge />
        <AccountBadge />
    }
}

#[component]
fn QueueBadge() -> impl IntoView {
    let app = App::get();
    let counts = Memo::new(move |_| app.desk.documents.counts());
    let mood = move || match counts.get() {
        counts if failed(&counts) > 0 => "plain badge bad",
        counts if counts.all() > 0 => "plain badge busy",
        _ => "plain badge",
    };
    let words = Memo::new(move |_| words(app, &counts.get()));
    let spoken = RwSignal::new(String::new());
    let timer = StoredValue::new_local(None::<Timeout>);
    Effect::new(move || {
        let words = words.get();
        timer.set_value(Some(Timeout::after(WORTH_SAYING, move || spoken.set(words))));
    });
    let number = move || {
        let all = counts.with(Counts::all);
        (all > 0).then(|| view! { <b>{all}</b> })
    };
    view! {
        <button
            type="button"
            class=mood
            data-testid="queue"
            title=words
            aria-label=words
            on:click=move |_| app.sheet.set(Some(Sheet::Queue))
        >
            {icon(Shape::Outbox)}
            {number}
        </button>
        <span class="unseen" role="status" aria-live="polite">{spoken}</span>
    }
}

/// How many need their user.
pub(super) const fn failed(counts: &Counts) -> usize {
    counts.conflict + counts.rejected + counts.expired
}

fn words(app: App, counts: &Counts) -> String {
    let (text, count) = match (failed(counts), counts.all()) {
        (0, 0) => (Text::QueueAll, 0),
        (0, waiting) => (Text::QueueWaiting, waiting),
        (failed, _) => (Text::QueueFailed, failed),
    };
    fill(app.say(text), &[("n", &count.to_string())])
}

#[component]
fn ConflictBadge() -> impl IntoView {
    let app = App::get();
    let open = Memo::new(move |_| app.desk.open_conflicts().len());
    let words = move || fill(app.say(Text::ConflictsOpen), &[("n", &open.get().to_string())]);
    view! {
        <Show when=move || open.get() != 0>
            <button
                type="button"
                class="plain badge bad"
                data-testid="conflicts"
                title=words
                aria-label=words
                on:click=move |_| app.sheet.set(Some(Sheet::Conflicts))
            >
                {icon(Shape::Split)}
                <b>{open}</b>
            </button>
        </Show>
    }
}

#[component]
fn AccountBadge() -> impl IntoView {
    let app = App::get();
    let user = StoredValue::new(app.desk.documents.user().as_str().to_owned());
    let words = move || user.with_value(|user| fill(app.say(Text::AccountOf), &[("name", user)]));
    view! {
        <button
            type="button"
            class="plain badge account"
            data-testid="account"
            title=words
            aria-label=words
            on:click=move |_| app.sheet.set(Some(Sheet::Account))
        >
            {icon(Shape::User)}
            <span>{user.get_value()}</span>
        </button>
    }
}
