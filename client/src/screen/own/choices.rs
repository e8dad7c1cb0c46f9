//! One field of a conflict: before, mine, theirs, and what to make of them.

use leptos::prelude::*;
use serde_json::Value;

use crate::app::App;
use crate::desk::conflict::{Case, Choice, Decision, Row, Stand};
use crate::desk::lines::{Line, difference};
use crate::desk::plain;
use crate::i18n::{Text, own};

pub(super) fn row(
    app: App,
    row: Row,
    case: Memo<Option<Case>>,
    decision: RwSignal<Decision>,
) -> AnyView {
    let row = StoredValue::new(row);
    let stand = row.with_value(|row| row.stand);
    let name =
        move || row.with_value(|row| own::field(row.field.as_str(), app.language.get()).to_owned());
    let chosen = Memo::new(move |_| {
        decision.with(|decision| row.with_value(|row| decision.fields.get(&row.field).cloned()))
    });
    let choose = move |choice: Choice| {
        let together = row.with_value(|row| match &choice {
            Choice::Third(_) => vec![row.field.clone()],
            _ => case.with_untracked(|case| {
                case.as_ref().map(|case| case.with(&row.field)).unwrap_or_default()
            }),
        });
        decision.update(|decision| {
            for field in together {
                decision.fields.insert(field, choice.clone());
            }
        });
    };
    let option = move |text: Text, choice: Choice, is_it: fn(&Choice) -> bool| {
        view! {
            <button
                type="button"
                aria-pressed=move || chosen.with(|now| now.as_ref().is_some_and(is_it)).to_string()
                on:click=move |_| choose(choice.clone())
            >
                {app.said(text)}
            </button>
        }
        .into_any()
    };
    let third = row.with_value(|row| {
        let like = row.mine.clone().or_else(|| row.theirs.clone());
        like.unwrap_or_else(|| Value::from(""))
    });
    let options = match stand {
        Stand::Same => {
            view! { <small class="quiet">{app.said(Text::ConflictSame)}</small> }.into_any()
        }
        Stand::Both | Stand::OnlyMine => view! {
            <div class="switch" role="group" aria-label=name>
                {option(Text::ConflictTakeMine, Choice::Mine, |now| *now == Choice::Mine)}
                {option(Text::ConflictTakeTheirs, Choice::Theirs, |now| *now == Choice::Theirs)}
                {option(Text::ConflictThird, Choice::Third(third.clone()), |now| {
                    matches!(now, Choice::Third(_))
                })}
            </div>
        }
        .into_any(),
    };
    let note = (stand == Stand::OnlyMine)
        .then(|| view! { <small class="quiet">{app.said(Text::ConflictOnlyMine)}</small> });
    let is_third = Memo::new(move |_| chosen.with(|now| matches!(now, Some(Choice::Third(_)))));
    let editor = move || is_third.get().then(|| editor(app, &third, choose));
    let sides = row.with_value(|row| {
        view! {
            <div class="sides">
                {side(app, Text::ConflictBase, row.base.as_ref(), None)}
                {side(app, Text::ConflictMine, row.mine.as_ref(), Some(row.base.as_ref()))}
                {side(app, Text::ConflictTheirs, row.theirs.as_ref(), Some(row.base.as_ref()))}
            </div>
        }
        .into_any()
    });
    view! {
        <section class="conflict-field" data-field=row.with_value(|row| row.field.to_string())>
            <h3>{name} " " {note}</h3>
            {sides}
            {options}
            {editor}
        </section>
    }
    .into_any()
}

/// A third value, written by the user. What cannot be read is said and not taken.
fn editor(app: App, like: &Value, choose: impl Fn(Choice) + Copy + 'static) -> AnyView {
    let like = like.clone();
    let text = plain::to_text(Some(&like));
    let rows = text.lines().count().clamp(1, 12);
    let trouble = RwSignal::new(None::<String>);
    let typed = move |event| match plain::of_text(&event_target_value(&event), Some(&like)) {
        Ok(value) => {
            trouble.set(None);
            choose(Choice::Third(value));
        }
        Err(error) => trouble.set(Some(error.to_string())),
    };
    view! {
        <textarea rows=rows aria-label=app.said(Text::ConflictThird) on:input=typed>{text}</textarea>
        <p class="bad" role="alert">{trouble}</p>
    }
    .into_any()
}

/// One side's value; what is different from `base` is marked.
pub(super) fn side(
    app: App,
    title: Text,
    value: Option<&Value>,
    base: Option<Option<&Value>>,
) -> AnyView {
    let content = match (value, base) {
        (None, _) => view! { <i class="quiet">{app.said(Text::Absent)}</i> }.into_any(),
        (Some(_), Some(base)) => marked(&plain::to_text(base), &plain::to_text(value)),
        (Some(_), None) => {
            let text = plain::to_text(value);
            view! { <pre>{text}</pre> }.into_any()
        }
    };
    view! { <div class="side"><small class="quiet">{app.said(title)}</small>{content}</div> }
        .into_any()
}

/// A text with what is different from an older one marked, in words, too, for those who cannot
/// see colours.
pub(super) fn marked(old: &str, new: &str) -> AnyView {
    let lines = difference(old, new).into_iter().map(|line| {
        let (class, sign, text) = match line {
            Line::Same(text) => ("", " ", text),
            Line::Gone(text) => ("gone", "−", text),
            Line::New(text) => ("new", "+", text),
        };
        let text = text.to_owned();
        view! { <span class=class><i aria-hidden="true">{sign}</i>{text}{"\n"}</span> }
    });
    let lines = lines.collect_view();
    view! { <pre class="lines">{lines}</pre> }.into_any()
}
