//! Sign-ins that do not count any more.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::listing::{Listing, text, time_of};
use crate::app::App;
use crate::i18n::Text;
use crate::screen::own::{asking_button, time};

pub(super) fn bans(app: App) -> AnyView {
    Listing::of(app, "/api/admin/bans").rows("bans", RwSignal::new(String::new()), row)
}

fn row(app: App, listing: Listing, value: &Value) -> AnyView {
    let credential = StoredValue::new(text(value, "credential"));
    let at = time_of(value, "at").map(|at| time(app, at));
    let until = match time_of(value, "until") {
        Some(until) => time(app, until),
        None => app.say(Text::AdminForever).to_owned(),
    };
    let lift = move || {
        let body = json!({ "credential": credential.get_value() });
        listing.act("/api/admin/bans/lift".into(), body);
    };
    view! {
        <li>
            <div class="grow">
                <b>{credential.get_value()}</b> <small class="quiet">{text(value, "reason")}</small>
            </div>
            <small class="quiet">{text(value, "by")} " " {at} " – " {until}</small>
            <div class="acts">
                {asking_button(
                    app,
                    Text::AdminLift,
                    move || app.say(Text::AdminLiftAsk).to_owned(),
                    lift,
                )}
            </div>
        </li>
    }
    .into_any()
}
