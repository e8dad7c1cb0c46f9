//! How safe what the user writes is on this device: what has happened, what is safe, what to do.

use leptos::prelude::*;

use super::pieces::button;
use super::queue_sheet::export;
use crate::app::{App, Sheet};
use crate::browser::window;
use crate::i18n::{Text, fill};
use crate::queue::StoreState;
use crate::screen::banner::banner;

pub(in crate::screen) fn store_banner(app: App) -> Option<AnyView> {
    let (title, hint, act) = match app.desk.documents.state() {
        StoreState::Ready => return None,
        StoreState::MemoryOnly { why } => {
            let hint = fill(app.say(Text::VaultMemoryHint), &[("reason", &why)]);
            (Text::VaultMemory, hint, ().into_any())
        }
        StoreState::Reopening => {
            (Text::VaultReopening, app.say(Text::VaultReopeningHint).into(), ().into_any())
        }
        StoreState::Wiped => {
            let acts = view! {
                {button(app, Text::QueueShow, move || app.sheet.set(Some(Sheet::Queue)))}
                {button(app, Text::Dismiss, move || app.desk.documents.dismiss())}
            };
            (Text::VaultWiped, app.say(Text::VaultWipedHint).into(), acts.into_any())
        }
        StoreState::NewerVersion => {
            let reload = button(app, Text::Reload, || {
                // Refused only where reloading is forbidden: then there is no other page to get.
                let _ = window().location().reload();
            });
            (Text::VaultNewer, app.say(Text::VaultNewerHint).into(), reload)
        }
        StoreState::QuotaFull => {
            let export = button(app, Text::QueueExport, move || export(app));
            (Text::VaultFull, app.say(Text::VaultFullHint).into(), export)
        }
    };
    Some(banner(app.say(title), hint, act).into_any())
}
