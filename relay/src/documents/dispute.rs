//! Writes that need their user: documents of the collection `conflicts`, which only the relay
//! writes, so that all devices see the same inbox.

use std::collections::BTreeMap;

use tidemark_shared::documents::{
    Author, Changes, Collection, Conflict, ConflictState, ConflictStep, Document, DocumentId,
    Draft, Entity, Field, Mutation, Version,
};
use tidemark_shared::merge::State;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::engine::Refusal;
use super::ledger::{Ledger, News, Prepared};
use super::merging::Merging;
use super::shelf::Shelf;
use super::step::Step;
use crate::store::{Read, Store, StoreError};

/// Puts a write before its user: as a conflict of its own, or, where it goes on from a write that
/// is before the user already, as part of that one.
pub(super) fn open_or_extend<S: Store, M: Merging>(
    step: &Step<'_, M>,
    ledger: &mut Ledger<'_, '_, S>,
    current: Option<&Document>,
    fields: &[Field],
) -> Result<DocumentId, Refusal> {
    let entity = &step.mutation.draft.entity;
    let mut open = ledger.shelf().open_conflicts(step.group, entity)?;
    let (document, id, conflict) = match chained(step, ledger, &open)? {
        Some((document, earlier)) => {
            let id = document.entity.id.clone();
            (Some(document), id, extended(earlier, step.mutation, current, fields))
        }
        None => {
            let id = format!("{}-{}", step.group, step.mutation.mid);
            let id: DocumentId = id.parse().expect("hexadecimal digits, a hyphen and a number");
            (None, id, fresh(step, current, fields))
        }
    };
    let prepared = prepare(step, ledger, document.as_ref(), &id, &conflict)?;
    ledger.write(prepared)?;
    if !open.contains(&id) {
        open.push(id.clone());
        ledger.put_open_conflicts(step.group, entity, &open);
    }
    Ok(id)
}

/// What a write does to a conflict beside its own document.
pub(super) struct Settlement {
    document: Document,
    conflict: Conflict,
    is_open_after: bool,
}

/// A conflict's next state, checked, not written yet.
pub(super) struct Settled {
    conflict: Conflict,
    prepared: Prepared,
}

impl Settlement {
    /// What a draft wants of a conflict; nothing where the conflict is so already: somebody else
    /// was faster, and the write itself is an ordinary one.
    pub(super) fn of<R: Read>(
        draft: &Draft,
        shelf: &Shelf<'_, R>,
    ) -> Result<Option<Settlement>, Refusal> {
        let (id, is_open_after) = match &draft.conflict {
            None => return Ok(None),
            Some(ConflictStep::Resolves(id)) => (id, false),
            Some(ConflictStep::Reopens(id)) => (id, true),
        };
        let refuse = |code, message: &str| Refusal::from(WireError::new(code, message));
        let entity = Entity::new(Collection::conflicts(), id.clone());
        let missing = "there is no such conflict; nothing was changed";
        let document =
            shelf.document(&entity)?.ok_or_else(|| refuse(ErrorCode::NotFound, missing))?;
        let conflict = Conflict::of_body(&document.body)
            .map_err(|error| refuse(ErrorCode::Internal, &error.to_string()))?;
        if conflict.entity != draft.entity {
            let message = "the conflict is about another document; nothing was changed";
            return Err(refuse(ErrorCode::InvalidParameters, message));
        }
        let is_open = conflict.state == ConflictState::Open;
        let is_new = is_open != is_open_after;
        Ok(is_new.then_some(Settlement { document, conflict, is_open_after }))
    }

    /// The conflict's next state. `version` is what the decision made of the disputed document.
    pub(super) fn prepare<S: Store, M: Merging>(
        self,
        step: &Step<'_, M>,
        ledger: &Ledger<'_, '_, S>,
        version: Version,
    ) -> Result<Settled, Refusal> {
        let Settlement { document, mut conflict, is_open_after } = self;
        (conflict.state, conflict.resolved_version) = match is_open_after {
            true => (ConflictState::Open, None),
            false => (ConflictState::Resolved, Some(version)),
        };
        let id = document.entity.id.clone();
        let prepared = prepare(step, ledger, Some(&document), &id, &conflict)?;
        Ok(Settled { conflict, prepared })
    }

    /// Both at once.
    pub(super) fn write<S: Store, M: Merging>(
        self,
        step: &Step<'_, M>,
        ledger: &mut Ledger<'_, '_, S>,
        version: Version,
    ) -> Result<(), Refusal> {
        let settled = self.prepare(step, ledger, version)?;
        Ok(settled.write(ledger)?)
    }
}

