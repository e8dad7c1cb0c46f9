//! A write meets the document as it is now.
//!
//! # The decision table
//!
//! A write says of each field what its author saw (*from*) and what it should be (*to*). Beside it
//! stands what is there now (*now*).
//!
//! An edit of a document that is there, field by field:
//!
//! | | | becomes |
//! | --- | --- | --- |
//! | *to* = *from* | nothing is wanted of it | *now* |
//! | *to* = *now* | somebody has done it already | *now* |
//! | *now* = *from* | only the author wants something | *to* |
//! | all differ | an overlap | as the policy says |
//! | the author saw a later version than there is | there is no base that can be trusted | the user decides |
//!
//! A group of fields is one: changed on one side only, it becomes that side's; changed on both, it
//! is an overlap as a whole, and never a mixture. A write that touches a group should name all of
//! it, with *from* = *to* where it changes nothing. Of a field that it does not name nobody can
//! say what its author saw: it is taken as unchanged when the document is the version that the
//! author saw, or its newest change is the same queue's; else the user decides.
//!
//! When one field is the user's, the whole write is: a write is done as a whole or not at all.
//!
//! All else:
//!
//! | the write | the document | |
//! | --- | --- | --- |
//! | deletes | is as the author saw it, every field | it goes |
//! | deletes | has another field or value, or is older than what the author saw | the user decides |
//! | deletes | is not there | nothing |
//! | edits | was never there, or was deleted; the author knew that it is not there | it is made, of what the write wants |
//! | edits | was deleted; the author saw it | the user decides |
//! | edits | was never there; the author saw it | the user decides |
//! | only takes fields away | is not there | nothing |
//!
//! An author knew that a document is not there when no *from* has a value, and it saw no version
//! of it, or the deletion itself, or the deletion is the same queue's.
//!
//! A policy in the write itself is the user's own word. It goes before the collection's, and where
//! it needs no base (client wins, server wins, last write wins) it also settles what the table
//! leaves to the user.
//!
//! Whatever loses is named in [`Merged::Changed`], for the document's history.

use std::collections::BTreeMap;

use serde_json::Value;

use super::settle::{needs_no_base, settle};
use super::sum::{Meanwhile, Sum};
use super::units::{Unit, units};
use super::{CollectionRules, Contender, Overlap, Policy, Rules, Strategies};
use crate::documents::{Author, Body, Document, Draft, Field, Mutation, MutationKind, Version};

/// What comes of a write.
#[derive(Clone, Debug, PartialEq)]
pub enum Merged {
    /// The document is to be written.
    Changed {
        /// What it becomes. May be what it is, when all that the write wanted has lost: then this
        /// is for the history.
        becomes: State,
        /// Whether others had changed it since the author saw it.
        merged: bool,
        /// Values that lost by the rules; `None` for a field that should have gone. Empty when
        /// nothing was lost. When both sides have lost, these are the write's: the document's
        /// are in its last version.
        lost: BTreeMap<Field, Option<Value>>,
        /// Whose they are. Without meaning when nothing was lost.
        lost_by: Side,
    },
    /// All that the write wants is so already.
    Unchanged,
    /// The user has to decide. Nothing is to be written.
    Conflict {
        /// Where both have changed the same. Empty when one has deleted what the other has
        /// edited.
        fields: Vec<Field>,
    },
}

/// What a document becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// This.
    Body(Body),
    /// It is deleted.
    Deleted,
}

/// One of the two that have changed the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The write that comes in.
    Mine,
    /// The document that is there.
    Theirs,
}

/// Decides what comes of a write that `author` brings. `current` is the document as it is, also
/// when it is deleted; `None` when it was never there.
///
/// The write's stamp is believed: who stores it has pulled it back before, if need be. What comes
/// out is the write's author's, but as new as the newer of both: an old write of one field must not
/// make the document look older than another field is.
#[must_use]
pub fn apply(
    rules: &Rules,
    strategies: &Strategies,
    mutation: &Mutation,
    author: &Author,
    current: Option<&Document>,
) -> Merged {
    let draft = &mutation.draft;
    let mine = Contender { author, stamp: mutation.stamp };
    let write = Write { rules: rules.of(&draft.entity.collection), strategies, draft, mine };
    match (draft.kind, current) {
        (MutationKind::Edit, Some(there)) if !there.deleted => write.edit(there),
        (MutationKind::Edit, gone) => write.make(gone),
        (MutationKind::Delete, Some(there)) if !there.deleted => write.delete(there),
        (MutationKind::Delete, _) => Merged::Unchanged,
    }
}

/// A write and the rules for it.
struct Write<'a> {
    rules: &'a CollectionRules,
    strategies: &'a Strategies,
    draft: &'a Draft,
    mine: Contender<'a>,
}

