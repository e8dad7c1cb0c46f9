//! What a document and a write of it are called.

use leptos::prelude::*;
use tidemark_shared::documents::{Body, Draft, Entity};

use crate::app::App;
use crate::i18n::own;

/// A document, by what its user calls it now; follows it.
pub(in crate::screen) fn document(app: App, entity: &Entity) -> String {
    let body = app.desk.body(entity);
    own::document(entity, body.as_ref().and_then(name), app.language.get())
}

/// What a write does, also when its document is not there (any more).
pub(in crate::screen) fn draft(app: App, draft: &Draft) -> String {
    let language = app.language.get();
    let body = app.desk.body(&draft.entity);
    let wanted: Body = draft
        .changes
        .iter()
        .filter_map(|(field, change)| {
            Some((field.clone(), change.to.clone().or_else(|| change.from.clone())?))
        })
        .collect();
    let called = body.as_ref().and_then(name).or_else(|| name(&wanted));
    own::draft(draft, &own::document(&draft.entity, called, language), language)
}

/// A rule is known by its instrument, all else by its name.
fn name(body: &Body) -> Option<&str> {
    body.text("symbol").filter(|_| body.get("metric").is_some()).or_else(|| body.text("name"))
}
