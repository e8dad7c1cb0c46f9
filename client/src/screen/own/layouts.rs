//! The user's chart layouts: save the chart as it is, get it back, delete it.

use leptos::prelude::*;
use tidemark_shared::documents::shape::Layout;
use tidemark_shared::documents::{Collection, Entity};

use super::lists_sheet::{name_form, save};
use super::pieces::{asking_button, button, progress_badge};
use crate::app::{App, Sheet};
use crate::desk::{Desk, layouts};
use crate::i18n::Text;

/// How many there are.
pub(super) fn count(app: App) -> AnyView {
    let count = Memo::new(move |_| app.desk.layouts().len());
    let shown = move || (count.get() > 0).then(|| count.get().to_string());
    view! { <span class="quiet">{shown}</span> }.into_any()
}

pub(super) fn layouts(app: App) -> AnyView {
    let all = Memo::new(move |_| app.desk.layouts());
    let none = move || all.with(Vec::is_empty).then(|| app.say(Text::LayoutsNone));
    let keep = move |name: String| {
        let symbol = app.selected_symbol_untracked();
        let entity = Entity::new(Collection::layouts(), Desk::new_id());
        save(app, entity, layouts::present(&name, symbol, app.interval.get_untracked()));
    };
    view! {
        <div class="drawer-body">
            <p class="quiet">{none}</p>
            <ul class="own-list" data-testid="layouts">
                <For
                    each=move || all.get()
                    key=|(entity, layout)| (entity.clone(), format!("{layout:?}"))
                    let:layout
                >
                    {row(app, layout)}
                </For>
            </ul>
            {name_form(app, Text::LayoutSave, Text::Save, String::new(), keep)}
        </div>
    }
    .into_any()
}

fn row(app: App, (entity, layout): (Entity, Layout)) -> AnyView {
    let entity = StoredValue::new(entity);
    let name = layout.name.clone();
    let symbol =
        layout.symbol.as_ref().map(|symbol| symbol.as_str().to_owned()).unwrap_or_default();
    let detail = format!("{symbol} {}", layout.interval.as_str());
    let apply = move || {
        app.interval.set(layout.interval);
        if let Some(symbol) = &layout.symbol {
            app.show_symbol(symbol);
        }
        app.toast(Text::LayoutApplied, &[("name", &layout.name)]);
    };
    let progress = move || {
        let progress = entity.with_value(|entity| app.desk.progress(entity))?;
        Some(progress_badge(app, &progress))
    };
    view! {
        <li>
            <div class="grow"><b>{name}</b> " " <span class="quiet">{detail}</span></div>
            {progress}
            <div class="acts">
                {button(app, Text::LayoutApply, apply)}
                {button(app, Text::History, move || {
                    app.sheet.set(Some(Sheet::History(entity.get_value())));
                })}
                {asking_button(
                    app,
                    Text::Delete,
                    move || app.say(Text::LayoutDeleteAsk).to_owned(),
                    move || save(app, entity.get_value(), None),
                )}
            </div>
        </li>
    }
    .into_any()
}
