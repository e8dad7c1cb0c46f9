//! What the user must be told once, as short messages with what can be done about it.

use leptos::prelude::*;
use tidemark_shared::documents::Entity;
use tidemark_shared::protocol::WireError;

use super::about;
use crate::app::{App, Sheet};
use crate::i18n::{Text, fill};
use crate::queue::Told;

/// Listens for as long as the page lives.
pub(in crate::screen) fn listen(app: App) {
    app.desk.documents.on_told(move |told| {
        // Told from inside of what has happened; what there is to say is read from it.
        untrack(|| tell(app, told));
    });
}

fn tell(app: App, told: Told) {
    match told {
        Told::RolledBack { entity, error } => rolled_back(app, &entity, error),
        Told::Damaged { entity } => {
            let what = about::document(app, &entity);
            app.toast(Text::Damaged, &[("what", &what)]);
        }
        Told::Forked => app.toast(Text::Forked, &[]),
        Told::Reinstated { documents } => {
            app.toast(Text::Reinstated, &[("n", &documents.to_string())]);
        }
    }
}

fn rolled_back(app: App, entity: &Entity, error: Option<WireError>) {
    let what = about::document(app, entity);
    let (text, sheet) = match error {
        Some(error) => {
            let values = [("what", what.as_str()), ("reason", error.message.as_str())];
            (fill(app.say(Text::RolledBack), &values), Sheet::Queue)
        }
        None if is_expired(app, entity) => {
            let reason = app.say(Text::SaveExpired);
            let values = [("what", what.as_str()), ("reason", reason)];
            (fill(app.say(Text::RolledBack), &values), Sheet::Queue)
        }
        None => (fill(app.say(Text::RolledBackConflict), &[("what", &what)]), Sheet::Conflicts),
    };
    let show = move || app.sheet.set(Some(sheet.clone()));
    app.toasts.show_with(text, Text::QueueShow, show);
}

fn is_expired(app: App, entity: &Entity) -> bool {
    use crate::desk::progress::{Progress, of_item};

    let items = app.desk.documents.items();
    let newest = items.iter().rev().find(|item| item.mutation.draft.entity == *entity);
    newest.is_some_and(|item| of_item(item) == Progress::Expired)
}
