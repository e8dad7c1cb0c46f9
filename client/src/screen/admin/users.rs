//! Who may come in.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::listing::{Listing, text, time_of};
use crate::app::App;
use crate::i18n::{Text, fill};
use crate::screen::own::{asking_button, time};
use crate::screen::sign_in::password_field;

pub(super) fn users(app: App) -> AnyView {
    let listing = Listing::of(app, "/api/admin/users");
    view! {
        {create(app, listing)}
        {listing.rows("users", RwSignal::new(String::new()), row)}
    }
    .into_any()
}

fn create(app: App, listing: Listing) -> AnyView {
    let [user, password, roles] = [(); 3].map(|()| RwSignal::new(String::new()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let user = user.with_untracked(|user| user.trim().to_owned());
        let roles = words(&roles.get_untracked());
        let body = json!({ "user": user, "password": password.get_untracked(), "roles": roles });
        listing.act("/api/admin/users".into(), body);
        password.set(String::new());
    };
    view! {
        <details>
            <summary>{app.said(Text::AdminCreate)}</summary>
            <form class="sign-in" on:submit=submit>
                {field(app, Text::UserName, "new-user", user)}
                {password_field(app.language, Text::Password, true, password)}
                {field(app, Text::AdminRoles, "new-roles", roles)}
                <button type="submit" class="action">{app.said(Text::Create)}</button>
            </form>
        </details>
    }
    .into_any()
}

fn row(app: App, listing: Listing, value: &Value) -> AnyView {
    let name = StoredValue::new(text(value, "user"));
    let path = move || name.with_value(|name| format!("/api/admin/users/{name}"));
    let roles: Vec<&str> = value
        .get("roles")
        .and_then(Value::as_array)
        .map(|roles| roles.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let roles = RwSignal::new(roles.join(" "));
    let password = RwSignal::new(String::new());
    let is_disabled = value.get("disabled").and_then(Value::as_bool) == Some(true);
    let seen = match time_of(value, "last_seen") {
        Some(at) => fill(app.say(Text::AdminSeen), &[("time", &time(app, at))]),
        None => app.say(Text::AdminNeverSeen).to_owned(),
    };
    let (word, ask) = match is_disabled {
        true => (Text::AdminEnable, Text::AdminEnableAsk),
        false => (Text::AdminDisable, Text::AdminDisableAsk),
    };
    let question = move || name.with_value(|name| fill(app.say(ask), &[("name", name)]));
    let switch = move || listing.act(path(), json!({ "disabled": !is_disabled }));
    let keep_roles = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        listing.act(path(), json!({ "roles": words(&roles.get_untracked()) }));
    };
    let set_password = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        listing.act(path(), json!({ "password": password.get_untracked() }));
        password.set(String::new());
    };
    view! {
        <li>
            <div class="grow">
                <b>{name.get_value()}</b>
                <small class="quiet">{roles.get_untracked()}</small>
            </div>
            <small class="quiet">{seen}</small>
            {is_disabled.then(|| view! { <small class="bad">{app.say(Text::AdminDisabled)}</small> })}
            <div class="acts">{asking_button(app, word, question, switch)}</div>
            <details class="wide">
                <summary>{app.say(Text::Edit)}</summary>
                <form class="sign-in" on:submit=keep_roles>
                    {field(app, Text::AdminRoles, "roles", roles)}
                    <button type="submit" class="action">{app.say(Text::Save)}</button>
                </form>
                <form class="sign-in" on:submit=set_password>
                    {password_field(app.language, Text::PasswordNew, true, password)}
                    <button type="submit" class="action">{app.say(Text::PasswordChange)}</button>
                </form>
            </details>
        </li>
    }
    .into_any()
}

fn field(app: App, label: Text, name: &'static str, value: RwSignal<String>) -> AnyView {
    view! {
        <label class="field">
            <span>{app.said(label)}</span>
            <input
                type="text"
                name=name
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
