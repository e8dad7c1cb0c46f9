//! What users were told is saved, on which device, and what they did with it since.

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::clock::Stamp;
use tidemark_shared::documents::{Digest, Draft, Entity, Mutation, MutationId, MutationKind};
use tidemark_shared::outbox::{Done, Item, Write};

use super::Seen;
use crate::week::mark::{Mark, marks_in};

/// A write, by what it wants and when it was written: under whichever number it is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    stamp: Stamp,
    entity: Entity,
    wants: Digest,
}

/// What its user did with a write since it was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing.
    Stands,
    /// It was taken back before it was sent.
    Cancelled,
    /// It was given up after it had failed, or was written anew.
    Discarded,
}

/// A write that a user was told is saved.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) draft: Draft,
    /// On which devices: a copied profile has a copy of it.
    pub(super) fates: BTreeMap<usize, Fate>,
    pub(super) was_decided: bool,
    /// How often a device has sent it again, because a restored relay may have lost it.
    resent: usize,
}

/// All that was ever saved.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) saved: BTreeMap<Identity, Saved>,
    rows: BTreeMap<(usize, MutationId), Identity>,
}

impl Identity {
    pub(super) fn of(mutation: &Mutation) -> Self {
        let Draft { kind, entity, changes, conflict, .. } = &mutation.draft;
        let wanted: BTreeMap<_, _> =
            changes.iter().map(|(field, change)| (field, &change.to)).collect();
        let wants = Digest::of(&(kind, conflict, wanted));
        Identity { stamp: mutation.stamp, entity: entity.clone(), wants }
    }
}

impl Saved {
    /// On how many devices it may still be done.
    pub(super) fn copies(&self) -> usize {
        self.resent + self.fates.values().filter(|fate| **fate != Fate::Cancelled).count()
    }

    /// Whether some user still wants to find it somewhere.
    pub(super) fn stands(&self) -> bool {
        self.fates.values().any(|fate| *fate == Fate::Stands)
    }

    /// Whether some user has given it up, or taken a mark away that it saw.
    pub(super) fn gives_up(&self, mark: Mark) -> bool {
        let is_given_up = self.fates.values().any(|fate| *fate != Fate::Stands);
        takes_away(&self.draft, mark) || (is_given_up && brings(&self.draft, mark))
    }

    pub(super) fn does_something(&self) -> bool {
        !self.draft.changes.is_empty() || self.draft.conflict.is_some()
    }
}

impl Ledger {
    /// A device's rows were changed. Tells what is wrong with that.
    pub(super) fn rows_changed(
        &mut self,
        device: usize,
        write: &Write,
        done: &Done,
        seen: &mut Seen,
    ) -> Vec<String> {
        let mut alarms = Vec::new();
        let (taken_back, fate) = match write {
            Write::Cancel { mid, .. } => (Some(*mid), Fate::Cancelled),
            Write::Discard { mid, .. } => (Some(*mid), Fate::Discarded),
            _ => (None, Fate::Stands),
        };
        match fate {
            Fate::Cancelled => seen.cancelled += 1,
            Fate::Discarded => seen.discarded += 1,
            Fate::Stands => {}
        }
        if let Some(identity) = taken_back.and_then(|mid| self.rows.get(&(device, mid)))
            && let Some(saved) = self.saved.get_mut(identity)
        {
            saved.fates.insert(device, fate);
        }
        let gone: Vec<Identity> =
            done.removed.iter().filter_map(|mid| self.rows.remove(&(device, *mid))).collect();
        for item in &done.put {
            let identity = Identity::of(&item.mutation);
            let before = self.rows.insert((device, item.mid()), identity.clone());
            if let Some(before) = before.filter(|before| *before != identity)
                && let Some(saved) = self.saved.get_mut(&before)
            {
                // What did nothing but undo a write that was taken back is taken back with it.
                saved.fates.insert(device, Fate::Cancelled);
                if fate != Fate::Cancelled {
                    alarms.push(format!("device {device} put {item:?} in place of {before:?}"));
                }
            }
            self.put(device, identity, item, fate, seen);
        }
        if let Write::Regroup { restored: Some(restored), .. } = write {
            let sent = done.put.iter().map(|item| &item.mutation);
            let is_restored = |mutation: &&Mutation| {
                restored.documents.iter().any(|(draft, _)| *draft == mutation.draft)
            };
            for mutation in sent.filter(is_restored) {
                if let Some(saved) = self.saved.get_mut(&Identity::of(mutation)) {
                    saved.resent += 1;
                }
            }
        }
        let kept: BTreeSet<Identity> =
            done.put.iter().map(|item| Identity::of(&item.mutation)).collect();
        for identity in gone.iter().filter(|identity| !kept.contains(identity)) {
            let Some(saved) = self.saved.get(identity) else { continue };
            let stands = saved.fates.get(&device) == Some(&Fate::Stands);
            if stands && saved.does_something() && !saved.was_decided {
                alarms.push(format!("device {device} dropped an undecided write: {identity:?}"));
            }
        }
        alarms
    }

