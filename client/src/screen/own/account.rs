//! Who the user is; where accounts are only names, one is chosen here.

use leptos::prelude::*;
use tidemark_shared::documents::UserName;
use wasm_bindgen_futures::spawn_local;

use super::signed_in::{self, Leaving, unsent_question};
use crate::app::{App, Unsent};
use crate::desk::accounts;
use crate::entrance::Mode;
use crate::i18n::Text;

/// Who nobody has chosen to be.
const GUEST: &str = "guest";

/// Longest name of an account.
const NAME_CHARS_MAX: u32 = 40;

pub(super) fn account(app: App) -> AnyView {
    match app.entry.mode {
        Mode::Demo => demo(app),
        Mode::Accounts | Mode::Tokens => signed_in::signed_in(app),
    }
}

fn demo(app: App) -> AnyView {
    let current = StoredValue::new(app.desk.documents.user());
    // Whom to become, once it is clear what happens to what was not sent.
    let wanted = RwSignal::new(None::<UserName>);
    let choose = move |user: UserName| {
        if user == current.get_value() {
            app.sheet.set(None);
        } else if untrack(|| app.desk.documents.counts()).all() == 0 {
            become_user(app, user, Unsent::Kept);
        } else {
            wanted.set(Some(user));
        }
    };
    let mut others = accounts::recent();
    others.extend(GUEST.parse());
    others.retain(|user| *user != current.get_value());
    others.dedup();
    let recent = others.into_iter().map(|user| {
        let name = user.as_str().to_owned();
        view! {
            <button type="button" class="action" data-account=name.clone()
                on:click=move |_| choose(user.clone())>
                {name.clone()}
            </button>
        }
    });
    let recent = recent.collect_view();
    let question = move || {
        wanted.get().map(|user| {
            let leave = move |unsent| become_user(app, user.clone(), unsent);
            unsent_question(app, Leaving::Switch, leave, move || wanted.set(None))
        })
    };
    view! {
        <p>
            <span class="quiet">{app.said(Text::AccountNow)}</span> " "
            <b>{current.with_value(|user| user.as_str().to_owned())}</b>
        </p>
        <p class="notice">{app.said(Text::AccountDemo)}</p>
        {question}
        <h3>{app.said(Text::AccountRecent)}</h3>
        <div class="acts">{recent}</div>
        {form(app, choose)}
    }
    .into_any()
}

fn form(app: App, choose: impl Fn(UserName) + 'static) -> AnyView {
    let name = RwSignal::new(String::new());
    let read = move || name.with(|name| name.trim().parse::<UserName>());
    let is_bad = move || !name.with(String::is_empty) && read().is_err();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Ok(user) = untrack(read) {
            choose(user);
        }
    };
    view! {
        <form class="name-form" on:submit=submit>
            <label>
                <span>{app.said(Text::AccountName)}</span>
                <input
                    type="text"
                    data-testid="account-name"
                    maxlength=NAME_CHARS_MAX
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=move || is_bad().to_string()
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="action" disabled=move || read().is_err()>
                {app.said(Text::AccountUse)}
            </button>
            <Show when=is_bad><small class="bad">{app.said(Text::AccountBadName)}</small></Show>
        </form>
    }
    .into_any()
}

/// Both names are offered from now on.
fn become_user(app: App, user: UserName, unsent: Unsent) {
    accounts::remember(&app.desk.documents.user());
    accounts::remember(&user);
    spawn_local(async move {
        if user.as_str() == GUEST {
            app.sign_out(unsent).await;
        } else {
            app.switch_account(user, unsent).await;
        }
    });
}
