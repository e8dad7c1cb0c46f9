//! The writes that are on their way or have failed, each with its state and what can be done.

use leptos::prelude::*;
use tidemark_shared::documents::MutationId;
use tidemark_shared::outbox::{Item, ItemState};
use wasm_bindgen_futures::spawn_local;

use super::about;
use super::pieces::{asking_button, button, progress_badge, time};
use crate::app::{App, Sheet};
use crate::browser::clock;
use crate::browser::download::download;
use crate::desk::conflict_of;
use crate::desk::progress::{self, Progress};
use crate::i18n::{LocalTime, Text};
use crate::queue::SaveFailed;

/// More rows than this nobody reads, and they would take long to be made. What needs the user
/// stands first.
const ROWS_MAX: usize = 200;

pub(super) fn queue(app: App) -> AnyView {
    let items = Memo::new(move |_| sorted(app.desk.documents.items()));
    let count = Memo::new(move |_| items.with(Vec::len));
    let shown =
        move || items.with(|items| items.iter().take(ROWS_MAX).cloned().collect::<Vec<_>>());
    let more = move || {
        let more = count.get().saturating_sub(ROWS_MAX);
        (more > 0).then(|| view! { <p class="quiet">{format!("+ {more}")}</p> })
    };
    let recent = move || {
        let recent = app.desk.recent.get();
        (!recent.is_empty()).then(|| {
            view! {
                <h3>{app.said(Text::QueueRecent)}</h3>
                <ul class="own-list">
                    {recent.iter().map(|item| done(app, item)).collect_view()}
                </ul>
            }
        })
    };
    view! {
        <Show
            when=move || count.get() != 0
            fallback=move || view! { <p>{app.said(Text::QueueEmpty)}</p> }
        >
            <p class="quiet">{app.said(Text::QueueSafe)}</p>
            <div class="acts">
                {button(app, Text::QueueRetryAll, move || app.desk.documents.retry_now())}
                {button(app, Text::QueueExport, move || export(app))}
            </div>
        </Show>
        <ul class="own-list" data-testid="queue-items">
            // A row is made anew when its state is another: it then offers something else.
            <For
                each=shown
                key=|item| (item.mid(), word(&progress::of_item(item)))
                let:item
            >
                {row(app, item)}
            </For>
        </ul>
        {more}
        {recent}
    }
    .into_any()
}

fn row(app: App, item: Item) -> AnyView {
    let mid = item.mid();
    let progress = progress::of_item(&item);
    let saved_at = item.saved_at;
    let attempts = match item.state {
        ItemState::Sending { attempts } if attempts > 1 => Some(format!("× {attempts}")),
        _ => None,
    };
    let reason = item.rejection().map(|error| error.message.clone());
    let conflict = conflict_of(&item).cloned();
    let draft = item.mutation.draft;
    let what = move || about::draft(app, &draft);
    let state = word(&progress);
    let acts = match &progress {
        Progress::Saved => vec![
            button(app, Text::QueueRetry, move || app.desk.documents.retry_now()),
            button(app, Text::Cancel, move || {
                done_or_told(app, async move { app.desk.documents.cancel(mid).await });
            }),
        ],
        Progress::Sending => {
            vec![button(app, Text::QueueRetry, move || app.desk.documents.retry_now())]
        }
        Progress::Conflict => {
            let decide = move || app.sheet.set(conflict.clone().map(Sheet::Conflict));
            vec![button(app, Text::QueueDecide, decide), discard(app, mid)]
        }
        Progress::Rejected | Progress::Expired => {
            let edit = move || app.sheet.set(Some(Sheet::Failed(mid)));
            vec![button(app, Text::QueueEdit, edit), discard(app, mid)]
        }
        _ => Vec::new(),
    };
    view! {
        <li data-item=mid.0 data-state=state>
            <div class="grow">
                <b>{what}</b>
                <small class="quiet">{move || time(app, saved_at)}</small>
            </div>
            {move || progress_badge(app, &progress)}
            <small class="quiet">{attempts}</small>
            {reason.map(|reason| view! { <p class="wide bad">{reason}</p> })}
            <div class="acts">{acts}</div>
        </li>
    }
    .into_any()
}

/// A state's name, for keys and tests.
fn word(progress: &Progress) -> String {
    format!("{progress:?}").to_ascii_lowercase()
}

fn discard(app: App, mid: MutationId) -> AnyView {
    asking_button(
        app,
        Text::QueueDiscard,
        move || app.say(Text::QueueDiscardAsk).to_owned(),
        move || done_or_told(app, async move { app.desk.documents.discard(mid).await }),
    )
}

/// Something that has arrived everywhere.
fn done(app: App, item: &Item) -> AnyView {
    let what = about::draft(app, &item.mutation.draft);
    view! {
        <li>
            <div class="grow"><b>{what}</b> <small class="quiet">{time(app, item.saved_at)}</small></div>
            {progress_badge(app, &Progress::Everywhere)}
        </li>
    }
    .into_any()
}

/// Does it; why it could not be done is said.
pub(super) fn done_or_told(app: App, act: impl Future<Output = Result<(), SaveFailed>> + 'static) {
    spawn_local(async move {
        if let Err(error) = act.await {
            app.toast(Text::SaveFailed, &[("reason", &error.to_string())]);
        }
    });
}

/// Gives the user a file with everything that is not everywhere yet.
pub(super) fn export(app: App) {
    let now = clock::unix();
    let day = LocalTime::of(now, clock::zone_minutes(now));
    let user = app.desk.documents.user();
    let name = format!("tidemark-{user}-{}-{:02}-{:02}.json", day.year, day.month, day.day);
    download(&name, &app.desk.documents.export());
}

/// What needs its user first, then in the order of writing.
fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| (!item.needs_user(), item.mid()));
    items
}