impl Write<'_> {
    fn edit(&self, there: &Document) -> Merged {
        let units = units(self.rules, self.draft, &self.mine.author.group, there);
        let mut sum = Sum::of(there);
        for unit in units.iter().filter(|unit| unit.is_wanted()) {
            let has_base = self.draft.base_version <= there.version;
            if has_base && !unit.was_changed() {
                sum.take_mine(unit);
            } else {
                let policy = self.policy_for(unit, has_base);
                sum.settle(unit, settle(policy, self.strategies, &self.overlap(unit, there)));
            }
        }
        sum.merged(self.others_were_here(there))
    }

    fn make(&self, gone: Option<&Document>) -> Merged {
        let changes = &self.draft.changes;
        let wanted: Body = changes
            .iter()
            .filter_map(|(field, change)| Some((field.clone(), change.to.clone()?)))
            .collect();
        if wanted.0.is_empty() && !changes.is_empty() {
            return Merged::Unchanged;
        }
        let is_known_gone = self.draft.base_version == Version::NONE
            || gone.is_some_and(|gone| {
                self.draft.base_version == gone.version
                    || gone.author.group == self.mine.author.group
            });
        if is_known_gone && changes.values().all(|change| change.from.is_none()) {
            return changed(State::Body(wanted), Meanwhile::Nothing);
        }
        match self.winner(gone) {
            Some(Side::Mine) => changed(State::Body(wanted), Meanwhile::Changes),
            Some(Side::Theirs) if gone.is_some() => Merged::Changed {
                becomes: State::Deleted,
                merged: true,
                lost: wanted.0.into_iter().map(|(field, value)| (field, Some(value))).collect(),
                lost_by: Side::Mine,
            },
            _ => Merged::Conflict { fields: Vec::new() },
        }
    }

    fn delete(&self, there: &Document) -> Merged {
        let unseen = self.unseen_in(there);
        if unseen.is_empty() && self.draft.base_version <= there.version {
            return changed(State::Deleted, Meanwhile::Nothing);
        }
        match self.winner(Some(there)) {
            Some(Side::Mine) => Merged::Changed {
                becomes: State::Deleted,
                merged: true,
                lost: unseen,
                lost_by: Side::Theirs,
            },
            Some(Side::Theirs) => changed(State::Body(there.body.clone()), Meanwhile::Changes),
            None => Merged::Conflict { fields: Vec::new() },
        }
    }

    /// Who wins as a whole by the write's own policy; `None` when it does not say.
    fn winner(&self, there: Option<&Document>) -> Option<Side> {
        let is_later = || there.is_none_or(|there| self.mine.is_later_than(&contender(there)));
        match self.draft.policy.as_ref()? {
            Policy::ClientWins => Some(Side::Mine),
            Policy::ServerWins => Some(Side::Theirs),
            Policy::LastWriteWins => Some(if is_later() { Side::Mine } else { Side::Theirs }),
            _ => None,
        }
    }

    fn policy_for<'p>(&'p self, unit: &Unit<'p>, has_base: bool) -> &'p Policy {
        match &self.draft.policy {
            Some(policy) if has_base && !unit.is_in_doubt || needs_no_base(policy) => policy,
            None if has_base && !unit.is_in_doubt => unit.policy,
            _ => &Policy::Manual,
        }
    }

    fn overlap<'o>(&'o self, unit: &'o Unit<'_>, there: &'o Document) -> Overlap<'o> {
        Overlap {
            entity: &self.draft.entity,
            fields: &unit.fields,
            mine: self.mine,
            theirs: contender(there),
        }
    }

    /// What a document has that the write's author did not see in it, or saw otherwise.
    fn unseen_in(&self, there: &Document) -> BTreeMap<Field, Option<Value>> {
        let seen = |field| self.draft.changes.get(field).and_then(|change| change.from.as_ref());
        let fields = self.draft.changes.keys().chain(there.body.0.keys());
        fields
            .filter(|field| seen(*field) != there.body.0.get(*field))
            .map(|field| (field.clone(), there.body.0.get(field).cloned()))
            .collect()
    }

    fn others_were_here(&self, there: &Document) -> Meanwhile {
        let theirs =
            there.version > self.draft.base_version && there.author.group != self.mine.author.group;
        let mut changes = self.draft.changes.iter();
        if theirs || changes.any(|(field, change)| change.from.as_ref() != there.body.0.get(field))
        {
            Meanwhile::Changes
        } else {
            Meanwhile::Nothing
        }
    }
}

/// A change in which nothing was lost.
fn changed(becomes: State, meanwhile: Meanwhile) -> Merged {
    let merged = meanwhile == Meanwhile::Changes;
    Merged::Changed { becomes, merged, lost: BTreeMap::new(), lost_by: Side::Mine }
}

fn contender(there: &Document) -> Contender<'_> {
    Contender { author: &there.author, stamp: there.stamp }
}
