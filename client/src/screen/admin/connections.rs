//! Who is connected.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::listing::{Listing, age_of, number, text};
use crate::app::App;
use crate::i18n::{Text, fill};
use crate::screen::own::asking_button;

pub(super) fn connections(app: App) -> AnyView {
    let search = RwSignal::new(String::new());
    let listing = Listing::of(app, "/api/admin/connections");
    view! {
        <label class="field">
            <span>{app.said(Text::AdminSearch)}</span>
            <input
                type="text"
                autocomplete="off"
                prop:value=search
                on:input=move |event| search.set(event_target_value(&event))
            />
        </label>
        {listing.rows("connections", search, row)}
    }
    .into_any()
}

fn row(app: App, listing: Listing, value: &Value) -> AnyView {
    let id = StoredValue::new(text(value, "id"));
    let name = StoredValue::new(text(value, "user"));
    let credential = StoredValue::new(text(value, "credential"));
    let counts = [
        ("age", age_of(app, value, "opened")),
        ("topics", number(value, "topics")),
        ("lag", number(value, "lag")),
    ];
    let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
    let counts = fill(app.say(Text::AdminCounts), &counts);
    let is_blocked = value.get("blocked").and_then(Value::as_bool) == Some(true);
    let ways = ["by", "transport", "address"].map(|name| text(value, name)).join(" · ");
    let ask =
        move |text: Text| move || name.with_value(|name| fill(app.say(text), &[("name", name)]));
    let close = move || {
        listing.act(id.with_value(|id| format!("/api/admin/connections/{id}/close")), json!({}));
    };
    let ban = move || {
        let credential = credential.get_value();
        let body = json!({ "credential": credential, "reason": "" });
        listing.act("/api/admin/bans".into(), body);
    };
    let may_be_banned = credential.with_value(|credential| !credential.is_empty());
    view! {
        <li data-connection=id.get_value()>
            <div class="grow">
                <b>{name.get_value()}</b> <small class="quiet">{ways}</small>
            </div>
            <small class="quiet">{counts}</small>
            {is_blocked.then(|| view! { <small class="bad">{app.say(Text::AdminBlocked)}</small> })}
            <div class="acts">
                {asking_button(app, Text::AdminClose, ask(Text::AdminCloseAsk), close)}
                {may_be_banned.then(|| {
                    asking_button(app, Text::AdminBan, ask(Text::AdminBanAsk), ban)
                })}
            </div>
        </li>
    }
    .into_any()
}
