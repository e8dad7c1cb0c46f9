//! The alert rules of an instrument. They are kept and synced; what fires them is not built yet.

use leptos::prelude::*;
use tidemark_shared::documents::Entity;
use tidemark_shared::documents::shape::AlertRule;
use tidemark_shared::market::Symbol;

use super::lists_sheet::save;
use super::pieces::{asking_button, button, progress_badge};
use crate::app::{App, Sheet};
use crate::desk::rules::put;
use crate::i18n::{Text, fill, own};

/// How many there are.
pub(super) fn count(app: App, symbol: &Symbol) -> AnyView {
    let symbol = symbol.clone();
    let count = Memo::new(move |_| app.desk.rules_of(&symbol).len());
    let shown = move || (count.get() > 0).then(|| count.get().to_string());
    view! { <span class="quiet">{shown}</span> }.into_any()
}

pub(super) fn rules(app: App, symbol: &Symbol) -> AnyView {
    let symbol = StoredValue::new(symbol.clone());
    let all = Memo::new(move |_| symbol.with_value(|symbol| app.desk.rules_of(symbol)));
    let none = move || {
        let name = symbol.with_value(|symbol| symbol.as_str().to_owned());
        all.with(Vec::is_empty).then(|| fill(app.say(Text::RulesNone), &[("symbol", &name)]))
    };
    view! {
        <div class="drawer-body">
            <p class="quiet">{app.said(Text::RulesHint)} " " {none}</p>
            <ul class="own-list" data-testid="rules">
                <For each=move || all.get() key=|(entity, rule)| (entity.clone(), format!("{rule:?}")) let:rule>
                    {row(app, rule)}
                </For>
            </ul>
            {button(app, Text::RuleNew, move || {
                app.sheet.set(Some(Sheet::Rule(symbol.get_value(), None)));
            })}
        </div>
    }
    .into_any()
}

fn row(app: App, (entity, rule): (Entity, AlertRule)) -> AnyView {
    let entity = StoredValue::new(entity);
    let rule = StoredValue::new(rule);
    let words = move || rule.with_value(|rule| own::condition(&rule.condition, app.language.get()));
    let is_active = rule.with_value(|rule| rule.active);
    let title = rule.with_value(|rule| rule.name.clone());
    let importance = move || rule.with_value(|rule| app.say(own::priority(rule.priority)));
    let progress = move || {
        let progress = entity.with_value(|entity| app.desk.progress(entity))?;
        Some(progress_badge(app, &progress))
    };
    let toggle = move |_| {
        let mut changed = rule.get_value();
        changed.active = !changed.active;
        let seen = untrack(|| entity.with_value(|entity| app.desk.body(entity)));
        save(app, entity.get_value(), Some(put(&changed, seen)));
    };
    let edit = move || {
        let symbol = rule.with_value(|rule| rule.symbol.clone());
        app.sheet.set(Some(Sheet::Rule(symbol, Some(entity.get_value()))));
    };
    view! {
        <li data-rule=entity.with_value(|entity| entity.id.to_string())>
            <label class="grow">
                <input
                    type="checkbox"
                    aria-label=app.said(Text::FieldActive)
                    prop:checked=is_active
                    on:change=toggle
                />
                {title.map(|title| view! { <b>{title}</b> " " })}
                <span class:quiet=!is_active>{words}</span>
                " " <small class="quiet">{importance}</small>
            </label>
            {progress}
            <div class="acts">
                {button(app, Text::Edit, edit)}
                {button(app, Text::History, move || {
                    app.sheet.set(Some(Sheet::History(entity.get_value())));
                })}
                {asking_button(
                    app,
                    Text::Delete,
                    move || app.say(Text::RuleDeleteAsk).to_owned(),
                    move || save(app, entity.get_value(), None),
                )}
            </div>
        </li>
    }
    .into_any()
}
