//! What a document was before: versions, what changed in each, what lost against it.

use leptos::prelude::*;
use tidemark_shared::documents::{Body, Entity, Field, Revision, changes_between};
use wasm_bindgen_futures::spawn_local;

use super::case::is_this_device;
use super::choices::marked;
use super::pieces::{button, time};
use crate::app::App;
use crate::browser::window;
use crate::desk::plain;
use crate::i18n::{Text, fill, own};

/// What is known of the history.
#[derive(Clone, Debug, Default, PartialEq)]
enum Known {
    #[default]
    Asking,
    Pages {
        revisions: Vec<Revision>,
        more: bool,
    },
    Unreachable,
}

pub(super) fn history(app: App, entity: Entity) -> AnyView {
    let known = RwSignal::new(Known::default());
    let entity = StoredValue::new(entity);
    ask(app, entity, known);
    // What is written meanwhile is history, too, as soon as the relay has it.
    let version = Memo::new(move |_| entity.with_value(|entity| app.desk.seen(entity).version));
    Effect::new(move |before: Option<_>| {
        let now = version.get();
        if before.is_some_and(|before| before != now) {
            known.set(Known::Asking);
            ask(app, entity, known);
        }
        now
    });
    let content = move || match known.get() {
        Known::Asking => line(app, Text::HistoryLoading),
        Known::Unreachable => line(app, Text::HistoryOffline),
        Known::Pages { revisions, .. } if revisions.is_empty() => line(app, Text::HistoryEmpty),
        Known::Pages { revisions, more } => {
            let older = revisions.iter().skip(1).map(Some).chain([None]);
            let rows = revisions.iter().zip(older).enumerate();
            let rows = rows.map(|(at, (revision, older))| {
                // The oldest of a page cannot be compared before the next page is there.
                let older = older.map(|older| &older.document.body);
                row(app, entity, revision, older, at == 0)
            });
            let rows = rows.collect_view();
            let more =
                more.then(|| button(app, Text::HistoryOlder, move || ask(app, entity, known)));
            view! { <ol class="own-list">{rows}</ol> {more} }.into_any()
        }
    };
    content.into_any()
}

fn line(app: App, text: Text) -> AnyView {
    view! { <p class="quiet">{app.said(text)}</p> }.into_any()
}

/// Asks for the newest page, or for the one behind what is known.
fn ask(app: App, entity: StoredValue<Entity>, known: RwSignal<Known>) {
    spawn_local(async move {
        // The dialog may be closed by now, and again when the answer is there.
        let (Some(entity), Some(now)) = (entity.try_get_value(), known.try_get_untracked()) else {
            return;
        };
        let mut all = match now {
            Known::Pages { revisions, .. } => revisions,
            _ => Vec::new(),
        };
        let before = all.last().map(|oldest| oldest.document.version);
        let answer = app.desk.documents.history(entity, before).await;
        let _ = known.try_set(match answer {
            Ok(page) => {
                all.extend(page.revisions);
                Known::Pages { revisions: all, more: page.more }
            }
            Err(_) => Known::Unreachable,
        });
    });
}

fn row(
    app: App,
    entity: StoredValue<Entity>,
    revision: &Revision,
    older: Option<&Body>,
    is_newest: bool,
) -> AnyView {
    let document = &revision.document;
    let version = document.version.to_string();
    let title = fill(app.say(Text::HistoryVersion), &[("n", &version)]);
    let who = if is_this_device(app, &document.author) {
        Text::HistoryThisDevice
    } else {
        Text::HistoryOtherDevice
    };
    let detail = format!("{} · {}", time(app, document.stamp.at), app.say(who));
    let changed = if document.deleted {
        view! { <p>{app.say(Text::HistoryDeleted)}</p> }.into_any()
    } else {
        let nothing = Body::default();
        changes(app, older.unwrap_or(&nothing), &document.body)
    };
    let body = (!is_newest && !document.deleted).then(|| document.body.clone());
    let restore = body.map(|body| {
        button(app, Text::HistoryRestore, move || {
            restore(app, entity.get_value(), body.clone(), version.clone());
        })
    });
    let now =
        is_newest.then(|| view! { <small class="listed">{app.say(Text::HistoryNow)}</small> });
    view! {
        <li data-version=document.version.0>
            <div class="grow"><b>{title}</b> " " {now} <small class="quiet">{detail}</small></div>
            <div class="acts">{restore}</div>
            <div class="wide">{changed}</div>
            {lost(app, revision)}
        </li>
    }
    .into_any()
}

/// What became different, field by field.
fn changes(app: App, older: &Body, newer: &Body) -> AnyView {
    let language = app.language.get();
    let lines = changes_between(older, newer).into_iter().map(|(field, change)| {
        let name = own::field(field.as_str(), language).to_owned();
        let (from, to) = (plain::to_text(change.from.as_ref()), plain::to_text(change.to.as_ref()));
        view! { <div><dt>{name}</dt><dd>{marked(&from, &to)}</dd></div> }
    });
    view! { <dl class="fields">{lines.collect_view()}</dl> }.into_any()
}

/// Nothing that somebody wrote is gone: what lost can be read and copied.
fn lost(app: App, revision: &Revision) -> AnyView {
    if revision.lost.is_empty() {
        return ().into_any();
    }
    let language = app.language.get();
    let line = |(field, value): (&Field, &Option<serde_json::Value>)| {
        let name = own::field(field.as_str(), language).to_owned();
        let text = plain::to_text(value.as_ref());
        let copied = text.clone();
        let copy = button(app, Text::Copy, move || copy(app, copied.clone()));
        view! { <div><dt>{name}</dt><dd><pre>{text}</pre>{copy}</dd></div> }
    };
    view! {
        <div class="wide lost">
            <small>{app.say(Text::HistoryLost)}</small>
            <dl class="fields">{revision.lost.iter().map(line).collect_view()}</dl>
        </div>
    }
    .into_any()
}

fn copy(app: App, text: String) {
    let copying = window().navigator().clipboard().write_text(&text);
    spawn_local(async move {
        // Refused where the user has forbidden it: the text is still there to be marked.
        if wasm_bindgen_futures::JsFuture::from(copying).await.is_ok() {
            app.toast(Text::Copied, &[]);
        }
    });
}

/// An ordinary write, from what stands now.
fn restore(app: App, entity: Entity, body: Body, version: String) {
    spawn_local(async move {
        match app.desk.put(entity, Some(body)).await {
            Ok(()) => app.toast(Text::HistoryRestored, &[("n", &version)]),
            Err(error) => app.toast(Text::SaveFailed, &[("reason", &error.to_string())]),
        }
    });
}
