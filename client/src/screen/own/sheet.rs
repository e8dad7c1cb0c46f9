//! The dialog of the user's own data: one of the platform's own, which keeps the focus inside,
//! closes on Escape and gives the focus back.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::{
    about, account, case, failed_sheet, history, inbox, lists_sheet, queue_sheet, rule_form,
    signed_in,
};
use crate::app::{App, Sheet};
use crate::i18n::{Text, fill};
use crate::screen::admin;
use crate::screen::icon::{Shape, icon};
use crate::screen::toast_stack::ToastStack;

#[component]
pub(in crate::screen) fn Sheets() -> impl IntoView {
    let app = App::get();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (app.sheet.with(Option::is_some), dialog.open()) {
            // Refused only for a dialog that is open already.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let shown = Memo::new(move |_| app.sheet.get());
    let title = move || shown.get().map(|sheet| title(app, &sheet)).unwrap_or_default();
    let back = move || {
        let to = match shown.get()? {
            Sheet::Failed(_) => Sheet::Queue,
            Sheet::Conflict(_) => Sheet::Conflicts,
            Sheet::Admin => Sheet::Account,
            _ => return None,
        };
        Some(view! {
            <button
                type="button"
                class="plain"
                title=app.said(Text::Back)
                aria-label=app.said(Text::Back)
                on:click=move |_| app.sheet.set(Some(to.clone()))
            >
                "←"
            </button>
        })
    };
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-label=title
            on:close=move |_| app.sheet.set(None)
        >
            <div class="panel-head">
                {back}
                <h2>{title}</h2>
                <button
                    type="button"
                    class="plain close"
                    aria-label=app.said(Text::Close)
                    on:click=move |_| app.sheet.set(None)
                >
                    {icon(Shape::Cross)}
                </button>
            </div>
            <div class="sheet-body">{move || shown.get().map(|sheet| content(app, sheet))}</div>
            // What lies below an open dialog cannot be reached, and messages have buttons.
            <Show when=move || app.sheet.with(Option::is_some)><ToastStack /></Show>
        </dialog>
    }
}

fn title(app: App, sheet: &Sheet) -> String {
    match sheet {
        Sheet::Account => app.say(Text::Account).into(),
        Sheet::SignIn => app.say(Text::SignIn).into(),
        Sheet::Admin => app.say(Text::Admin).into(),
        Sheet::Lists => app.say(Text::ListMenu).into(),
        Sheet::Queue => app.say(Text::Queue).into(),
        Sheet::Failed(_) => app.say(Text::QueueEdit).into(),
        Sheet::Conflicts | Sheet::Conflict(_) => app.say(Text::Conflicts).into(),
        Sheet::History(entity) => {
            let what = about::document(app, entity);
            fill(app.say(Text::HistoryOf), &[("what", &what)])
        }
        Sheet::Rule(_, None) => app.say(Text::RuleNew).into(),
        Sheet::Rule(_, Some(_)) => app.say(Text::RuleEdit).into(),
    }
}

fn content(app: App, sheet: Sheet) -> AnyView {
    match sheet {
        Sheet::Account => account::account(app),
        Sheet::SignIn => signed_in::sign_in(app),
        Sheet::Admin => admin::admin(app),
        Sheet::Lists => lists_sheet::lists(app),
        Sheet::Queue => queue_sheet::queue(app),
        Sheet::Failed(mid) => failed_sheet::failed(app, mid),
        Sheet::Conflicts => inbox::inbox(app),
        Sheet::Conflict(id) => case::case(app, id),
        Sheet::History(entity) => history::history(app, entity),
        Sheet::Rule(symbol, entity) => rule_form::rule_form(app, symbol, entity),
    }
}