impl Settled {
    pub(super) fn write<S: Store>(self, ledger: &mut Ledger<'_, '_, S>) -> Result<(), StoreError> {
        let Settled { conflict, prepared } = self;
        let Author { group, .. } = &conflict.author;
        let mut open = ledger.shelf().open_conflicts(group, &conflict.entity)?;
        let id = prepared.entity().id.clone();
        open.retain(|other| *other != id);
        if conflict.state == ConflictState::Open {
            open.push(id);
        }
        ledger.put_open_conflicts(group, &conflict.entity, &open);
        ledger.write(prepared).map(drop)
    }
}

/// The newest open conflict of the group that the write goes on from: what it saw is what that one
/// wants. A write that settles a conflict goes on from what is there, not from what was wanted.
fn chained<S: Store, M: Merging>(
    step: &Step<'_, M>,
    ledger: &Ledger<'_, '_, S>,
    open: &[DocumentId],
) -> Result<Option<(Document, Conflict)>, StoreError> {
    if step.mutation.draft.conflict.is_some() {
        return Ok(None);
    }
    for id in open.iter().rev() {
        let entity = Entity::new(Collection::conflicts(), id.clone());
        let Some(document) = ledger.shelf().document(&entity)? else { continue };
        let Ok(conflict) = Conflict::of_body(&document.body) else { continue };
        if goes_on(&conflict.mine, &step.mutation.draft.changes) {
            return Ok(Some((document, conflict)));
        }
    }
    Ok(None)
}

/// Whether later changes go on from earlier ones: they have fields in common, and in each of them
/// begin where the earlier ones end.
fn goes_on(earlier: &Changes, later: &Changes) -> bool {
    let mut common = later
        .iter()
        .filter_map(|(field, later)| Some((earlier.get(field)?, later)))
        .map(|(earlier, later)| earlier.to == later.from)
        .peekable();
    common.peek().is_some() && common.all(|fits| fits)
}

fn fresh<M: Merging>(step: &Step<'_, M>, current: Option<&Document>, fields: &[Field]) -> Conflict {
    let draft = &step.mutation.draft;
    let mut conflict = Conflict {
        entity: draft.entity.clone(),
        kind: draft.kind,
        author: step.author(),
        stamp: step.stamp(),
        base_version: draft.base_version,
        mine: draft.changes.clone(),
        theirs: None,
        theirs_version: Version::NONE,
        theirs_author: None,
        fields: fields.to_vec(),
        opened: step.now,
        state: ConflictState::Open,
        resolved_version: None,
    };
    note_theirs(&mut conflict, current);
    conflict
}

/// One conflict of two writes of a chain: from what the first one saw to what the last one wants.
fn extended(
    mut conflict: Conflict,
    mutation: &Mutation,
    current: Option<&Document>,
    fields: &[Field],
) -> Conflict {
    for (field, change) in &mutation.draft.changes {
        let mine = conflict.mine.entry(field.clone()).or_insert_with(|| change.clone());
        mine.to.clone_from(&change.to);
    }
    conflict.kind = mutation.draft.kind;
    conflict.fields.extend_from_slice(fields);
    conflict.fields.sort_unstable();
    conflict.fields.dedup();
    note_theirs(&mut conflict, current);
    conflict
}

/// Notes what the write met.
fn note_theirs(conflict: &mut Conflict, current: Option<&Document>) {
    let there = current.filter(|current| !current.deleted);
    conflict.theirs = there.map(|there| there.body.clone());
    conflict.theirs_version = current.map_or(Version::NONE, |current| current.version);
    conflict.theirs_author = current.map(|current| current.author.clone());
}

fn prepare<S: Store, M: Merging>(
    step: &Step<'_, M>,
    ledger: &Ledger<'_, '_, S>,
    document: Option<&Document>,
    id: &DocumentId,
    conflict: &Conflict,
) -> Result<Prepared, Refusal> {
    let entity = Entity::new(Collection::conflicts(), id.clone());
    let becomes = State::Body(conflict.to_body());
    let (stamp, author) = (step.stamp(), step.author());
    let (claimed, lost) = (step.claimed(), BTreeMap::new());
    let news = News { becomes, stamp, author, claimed, lost, lost_by: None };
    ledger.prepare(&entity, document, news, step.now)
}