    /// A device is a copy of another one from now on.
    pub(super) fn cloned(&mut self, from: usize, to: usize) {
        for saved in self.saved.values_mut() {
            if let Some(fate) = saved.fates.get(&from).copied() {
                saved.fates.insert(to, fate);
            }
        }
        let rows = self.rows.iter().filter(|((device, _), _)| *device == from);
        let copied: Vec<_> =
            rows.map(|((_, mid), identity)| ((to, *mid), identity.clone())).collect();
        self.rows.extend(copied);
    }

    /// The relay has decided.
    pub(super) fn decided(&mut self, mutation: &Mutation) {
        if let Some(saved) = self.saved.get_mut(&Identity::of(mutation)) {
            saved.was_decided = true;
        }
    }

    /// What writes want that are in some queue.
    pub(super) fn marks_in_queues(&self) -> BTreeSet<Mark> {
        let queued: BTreeSet<&Identity> = self.rows.values().collect();
        let saved = queued.into_iter().filter_map(|identity| self.saved.get(identity));
        saved.flat_map(|saved| wanted(&saved.draft)).collect()
    }

    fn put(&mut self, device: usize, identity: Identity, item: &Item, fate: Fate, seen: &mut Seen) {
        let fresh = || Saved {
            draft: item.mutation.draft.clone(),
            fates: BTreeMap::new(),
            was_decided: false,
            resent: 0,
        };
        let saved = self.saved.entry(identity).or_insert_with(fresh);
        if fate == Fate::Cancelled {
            // A later write stands on something else when an earlier one was taken back.
            saved.draft = item.mutation.draft.clone();
        }
        saved.fates.entry(device).or_insert_with(|| {
            seen.saved += u64::from(!item.is_withdrawn());
            Fate::Stands
        });
    }
}

/// All marks that a write wants to be there afterwards.
pub(super) fn wanted(draft: &Draft) -> BTreeSet<Mark> {
    draft.changes.values().flat_map(|change| marks_in(change.to.as_ref())).collect()
}

/// All marks that its author saw.
pub(super) fn seen_by(draft: &Draft) -> BTreeSet<Mark> {
    draft.changes.values().flat_map(|change| marks_in(change.from.as_ref())).collect()
}

/// Whether a write brings a mark to where its author did not see it.
pub(super) fn brings(draft: &Draft, mark: Mark) -> bool {
    wanted(draft).contains(&mark) && !seen_by(draft).contains(&mark)
}

/// Whether a write takes a mark away that its author saw.
pub(super) fn takes_away(draft: &Draft, mark: Mark) -> bool {
    let is_wanted = draft.kind == MutationKind::Edit && wanted(draft).contains(&mark);
    seen_by(draft).contains(&mark) && !is_wanted
}
