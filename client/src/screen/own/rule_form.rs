//! The form of an alert rule.

use leptos::prelude::*;
use tidemark_shared::documents::shape::{AlertRule, Comparison, NAME_CHARS_MAX, Shape as _, Word};
use tidemark_shared::documents::{Collection, Entity};
use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::Priority;

use super::lists_sheet::save;
use super::pieces::button;
use crate::app::App;
use crate::desk::Desk;
use crate::desk::rules::{BadRule, RuleForm, has_period, metrics, put, unit_of};
use crate::i18n::{Text, own};

const PRIORITIES: [Priority; 4] =
    [Priority::Low, Priority::Normal, Priority::High, Priority::Critical];

pub(super) fn rule_form(app: App, symbol: Symbol, entity: Option<Entity>) -> AnyView {
    let known = entity.as_ref().and_then(|entity| untrack(|| app.desk.body(entity)));
    let form = RwSignal::new(match known.as_ref().map(AlertRule::of_body) {
        Some(Ok(rule)) => RuleForm::of(&rule),
        _ => {
            let ticker = app.row(&symbol).ticker.get_untracked();
            RuleForm::new(ticker.quote.as_ref().map(|quote| quote.price))
        }
    });
    let bad = RwSignal::new(None::<BadRule>);
    let entity = entity.unwrap_or_else(|| Entity::new(Collection::alert_rules(), Desk::new_id()));
    let title = format!("{symbol}");
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        match form.get_untracked().read(symbol.clone()) {
            Ok(rule) => {
                let seen = untrack(|| app.desk.body(&entity));
                save(app, entity.clone(), Some(put(&rule, seen)));
                app.sheet.set(None);
            }
            Err(wrong) => bad.set(Some(wrong)),
        }
    };
    let trouble = move || {
        bad.get().map(|bad| match bad {
            BadRule::Threshold => app.say(Text::RuleBadThreshold),
            BadRule::Period => app.say(Text::RuleBadPeriod),
        })
    };
    let metric = choice(
        app,
        Text::FieldMetric,
        move || {
            metrics().into_iter().map(move |name| (name, own::metric(name, app.language.get())))
        },
        move || form.with(|form| form.metric.clone()),
        move |name| form.update(|form| form.metric = name),
    );
    let op = choice(
        app,
        Text::FieldOp,
        move || {
            Comparison::ALL
                .iter()
                .map(move |op| (op.as_str(), app.say(own::comparison(*op)).to_owned()))
        },
        move || form.with(|form| form.op.as_str().to_owned()),
        move |name| {
            if let Some(op) = Comparison::of_text(&name) {
                form.update(|form| form.op = op);
            }
        },
    );
    let importance = choice(
        app,
        Text::FieldPriority,
        move || {
            PRIORITIES.map(|one| (name_of(one), app.say(own::priority(one)).to_owned())).into_iter()
        },
        move || form.with(|form| name_of(form.priority).to_owned()),
        move |name| {
            if let Some(one) = PRIORITIES.into_iter().find(|one| name_of(*one) == name) {
                form.update(|form| form.priority = one);
            }
        },
    );
    let period = move || {
        let has = Memo::new(move |_| form.with(|form| has_period(&form.metric)));
        let field =
            move || has.get().then(|| text(app, Text::RulePeriod, form, |form| &mut form.period));
        field.into_any()
    };
    let unit = move || app.say(own::unit(form.with(|form| unit_of(&form.metric))));
    view! {
        <form class="rule-form" on:submit=submit>
            <p><b>{title}</b> " " <span class="quiet">{app.said(Text::RulesHint)}</span></p>
            <div class="field-row">
                {metric}
                {period()}
                {op}
                {text(app, Text::FieldThreshold, form, |form| &mut form.threshold)}
                <span class="quiet">{unit}</span>
            </div>
            <div class="field-row">
                {text(app, Text::FieldName, form, |form| &mut form.name)}
                {importance}
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || form.with(|form| form.active)
                        on:change=move |event| {
                            form.update(|form| form.active = event_target_checked(&event));
                        }
                    />
                    <span>{app.said(Text::FieldActive)}</span>
                </label>
            </div>
            {text(app, Text::FieldMessage, form, |form| &mut form.message)}
            <p class="bad" role="alert">{trouble}</p>
            <div class="acts">
                <button type="submit" class="action main">{app.said(Text::Save)}</button>
                {button(app, Text::Cancel, move || app.sheet.set(None))}
            </div>
        </form>
    }
    .into_any()
}

fn text(
    app: App,
    label: Text,
    form: RwSignal<RuleForm>,
    part: fn(&mut RuleForm) -> &mut String,
) -> AnyView {
    let first = part(&mut form.get_untracked()).clone();
    view! {
        <label class="field">
            <span>{app.said(label)}</span>
            <input
                type="text"
                autocomplete="off"
                maxlength=NAME_CHARS_MAX
                prop:value=first
                on:input=move |event| form.update(|form| *part(form) = event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

fn choice<I: Iterator<Item = (&'static str, String)>>(
    app: App,
    label: Text,
    options: impl Fn() -> I + Send + Sync + 'static,
    value: impl Fn() -> String + Copy + Send + Sync + 'static,
    chosen: impl Fn(String) + 'static,
) -> AnyView {
    let options = move || {
        let now = untrack(value);
        let all = options().map(|(name, words)| (name, words, name == now)).collect::<Vec<_>>();
        all.into_iter()
            .map(
                |(name, words, is_it)| view! { <option value=name selected=is_it>{words}</option> },
            )
            .collect_view()
    };
    view! {
        <label class="field">
            <span>{app.said(label)}</span>
            <select on:change=move |event| chosen(event_target_value(&event))>{options}</select>
        </label>
    }
    .into_any()
}

const fn name_of(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Critical => "critical",
    }
}
