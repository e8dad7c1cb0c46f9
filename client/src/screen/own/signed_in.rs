//! Who has signed in, how, and until when; the password; signing out.

use leptos::prelude::*;
use serde_json::json;
use tidemark_shared::documents::UserName;
use wasm_bindgen_futures::spawn_local;

use super::pieces::{button, time};
use super::queue_sheet::export;
use crate::app::{App, Sheet, Unsent};
use crate::entrance::{DoorError, Mode};
use crate::i18n::{Text, entrance::door_error, fill};
use crate::screen::sign_in::{Purpose, entrance, password_field};

pub(super) fn signed_in(app: App) -> AnyView {
    let user = app.documents.user();
    if app.is_guest() {
        let sign_in = (app.entry.mode == Mode::Accounts)
            .then(|| button(app, Text::SignIn, move || app.sheet.set(Some(Sheet::SignIn))));
        return view! {
            <p>{app.said(Text::AccountGuest)}</p>
            <div class="acts">{sign_in}</div>
        }
        .into_any();
    }
    let is_account = app.entry.mode == Mode::Accounts;
    let how = if is_account { Text::AccountByPassword } else { Text::AccountByToken };
    let until = move || {
        let of_session = app.entry.info.with(|info| info.as_ref().and_then(|info| info.ends_at));
        let ends_at = app.status.with(|status| status.ends_at).or(of_session)?;
        Some(fill(app.say(Text::AccountUntil), &[("time", &time(app, ends_at))]))
    };
    let roles = move || {
        let roles = app.entry.info.with(|info| info.as_ref().map(|info| info.roles.join(", ")));
        let roles = roles.filter(|roles| !roles.is_empty())?;
        Some(fill(app.say(Text::AccountRoles), &[("roles", &roles)]))
    };
    let admin = move || {
        app.entry
            .is_admin()
            .then(|| button(app, Text::Admin, move || app.sheet.set(Some(Sheet::Admin))))
    };
    view! {
        <p>
            <span class="quiet">{app.said(Text::AccountNow)}</span> " "
            <b data-testid="user-name">{user.as_str().to_owned()}</b>
        </p>
        <p class="quiet">{app.said(how)} " " {until}</p>
        <p class="quiet">{roles}</p>
        <div class="acts">{admin}</div>
        {is_account.then(|| change_password(app, &user))}
        {sign_out(app, is_account)}
    }
    .into_any()
}

/// A place to sign in, or in again.
pub(super) fn sign_in(app: App) -> AnyView {
    let Some(door) = app.door() else { return ().into_any() };
    let user = match app.is_guest() {
        true => String::new(),
        false => app.documents.user().as_str().to_owned(),
    };
    let may_sign_up = app
        .entry
        .info
        .with_untracked(|info| info.as_ref().is_some_and(|info| info.sign_up && user.is_empty()));
    let first = Purpose::SignIn { user };
    entrance(app.language, door, first, may_sign_up, move |info| app.signed_in(info))
}

/// What a user who has written things leaves for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// To be another demo account.
    Switch,
    /// To be nobody.
    SignOut,
}

/// What is to become of what was not sent.
pub(super) fn unsent_question(
    app: App,
    leaving: Leaving,
    leave: impl Fn(Unsent) + Clone + 'static,
    stay: impl Fn() + 'static,
) -> AnyView {
    let (keep, discard) = match leaving {
        Leaving::Switch => (Text::AccountKeep, Text::AccountDiscard),
        Leaving::SignOut => (Text::SignOutKeep, Text::SignOutDiscard),
    };
    let name = app.desk.documents.user();
    let words = move || {
        let count = app.desk.documents.counts().all().to_string();
        fill(app.say(Text::AccountUnsent), &[("n", &count), ("name", name.as_str())])
    };
    let discarding = leave.clone();
    view! {
        <div class="question" role="alert">
            <p>{words}</p>
            {button(app, keep, move || leave(Unsent::Kept))}
            {button(app, discard, move || discarding(Unsent::Discarded))}
            {button(app, Text::QueueExport, move || export(app))}
            {button(app, Text::AccountStay, stay)}
        </div>
    }
    .into_any()
}

fn sign_out(app: App, is_account: bool) -> AnyView {
    let asks = RwSignal::new(false);
    let leave = move |unsent| spawn_local(app.sign_out(unsent));
    let (text, hint) = match is_account {
        true => (Text::SignOut, Text::SignOutHint),
        false => (Text::SignOutToken, Text::SignOutTokenHint),
    };
    let content = move || {
        if asks.get() {
            return unsent_question(app, Leaving::SignOut, leave, move || asks.set(false));
        }
        view! {
            <button
                type="button"
                class="action"
                data-testid="sign-out"
                on:click=move |_| match untrack(|| app.desk.documents.counts().all()) {
                    0 => leave(Unsent::Discarded),
                    _ => asks.set(true),
                }
            >
                {app.said(text)}
            </button>
        }
        .into_any()
    };
    view! {
        <div>
            <h3>{app.said(text)}</h3>
            <p class="quiet">{app.said(hint)}</p>
            <div class="acts">{content}</div>
        </div>
    }
    .into_any()
}

fn change_password(app: App, user: &UserName) -> AnyView {
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let trouble = RwSignal::new(None::<DoorError>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(door) = app.door() else { return };
        let body = json!({ "old": old.get_untracked(), "new": new.get_untracked() });
        spawn_local(async move {
            let answer = door.act("/api/password", body).await;
            if answer.is_ok() {
                app.toast(Text::PasswordChanged, &[]);
                // The dialog may be closed by now.
                let _ = (old.try_set(String::new()), new.try_set(String::new()));
            }
            let _ = trouble.try_set(answer.err());
        });
    };
    let words = move || {
        trouble.get().map(|error| door_error(&error, app.language.get())).unwrap_or_default()
    };
    view! {
        <form class="sign-in" on:submit=submit>
            <h3>{app.said(Text::PasswordChange)}</h3>
            // For what keeps passwords: whose they are.
            <input
                type="text"
                class="is-away"
                name="username"
                autocomplete="username"
                value=user.as_str().to_owned()
                readonly
                aria-hidden="true"
                tabindex="-1"
            />
            {password_field(app.language, Text::PasswordOld, false, old)}
            {password_field(app.language, Text::PasswordNew, true, new)}
            <p class="bad" role="alert">{words}</p>
            <button type="submit" class="action">{app.said(Text::PasswordChange)}</button>
        </form>
    }
    .into_any()
}
