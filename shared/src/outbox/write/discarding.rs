//! What the user takes back.

use std::collections::BTreeMap;

use super::enqueueing::enqueue;
use super::{Anew, WriteRefused};
use crate::documents::{
    Changes, Digest, Draft, Entity, Mutation, MutationId, MutationKind, Version,
};
use crate::outbox::{Item, ItemState, Meta};

/// The write becomes one that does nothing. It was never sent, so nobody knows its old hash.
pub(super) fn cancel(
    mut rows: BTreeMap<MutationId, Item>,
    mid: MutationId,
    hash: Digest,
) -> Result<Vec<Item>, WriteRefused> {
    let item = rows.remove(&mid).filter(|item| item.mutation.hash == hash);
    let item = item.ok_or(WriteRefused::Gone)?;
    if item.state != ItemState::Saved {
        return Err(WriteRefused::AlreadySent);
    }
    let later = rows.into_values().filter(|item| item.state == ItemState::Saved);
    let mut put = stand_on_what_it_stood_on(&item.mutation.draft, later);
    put.push(resealed(&item, nothing(&item.mutation.draft.entity)));
    Ok(put)
}

/// A write that does nothing.
pub(in crate::outbox) fn nothing(entity: &Entity) -> Draft {
    Draft {
        kind: MutationKind::Edit,
        entity: entity.clone(),
        base_version: Version::NONE,
        changes: Changes::new(),
        policy: None,
        valid_until: None,
        conflict: None,
    }
}

/// A failed write goes; what takes its place comes.
pub(super) fn discard(
    meta: &mut Meta,
    rows: &BTreeMap<MutationId, Item>,
    mid: MutationId,
    hash: Digest,
    anew: Option<&Anew>,
) -> Result<(Vec<MutationId>, Vec<Item>), WriteRefused> {
    let item = rows.get(&mid).filter(|item| item.mutation.hash == hash);
    if !item.ok_or(WriteRefused::Gone)?.needs_user() {
        return Err(WriteRefused::NotFailed);
    }
    let put = match anew {
        Some(anew) => enqueue(meta, std::slice::from_ref(&anew.draft), anew.now, anew.seen)?,
        None => Vec::new(),
    };
    Ok((vec![mid], put))
}

/// The next write of each field that the cancelled one would have changed saw what that one wanted.
/// Now it sees what that one saw; else the relay would find that somebody else had changed it.
fn stand_on_what_it_stood_on(cancelled: &Draft, later: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut open = cancelled.changes.clone();
    let mut put = Vec::new();
    for item in later.filter(|item| item.mutation.draft.entity == cancelled.entity) {
        let mut draft = item.mutation.draft.clone();
        draft.changes.retain(|field, change| {
            let Some(gone) = open.remove(field) else { return true };
            if change.from == gone.to {
                change.from = gone.from;
            }
            change.from != change.to
        });
        if draft.changes.is_empty()
            && draft.base_version == Version::NONE
            && draft.conflict.is_none()
        {
            // It deletes a document that will not be there.
            draft = nothing(&draft.entity);
        }
        if draft != item.mutation.draft {
            put.push(resealed(&item, draft));
        }
    }
    put
}

fn resealed(item: &Item, draft: Draft) -> Item {
    let old = &item.mutation;
    let mutation = Mutation::seal(draft, old.mid, old.owner.clone(), old.stamp);
    Item { mutation, saved_at: item.saved_at, state: ItemState::Saved }
}
