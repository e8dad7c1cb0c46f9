//! Who the user is: a demo account, chosen by name.

use leptos::prelude::*;
use tidemark_shared::documents::UserName;
use wasm_bindgen_futures::spawn_local;

use super::pieces::button;
use crate::app::{App, Unsent};
use crate::desk::accounts;
use crate::i18n::{Text, fill};

/// Who nobody has chosen to be.
const GUEST: &str = "guest";

/// Longest name of an account.
const NAME_CHARS_MAX: u32 = 40;

pub(super) fn account(app: App) -> AnyView {
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
    let question = move || wanted.get().map(|user| question(app, current, wanted, user));
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

/// What is to become of what was not sent.
fn question(
    app: App,
    current: StoredValue<UserName>,
    wanted: RwSignal<Option<UserName>>,
    user: UserName,
) -> AnyView {
    let words = move || {
        let count = app.desk.documents.counts().all().to_string();
        let values = [("n", count.as_str())];
        current.with_value(|name| {
            let [count] = values;
            fill(app.say(Text::AccountUnsent), &[count, ("name", name.as_str())])
        })
    };
    let (keeping, discarding) = (user.clone(), user);
    view! {
        <div class="question" role="alert">
            <p>{words}</p>
            {button(app, Text::AccountKeep, move || become_user(app, keeping.clone(), Unsent::Kept))}
            {button(app, Text::AccountDiscard, move || {
                become_user(app, discarding.clone(), Unsent::Discarded);
            })}
            {button(app, Text::AccountStay, move || wanted.set(None))}
        </div>
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
