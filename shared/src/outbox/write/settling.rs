//! The way of a write from this device to everywhere.

use std::collections::BTreeMap;

use crate::documents::{GroupId, MutationId, Receipt};
use crate::outbox::{Item, ItemState, Meta};
use crate::protocol::{Epoch, Position};

/// Rows that are about to be sent, or sent again.
pub(super) fn mark_sending(
    meta: &mut Meta,
    rows: BTreeMap<MutationId, Item>,
    epoch: Epoch,
) -> Vec<Item> {
    if *meta.epoch.get_or_insert(epoch) != epoch {
        return Vec::new();
    }
    let undecided = rows.into_values().filter(Item::is_undecided);
    undecided
        .map(|item| {
            let attempts = match item.state {
                ItemState::Sending { attempts } => attempts.saturating_add(1),
                _ => 1,
            };
            Item { state: ItemState::Sending { attempts }, ..item }
        })
        .collect()
}

/// Outcomes are kept, and the line up to which all have one moves on.
pub(super) fn decide(
    meta: &mut Meta,
    mut rows: BTreeMap<MutationId, Item>,
    group: &GroupId,
    epoch: Epoch,
    receipts: &[Receipt],
) -> Vec<Item> {
    if meta.group != *group {
        return Vec::new();
    }
    let mut put = Vec::new();
    for receipt in receipts {
        // An outcome never changes: a second answer says the same.
        let Some(item) = rows.get_mut(&receipt.mid).filter(|item| item.is_undecided()) else {
            continue;
        };
        item.state = ItemState::Decided { epoch, receipt: receipt.clone() };
        put.push(item.clone());
    }
    if put.is_empty() {
        return put;
    }
    meta.epoch.get_or_insert(epoch);
    while rows.get(&meta.settled.next()).is_some_and(|item| !item.is_undecided()) {
        meta.settled = meta.settled.next();
    }
    put
}

/// Which of these are everywhere.
pub(super) fn leave(
    rows: &BTreeMap<MutationId, Item>,
    mids: &[MutationId],
    position: Position,
) -> Vec<MutationId> {
    let is_everywhere =
        |mid: &&MutationId| rows.get(mid).is_some_and(|item| item.is_everywhere(Some(position)));
    mids.iter().filter(is_everywhere).copied().collect()
}
