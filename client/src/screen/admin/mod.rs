//! Looking after the relay: who is connected, who may come in, who may not.
//!
//! | file | |
//! | --- | --- |
//! | [`listing`] | a list that the relay gives, read again after each change |
//! | [`connections`], [`users`], [`bans`], [`totals`] | its four parts |
//!
//! What must never be here: whether somebody may do that; the relay decides each time.

mod bans;
mod connections;
mod listing;
mod totals;
mod users;

use leptos::prelude::*;

use crate::app::App;
use crate::i18n::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Connections,
    Users,
    Bans,
    Totals,
}

/// The content of the dialog.
pub(super) fn admin(app: App) -> AnyView {
    let part = RwSignal::new(Part::Connections);
    let tab = move |of: Part, text: Text| {
        view! {
            <button
                type="button"
                aria-pressed=move || (part.get() == of).to_string()
                on:click=move |_| part.set(of)
            >
                {app.said(text)}
            </button>
        }
    };
    let content = move || match part.get() {
        Part::Connections => connections::connections(app),
        Part::Users => users::users(app),
        Part::Bans => bans::bans(app),
        Part::Totals => totals::totals(app),
    };
    view! {
        <div class="switch" role="group" aria-label=app.said(Text::Admin)>
            {tab(Part::Connections, Text::AdminConnections)}
            {tab(Part::Users, Text::AdminUsers)}
            {tab(Part::Bans, Text::AdminBans)}
            {tab(Part::Totals, Text::AdminTotals)}
        </div>
        {content}
    }
    .into_any()
}
