//! One conflict: field by field, the preview of the result, and the decision.

use leptos::prelude::*;
use serde_json::Value;
use tidemark_shared::documents::{Author, Body, ConflictState, DocumentId};
use wasm_bindgen_futures::spawn_local;

use super::about;
use super::choices;
use super::pieces::time;
use crate::app::{App, Sheet};
use crate::desk::conflict::{Case, Clash, Decision, Side};
use crate::desk::plain;
use crate::i18n::{Text, fill, own};

pub(super) fn case(app: App, id: DocumentId) -> AnyView {
    let before = RwSignal::new(None::<Body>);
    let case = Memo::new(move |_| {
        let known = app.desk.conflicts().into_iter().find(|(known, _)| *known == id);
        let (id, conflict) = known?;
        let now = app.desk.seen(&conflict.entity);
        Some(Case { id, conflict, now, before: before.get() })
    });
    let decision = RwSignal::new(Decision::default());
    look_up_deleted(app, case, before);
    let clash = Memo::new(move |_| case.with(|case| case.as_ref().map(Case::clash)));
    let rows = move || case.with(|case| case.as_ref().map(Case::rows).unwrap_or_default());
    let fields = move || match clash.get() {
        Some(Clash::BothEdited) => view! {
            <For
                each=rows
                key=|row| (row.field.clone(), plain::to_text(row.theirs.as_ref()), row.stand as u8)
                let:row
            >
                {choices::row(app, row, case, decision)}
            </For>
        }
        .into_any(),
        Some(clash) => whole(app, clash, case, decision),
        None => view! { <p>{app.said(Text::ConflictsNone)}</p> }.into_any(),
    };
    let head = move || case.with(|case| case.as_ref().map(|case| head(app, case)));
    let result = Memo::new(move |_| {
        case.with(|case| decision.with(|decision| case.as_ref()?.result(decision)))
    });
    let is_open = Memo::new(move |_| {
        case.with(|case| {
            case.as_ref().is_some_and(|case| case.conflict.state == ConflictState::Open)
        })
    });
    let preview = move || match result.get() {
        _ if clash.get().is_none() => ().into_any(),
        None => view! { <p class="quiet">{app.say(Text::ConflictUndecided)}</p> }.into_any(),
        Some(None) => view! { <p>{app.say(Text::WillBeDeleted)}</p> }.into_any(),
        Some(Some(body)) => document(app, &body),
    };
    view! {
        {head}
        {fields}
        <h3>{app.said(Text::ConflictPreview)}</h3>
        <div class="preview" data-testid="preview">{preview}</div>
        <div class="acts">
            <Show when=move || is_open.get()>
                <button
                    type="button"
                    class="action main"
                    data-testid="apply"
                    disabled=move || result.with(Option::is_none)
                    on:click=move |_| {
                        if let (Some(case), Some(result)) = (case.get_untracked(), result.get_untracked()) {
                            apply(app, case, result);
                        }
                    }
                >
                    {app.said(Text::ConflictApply)}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// What it is about, whose write it was, and whether the document has gone on.
fn head(app: App, case: &Case) -> AnyView {
    let what = about::document(app, &case.conflict.entity);
    let at = time(app, case.conflict.stamp.at);
    let is_ours = is_this_device(app, &case.conflict.author);
    let text = if is_ours { Text::ConflictMineBy } else { Text::ConflictMineOther };
    let who = fill(app.say(text), &[("time", &at)]);
    let gone_on = (case.has_gone_on() && case.conflict.state == ConflictState::Open)
        .then(|| view! { <p class="notice">{app.say(Text::ConflictGoneOn)}</p> });
    view! {
        <p><b>{what}</b> " " <span class="quiet">{who}</span></p>
        {gone_on}
    }
    .into_any()
}

/// All or nothing, where one side has deleted it.
fn whole(
    app: App,
    clash: Clash,
    case: Memo<Option<Case>>,
    decision: RwSignal<Decision>,
) -> AnyView {
    let (what, mine, theirs) = match clash {
        Clash::EditOfDeleted => {
            (Text::ConflictEditOfDeleted, Text::ConflictBringBack, Text::ConflictKeepDeleted)
        }
        Clash::DeletionOfEdited => {
            (Text::ConflictDeletionOfEdited, Text::ConflictDeleteAnyway, Text::ConflictKeepTheirs)
        }
        Clash::BothEdited | Clash::BothDeleted => {
            return view! { <p>{app.said(Text::ConflictBothDeleted)}</p> }.into_any();
        }
    };
    let option = move |text: Text, side: Side| {
        view! {
            <button
                type="button"
                aria-pressed=move || decision.with(|now| now.whole == Some(side)).to_string()
                on:click=move |_| decision.update(|now| now.whole = Some(side))
            >
                {app.said(text)}
            </button>
        }
    };
    let sides = move || {
        let rows = case.with(|case| case.as_ref().map(Case::rows).unwrap_or_default());
        let rows = rows.into_iter().map(|row| {
            let name = own::field(row.field.as_str(), app.language.get()).to_owned();
            view! {
                <section class="conflict-field">
                    <h3>{name}</h3>
                    <div class="sides">
                        {choices::side(app, Text::ConflictBase, row.base.as_ref(), None)}
                        {choices::side(app, Text::ConflictMine, row.mine.as_ref(), Some(row.base.as_ref()))}
                        {choices::side(app, Text::ConflictTheirs, row.theirs.as_ref(), Some(row.base.as_ref()))}
                    </div>
                </section>
            }
        });
        rows.collect_view()
    };
    view! {
        <p>{app.said(what)}</p>
        {sides}
        <div class="switch" role="group" aria-label=app.said(what)>
            {option(mine, Side::Mine)}
            {option(theirs, Side::Theirs)}
        </div>
    }
    .into_any()
}

/// A document, field by field.
pub(super) fn document(app: App, body: &Body) -> AnyView {
    let language = app.language.get();
    let line = |(field, value): (&tidemark_shared::documents::Field, &Value)| {
        let name = own::field(field.as_str(), language).to_owned();
        let text = plain::to_text(Some(value));
        view! { <div><dt>{name}</dt><dd><pre>{text}</pre></dd></div> }
    };
    view! { <dl class="fields">{body.0.iter().map(line).collect_view()}</dl> }.into_any()
}

/// Whether a write came from this queue.
pub(super) fn is_this_device(app: App, author: &Author) -> bool {
    author.group == app.desk.documents.group()
}

/// What a deleted document was before is in its history.
fn look_up_deleted(app: App, case: Memo<Option<Case>>, before: RwSignal<Option<Body>>) {
    Effect::new(move || {
        let entity = case.with(|case| {
            let case = case.as_ref().filter(|case| case.clash() == Clash::EditOfDeleted)?;
            case.before.is_none().then(|| case.conflict.entity.clone())
        });
        let Some(entity) = entity else { return };
        spawn_local(async move {
            // Without an answer the write alone comes back.
            let Ok(page) = app.desk.documents.history(entity, None).await else { return };
            let last = page.revisions.into_iter().find(|revision| !revision.document.deleted);
            if let Some(last) = last {
                // The dialog may be closed by now.
                let _ = before.try_set(Some(last.document.body));
            }
        });
    });
}

fn apply(app: App, case: Case, result: Option<Body>) {
    let draft = case.draft(result.as_ref());
    app.sheet.set(Some(Sheet::Conflicts));
    spawn_local(async move {
        if let Err(error) = app.desk.write(draft).await {
            app.toast(Text::SaveFailed, &[("reason", &error.to_string())]);
            return;
        }
        let what = untrack(|| about::document(app, &case.conflict.entity));
        let text = app.filled(Text::ConflictApplied, &[("what", &what)]);
        app.toasts.show_with(text, Text::Undo, move || {
            let after = untrack(|| app.desk.seen(&case.conflict.entity));
            super::queue_sheet::done_or_told(app, app.desk.write(case.undo(&after)));
        });
    });
}
