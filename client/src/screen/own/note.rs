//! The note on an instrument: saves itself, and never takes the caret away from its writer.

use leptos::html::Textarea;
use leptos::prelude::*;
use tidemark_shared::documents::{Collection, Entity};
use tidemark_shared::market::Symbol;
use web_sys::{Element, HtmlTextAreaElement};

use super::pieces::{button, progress_badge};
use crate::app::{App, Sheet};
use crate::browser::document;
use crate::desk::progress::Progress;
use crate::desk::{TYPING_PAUSE, caret, field};
use crate::i18n::{Text, fill};

/// The note's document.
fn note_of(symbol: &Symbol) -> Entity {
    let id = symbol.as_str().parse().expect("every symbol is a document's name");
    Entity::new(Collection::notes(), id)
}

/// The note's first line, to be read without opening it.
pub(super) fn beginning(app: App, symbol: &Symbol) -> AnyView {
    let entity = note_of(symbol);
    let line = move || {
        let body = app.desk.body(&entity)?;
        Some(body.text("text")?.lines().next()?.to_owned())
    };
    view! { <span class="quiet beginning">{line}</span> }.into_any()
}

pub(super) fn note(app: App, symbol: &Symbol) -> AnyView {
    let entity = StoredValue::new(note_of(symbol));
    let name = StoredValue::new(symbol.as_str().to_owned());
    let area = NodeRef::<Textarea>::new();
    let composing = RwSignal::new(false);
    let text = Memo::new(move |_| {
        let body = entity.with_value(|entity| app.desk.body(entity));
        body.as_ref().and_then(|body| body.text("text")).unwrap_or_default().to_owned()
    });
    Effect::new(move || {
        // A letter that is being put together would be torn apart.
        if let (Some(area), false) = (area.get(), composing.get()) {
            text.with(|text| replace(&area, text));
        }
    });
    // A box that is taken away while it is written in loses the focus, and perhaps ends a letter,
    // after its signals are gone: these need none.
    let (written, left) = (note_of(symbol), note_of(symbol));
    let typed = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        app.desk.change(&written, TYPING_PAUSE, |body| {
            body.0.insert(field("text"), text.into());
        });
    };
    let progress = Memo::new(move |_| entity.with_value(|entity| app.desk.progress(entity)));
    let badge = move || progress.get().map(|progress| progress_badge(app, &progress));
    let decide = move || {
        let is_conflict = progress.with(|now| *now == Some(Progress::Conflict));
        is_conflict.then(|| button(app, Text::QueueDecide, move || open_conflict(app, entity)))
    };
    let label = move || name.with_value(|name| fill(app.say(Text::AboutNote), &[("name", name)]));
    let hint =
        move || name.with_value(|name| fill(app.say(Text::NotePlaceholder), &[("symbol", name)]));
    view! {
        <div class="note">
            <textarea
                node_ref=area
                rows="3"
                data-testid="note"
                aria-label=label
                aria-describedby="note-progress"
                placeholder=hint
                on:input=typed
                on:compositionstart=move |_| _ = composing.try_set(true)
                on:compositionend=move |_| _ = composing.try_set(false)
                on:blur=move |_| app.desk.write_down(&left)
            ></textarea>
            <div class="note-foot">
                <span id="note-progress" role="status" aria-live="polite" data-testid="note-progress">
                    {badge}
                </span>
                {decide}
                {button(app, Text::History, move || {
                    app.sheet.set(Some(Sheet::History(entity.get_value())));
                })}
            </div>
        </div>
    }
    .into_any()
}

fn open_conflict(app: App, entity: StoredValue<Entity>) {
    let open = untrack(|| app.desk.open_conflicts());
    let about =
        open.into_iter().find(|(_, open)| entity.with_value(|entity| *entity == open.entity));
    app.sheet.set(about.map(|(id, _)| Sheet::Conflict(id)));
}

/// Puts another text there; the caret stays with the words around it.
fn replace(area: &HtmlTextAreaElement, text: &str) {
    let old = area.value();
    if old == text {
        return;
    }
    let this: &Element = area;
    let is_focused = document().active_element().is_some_and(|active| active == *this);
    let ends = (area.selection_start().ok().flatten(), area.selection_end().ok().flatten());
    area.set_value(text);
    if let (true, (Some(start), Some(end))) = (is_focused, ends) {
        let (start, end) = (caret::moved(&old, text, start), caret::moved(&old, text, end));
        // Refused only by elements without a text.
        let _ = area.set_selection_range(start, end);
    }
}
