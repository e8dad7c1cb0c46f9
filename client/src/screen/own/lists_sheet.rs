//! The user's watchlists: new ones, other names, deletion.

use leptos::prelude::*;
use tidemark_shared::documents::{Body, Entity};
use tidemark_shared::market::Symbol;
use wasm_bindgen_futures::spawn_local;

use super::pieces::{asking_button, button, progress_badge};
use crate::app::{App, Sheet};
use crate::desk::lists::{self, ListEntry};
use crate::desk::{Desk, field};
use crate::i18n::{Text, fill};
use tidemark_shared::documents::shape::NAME_CHARS_MAX;

pub(super) fn lists(app: App) -> AnyView {
    keep_first_list(app);
    let all = app.lists.all;
    let is_last = Memo::new(move |_| all.with(|all| all.len() <= 1));
    view! {
        <ul class="own-list">
            <For each=move || all.get() key=|list| list.entity.clone() let:list>
                {row(app, list, is_last)}
            </For>
        </ul>
        {name_form(app, Text::ListNew, Text::Create, String::new(), move |name| {
            let id = Desk::new_id();
            let entity = lists::list(id);
            let body = all.with_untracked(|all| lists::new_list(all, &name, Vec::new()));
            save(app, entity.clone(), Some(body));
            app.choose_list(entity);
        })}
    }
    .into_any()
}

/// A name to be typed, and what to do with it.
pub(super) fn name_form(
    app: App,
    label: Text,
    act: Text,
    name: String,
    done: impl Fn(String) + 'static,
) -> AnyView {
    let name = RwSignal::new(name);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let given = name.get_untracked().trim().to_owned();
        if !given.is_empty() {
            name.set(String::new());
            done(given);
        }
    };
    view! {
        <form class="name-form" on:submit=submit>
            <label>
                <span>{app.said(label)}</span>
                <input
                    type="text"
                    maxlength=NAME_CHARS_MAX
                    autocomplete="off"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="action" disabled=move || name.with(|name| name.trim().is_empty())>
                {app.said(act)}
            </button>
        </form>
    }
    .into_any()
}

fn row(app: App, list: ListEntry, is_last: Memo<bool>) -> AnyView {
    let entity = StoredValue::new(list.entity);
    let renaming = RwSignal::new(false);
    let now = Memo::new(move |_| {
        app.lists.all.with(|all| {
            let list = all.iter().find(|list| entity.with_value(|entity| *entity == list.entity));
            list.map(|list| (list.name().to_owned(), list.len())).unwrap_or_default()
        })
    });
    let is_shown =
        move || app.lists.shown.with(|shown| entity.with_value(|entity| entity == shown));
    let question = move || {
        let (name, count) = now.get();
        fill(app.say(Text::ListDeleteAsk), &[("name", &name), ("n", &count.to_string())])
    };
    let progress = move || {
        let progress = entity.with_value(|entity| app.desk.progress(entity))?;
        Some(progress_badge(app, &progress))
    };
    let editor = move || {
        renaming.get().then(|| {
            let (name, _) = now.get_untracked();
            name_form(app, Text::ListRename, Text::Save, name, move |name| {
                renaming.set(false);
                let entity = entity.get_value();
                app.desk.change(&entity, std::time::Duration::ZERO, |body| {
                    body.0.insert(field("name"), name.into());
                });
            })
        })
    };
    let delete = move || {
        if is_last.get() {
            return view! { <small class="quiet">{app.say(Text::ListLast)}</small> }.into_any();
        }
        asking_button(app, Text::Delete, question, move || save(app, entity.get_value(), None))
    };
    view! {
        <li data-list=entity.with_value(|entity| entity.id.to_string())>
            <button
                type="button"
                class="choice"
                aria-pressed=move || is_shown().to_string()
                on:click=move |_| app.choose_list(entity.get_value())
            >
                <b>{move || now.get().0}</b>
                <span class="quiet">{move || now.get().1}</span>
            </button>
            {progress}
            <div class="acts">
                {button(app, Text::ListRename, move || renaming.update(|on| *on = !*on))}
                {button(app, Text::History, move || {
                    app.sheet.set(Some(Sheet::History(entity.get_value())));
                })}
                {delete}
            </div>
            {editor}
        </li>
    }
    .into_any()
}

/// The list that nobody has written yet is written before it can be renamed, or another one takes
/// its place.
fn keep_first_list(app: App) {
    let items: Vec<Symbol> = app
        .watchlist
        .with_untracked(|list| list.items().iter().map(|item| item.symbol.clone()).collect());
    if !items.is_empty() && app.lists.all.with_untracked(Vec::is_empty) {
        let name = Text::ListMain.say(app.language.get_untracked());
        save(app, lists::first_list(), Some(lists::new_list(&[], name, items)));
    }
}

/// Writes a document; why it is not saved is said.
pub(super) fn save(app: App, entity: Entity, to: Option<Body>) {
    spawn_local(async move {
        if let Err(error) = app.desk.put(entity, to).await {
            app.toast(Text::SaveFailed, &[("reason", &error.to_string())]);
        }
    });
}
