//! The text of a failed write, to be changed and sent anew.

use std::collections::BTreeMap;

use leptos::prelude::*;
use tidemark_shared::documents::{Body, Draft, Field, MutationId, MutationKind};

use super::about;
use super::pieces::button;
use super::queue_sheet::done_or_told;
use crate::app::{App, Sheet};
use crate::desk::plain;
use crate::i18n::{Text, own};

pub(super) fn failed(app: App, mid: MutationId) -> AnyView {
    let items = untrack(|| app.desk.documents.items());
    let Some(item) = items.into_iter().find(|item| item.mid() == mid) else {
        return view! { <p>{app.said(Text::QueueEmpty)}</p> }.into_any();
    };
    let reason = item.rejection().map(|error| error.message.clone());
    let draft = item.mutation.draft;
    let texts: BTreeMap<Field, RwSignal<String>> = draft
        .changes
        .iter()
        .map(|(field, change)| (field.clone(), RwSignal::new(plain::to_text(change.to.as_ref()))))
        .collect();
    let fields = texts.iter().map(|(field, text)| editor(app, field, *text)).collect_view();
    let trouble = RwSignal::new(None::<String>);
    let named = draft.clone();
    let send = move || match anew(app, &draft, &texts) {
        Ok(draft) => {
            app.sheet.set(Some(Sheet::Queue));
            done_or_told(app, async move { app.desk.documents.replace(mid, draft).await });
        }
        Err(reason) => trouble.set(Some(reason)),
    };
    view! {
        <p><b>{move || about::draft(app, &named)}</b></p>
        {reason.map(|reason| view! { <p class="bad">{reason}</p> })}
        <p class="quiet">{app.said(Text::QueueEditHint)}</p>
        {fields}
        <p class="bad" role="alert">{trouble}</p>
        <div class="acts">
            {button(app, Text::QueueEdit, send)}
            {button(app, Text::Cancel, move || app.sheet.set(Some(Sheet::Queue)))}
        </div>
    }
    .into_any()
}

/// A field's value as text.
fn editor(app: App, field: &Field, text: RwSignal<String>) -> AnyView {
    let rows = text.with_untracked(|text| text.lines().count().clamp(1, 12));
    let name = field.as_str().to_owned();
    view! {
        <label class="field">
            <span>{move || own::field(&name, app.language.get()).to_owned()}</span>
            <textarea
                rows=rows
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
        </label>
    }
    .into_any()
}

/// The write with other texts, from what the user sees of its document now.
fn anew(app: App, old: &Draft, texts: &BTreeMap<Field, RwSignal<String>>) -> Result<Draft, String> {
    let seen = untrack(|| app.desk.seen(&old.entity));
    if old.kind == MutationKind::Delete {
        return Ok(seen.draft(old.entity.clone(), None));
    }
    let mut body: Body = seen.body.clone().unwrap_or_default();
    for (field, change) in &old.changes {
        let Some(like) = &change.to else {
            body.0.remove(field);
            continue;
        };
        let text = texts.get(field).map(|text| text.get_untracked()).unwrap_or_default();
        let value = plain::of_text(&text, Some(like)).map_err(|error| error.to_string())?;
        body.0.insert(field.clone(), value);
    }
    tidemark_shared::documents::shape::check(&old.entity.collection, &body)
        .map_err(|error| error.to_string())?;
    let mut draft = seen.draft(old.entity.clone(), Some(&body));
    draft.conflict = old.conflict.clone();
    Ok(draft)
}
