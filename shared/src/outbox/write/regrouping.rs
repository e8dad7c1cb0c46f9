//! The queue under another name.

use std::collections::BTreeMap;

use super::enqueueing::number;
use super::{Numbering, Restored};
use crate::documents::{GroupId, Mutation, MutationId};
use crate::outbox::{Item, ItemState, KEPT_FROM, Meta};

/// All that is to be decided gets new numbers, in the old order; what a relay has lost comes
/// before that. What is decided moves out of the way of the new numbers.
pub(super) fn regroup(
    meta: &mut Meta,
    rows: BTreeMap<MutationId, Item>,
    to: &GroupId,
    restored: Option<&Restored>,
) -> (Vec<MutationId>, Vec<Item>) {
    meta.group = to.clone();
    meta.next = MutationId::NONE.next();
    meta.settled = MutationId::NONE;
    if let Some(restored) = restored {
        meta.epoch = Some(restored.epoch);
    }
    let removed = rows.keys().copied().collect();
    let mut kept_next =
        rows.range(KEPT_FROM..).next_back().map_or(KEPT_FROM, |(mid, _)| mid.next());
    let mut put = Vec::new();
    for (draft, stamp) in restored.iter().flat_map(|restored| &restored.documents) {
        put.push(number(meta, draft.clone(), *stamp, stamp.at));
    }
    for fate in [Fate::Again, Fate::Kept] {
        // What was kept before is older than what has a number of the queue.
        let oldest_first = rows.range(KEPT_FROM..).chain(rows.range(..KEPT_FROM));
        for (_, item) in oldest_first.filter(|(_, item)| fate_of(item, restored) == fate) {
            let Mutation { draft, stamp, owner, .. } = item.mutation.clone();
            if fate == Fate::Again {
                put.push(number(meta, draft, stamp, item.saved_at));
            } else if item.mid() >= KEPT_FROM {
                put.push(item.clone());
            } else {
                let mutation = Mutation::seal(draft, kept_next, owner, stamp);
                kept_next = kept_next.next();
                put.push(Item { mutation, ..item.clone() });
            }
        }
    }
    (removed, put)
}

/// Whether another tab was faster: with the same, or with sending something that the relay was not
/// asked about.
pub(super) fn is_overtaken(
    restored: &Restored,
    meta: &Meta,
    rows: &BTreeMap<MutationId, Item>,
) -> bool {
    let is_squared =
        restored.numbering == Numbering::NewEpoch && meta.epoch == Some(restored.epoch);
    let may_know = |item: &Item| {
        !item.is_saved() && !item.needs_user() && !item.is_everywhere(restored.confirmed)
    };
    is_squared || (restored.expected.is_none() && rows.values().any(may_know))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// To be decided, or decided again.
    Again,
    /// Decided.
    Kept,
    /// Everywhere, in the restored documents too; or it does nothing but use up a number.
    Gone,
}

fn fate_of(item: &Item, restored: Option<&Restored>) -> Fate {
    if item.is_withdrawn() {
        return Fate::Gone;
    }
    let ItemState::Decided { epoch, .. } = &item.state else { return Fate::Again };
    match restored {
        Some(restored) if item.is_everywhere(restored.confirmed) => Fate::Gone,
        Some(restored) if item.is_accepted() => {
            // Of numbers under an even older name nobody knows. Doing them again changes nothing
            // that is done already.
            match restored.expected.is_some_and(|expected| item.mid() < expected) {
                false => Fate::Again,
                true if *epoch == restored.epoch => Fate::Kept,
                true => Fate::Gone,
            }
        }
        _ => Fate::Kept,
    }
}
