//! Which of the user's watchlists is shown.

use leptos::prelude::*;

use crate::app::{App, Sheet};
use crate::desk::lists::{self, ListEntry};
use crate::i18n::Text;
use crate::screen::icon::{Shape, icon};

#[component]
pub(in crate::screen) fn ListBar() -> impl IntoView {
    let app = App::get();
    let choose = move |event: web_sys::Event| {
        if let Ok(id) = event_target_value(&event).parse() {
            app.choose_list(lists::list(id));
        }
    };
    let options = move || {
        let shown = app.lists.shown.get();
        let all = app.lists.all.get();
        let is_there = all.iter().any(|list| list.entity == shown);
        let missing = (!is_there).then(|| option(shown.id.to_string(), main_name(app), true));
        let known = all.iter().map(|list| {
            option(list.entity.id.to_string(), list.name().to_owned(), list.entity == shown)
        });
        missing.into_iter().chain(known).collect_view()
    };
    view! {
        <select
            class="list-choice"
            data-testid="list-choice"
            aria-label=app.said(Text::ListChoose)
            prop:value=move || {
                // After the options, which it chooses from.
                app.lists.all.track();
                app.lists.shown.with(|shown| shown.id.to_string())
            }
            on:change=choose
        >
            {options}
        </select>
        <button
            type="button"
            class="plain"
            data-testid="list-menu"
            title=app.said(Text::ListMenu)
            aria-label=app.said(Text::ListMenu)
            on:click=move |_| app.sheet.set(Some(Sheet::Lists))
        >
            {icon(Shape::Pen)}
        </button>
    }
}

/// What the list that is shown is called.
pub(super) fn main_name(app: App) -> String {
    let shown = app.lists.shown.get();
    let known = app.lists.all.with(|all| {
        all.iter().find(|list| list.entity == shown).map(|list| ListEntry::name(list).to_owned())
    });
    known.unwrap_or_else(|| app.say(Text::ListMain).to_owned())
}

fn option(id: String, name: String, is_shown: bool) -> impl IntoView {
    view! { <option value=id selected=is_shown>{name}</option> }
}
