//! New writes: numbered, stamped, sealed, saved.

use std::collections::BTreeMap;

use serde::Serialize;

use super::WriteRefused;
use crate::clock::{HybridClock, Stamp, UnixMillis};
use crate::documents::{DOCUMENT_BYTES_MAX, Draft, Mutation, MutationId, canonical_json};
use crate::outbox::sending::PUSH_BYTES_MAX;
use crate::outbox::{Item, ItemState, Meta};

/// Most writes that wait for the relay. Weeks of offline work of a busy user are some thousands;
/// twice the ten thousand that must drain in seconds is where something else is wrong, and the
/// user must hear of it before the disk is full.
const WAITING_MAX: usize = 20_000;

pub(super) fn enqueue(
    meta: &mut Meta,
    drafts: &[Draft],
    now: UnixMillis,
    seen: Stamp,
) -> Result<Vec<Item>, WriteRefused> {
    let waiting = usize::try_from(meta.waiting()).unwrap_or(usize::MAX);
    if waiting.saturating_add(drafts.len()) > WAITING_MAX {
        return Err(WriteRefused::Full { count: waiting });
    }
    let mut clock = HybridClock::after(meta.stamp);
    clock.observe(seen, now);
    let mut items = Vec::with_capacity(drafts.len());
    for draft in drafts {
        check_size(draft)?;
        items.push(number(meta, draft.clone(), clock.tick(now), now));
    }
    meta.stamp = clock.last();
    let too_large = items.iter().map(|item| len_bytes(&item.mutation));
    match too_large.max() {
        Some(bytes) if bytes > PUSH_BYTES_MAX => {
            Err(WriteRefused::TooLarge { bytes, bytes_max: PUSH_BYTES_MAX })
        }
        _ => Ok(items),
    }
}

/// Gives a draft the queue's next number.
pub(super) fn number(meta: &mut Meta, draft: Draft, stamp: Stamp, saved_at: UnixMillis) -> Item {
    let mid = take_number(meta);
    let mutation = Mutation::seal(draft, mid, meta.user.clone(), stamp);
    Item { mutation, saved_at, state: ItemState::Saved }
}

/// How long a value's JSON is.
pub(in crate::outbox) fn len_bytes(value: &impl Serialize) -> usize {
    serde_json::to_string(value).expect("ours have text keys").len()
}

fn take_number(meta: &mut Meta) -> MutationId {
    let mid = meta.next;
    meta.next = mid.next();
    mid
}

/// What it writes must fit a document. Whether the whole document does, the relay checks: only it
/// knows what else is in there.
fn check_size(draft: &Draft) -> Result<(), WriteRefused> {
    let wanted =
        draft.changes.iter().filter_map(|(field, change)| Some((field, change.to.as_ref()?)));
    let bytes = canonical_json(&wanted.collect::<BTreeMap<_, _>>()).len();
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(WriteRefused::TooLarge { bytes, bytes_max: DOCUMENT_BYTES_MAX });
    }
    Ok(())
}
