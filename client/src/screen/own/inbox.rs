//! All conflicts: those that wait for the user, and those that were decided.

use leptos::prelude::*;
use tidemark_shared::documents::{
    Collection, Conflict, ConflictState, ConflictStep, DocumentId, Entity,
};

use super::about;
use super::pieces::{button, time};
use super::queue_sheet::done_or_told;
use crate::app::{App, Sheet};
use crate::i18n::Text;

pub(super) fn inbox(app: App) -> AnyView {
    let all = Memo::new(move |_| app.desk.conflicts());
    let of = move |state: ConflictState| {
        move || {
            all.with(|all| {
                let some = all.iter().filter(|(_, conflict)| conflict.state == state);
                some.cloned().collect::<Vec<_>>()
            })
        }
    };
    let (open, decided) = (of(ConflictState::Open), of(ConflictState::Resolved));
    let unreadable = move || {
        let known = app.desk.documents.ids(&Collection::conflicts()).len();
        (known > all.with(Vec::len)).then(|| app.say(Text::ConflictUnreadable))
    };
    let has_open = Memo::new(move |_| !open().is_empty());
    let has_decided = Memo::new(move |_| !decided().is_empty());
    view! {
        <p class="quiet">
            {move || app.say(if has_open.get() { Text::ConflictsWhy } else { Text::ConflictsNone })}
        </p>
        <p class="bad">{unreadable}</p>
        <ul class="own-list" data-testid="open-conflicts">
            <For each=open key=|(id, conflict)| (id.clone(), conflict.stamp) let:conflict>
                {row(app, conflict)}
            </For>
        </ul>
        <Show when=move || has_decided.get()>
            <h3>{app.said(Text::ConflictsDone)}</h3>
            <ul class="own-list">
                <For each=decided key=|(id, conflict)| (id.clone(), conflict.stamp) let:conflict>
                    {row(app, conflict)}
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

fn row(app: App, (id, conflict): (DocumentId, Conflict)) -> AnyView {
    let entity = StoredValue::new(conflict.entity.clone());
    let what = move || entity.with_value(|entity| about::document(app, entity));
    let opened = conflict.opened;
    let is_open = conflict.state == ConflictState::Open;
    let reopening = id.clone();
    let see = move || app.sheet.set(Some(Sheet::Conflict(id.clone())));
    let acts = if is_open {
        button(app, Text::QueueDecide, see).into_any()
    } else {
        view! {
            {button(app, Text::QueueShow, see)}
            {button(app, Text::ConflictReopen, move || {
                reopen(app, entity.get_value(), reopening.clone());
            })}
        }
        .into_any()
    };
    view! {
        <li>
            <div class="grow">
                <b>{what}</b> <small class="quiet">{move || time(app, opened)}</small>
            </div>
            <div class="acts">{acts}</div>
        </li>
    }
    .into_any()
}

/// Asks about it again; the document stays as it is meanwhile.
fn reopen(app: App, entity: Entity, id: DocumentId) {
    let draft = untrack(|| app.desk.seen(&entity)).step(entity, ConflictStep::Reopens(id));
    done_or_told(app, app.desk.write(draft));
}
