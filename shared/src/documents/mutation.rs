//! A write: what its author saw and what it should become.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Body, Digest, DocumentId, Entity, Field, UserName, Version};
use crate::clock::{Stamp, UnixMillis};
use crate::merge::Policy;

/// The shape of mutations that this version writes.
pub const SCHEMA: u32 = 1;

/// The number of a mutation in its group: without holes, from 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MutationId(pub u64);

impl MutationId {
    /// The place before the first one.
    pub const NONE: MutationId = MutationId(0);

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> MutationId {
        MutationId(self.0.saturating_add(1))
    }
}

impl fmt::Display for MutationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MutationKind {
    /// Fields change. The document is made when it is not there.
    Edit,
    /// It goes away, as it was seen: its changes name every field.
    Delete,
}

/// What becomes of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What the author saw; absent when the field was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What it should be; absent to take the field away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// What becomes of each field that a write touches.
pub type Changes = BTreeMap<Field, Change>;

/// The changes that make one body another.
#[must_use]
pub fn changes_between(from: &Body, to: &Body) -> Changes {
    let fields = from.0.keys().chain(to.0.keys());
    fields
        .filter_map(|field| {
            let (from, to) = (from.0.get(field).cloned(), to.0.get(field).cloned());
            (from != to).then(|| (field.clone(), Change { from, to }))
        })
        .collect()
}

/// What a write does to a conflict, in the same step as to its document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictStep {
    /// The user has decided.
    Resolves(DocumentId),
    /// The user has taken the decision back.
    Reopens(DocumentId),
}

/// A write that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What is done.
    pub kind: MutationKind,
    /// To which document.
    pub entity: Entity,
    /// The confirmed version that its author saw, [`Version::NONE`] for none.
    pub base_version: Version,
    /// Field by field.
    pub changes: Changes,
    /// How overlaps are to be settled, where the user has said so; else the collection's rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// After this time, by the relay's clock, it is not to be done any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<UnixMillis>,
    /// What becomes of a conflict with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictStep>,
}

/// A write, numbered and sealed. It is never changed after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutation {
    /// Its number in its group.
    pub mid: MutationId,
    /// The shape it is written in.
    pub schema: u32,
    /// Whose document it is.
    pub owner: UserName,
    /// When it was written.
    pub stamp: Stamp,
    /// What it does.
    pub draft: Draft,
    /// Of all the rest. Another mutation under the same number has another hash, and so a cloned
    /// queue is recognised.
    pub hash: Digest,
}

impl Mutation {
    /// Numbers and seals a draft.
    #[must_use]
    pub fn seal(draft: Draft, mid: MutationId, owner: UserName, stamp: Stamp) -> Self {
        let hash = hash_of(mid, SCHEMA, &owner, stamp, &draft);
        Mutation { mid, schema: SCHEMA, owner, stamp, draft, hash }
    }

    /// Whether it is what its hash says.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.hash == hash_of(self.mid, self.schema, &self.owner, self.stamp, &self.draft)
    }
}

#[derive(Serialize)]
struct Hashed<'a> {
    mid: MutationId,
    schema: u32,
    owner: &'a UserName,
    stamp: Stamp,
    draft: &'a Draft,
}

fn hash_of(mid: MutationId, schema: u32, owner: &UserName, stamp: Stamp, draft: &Draft) -> Digest {
    Digest::of(&Hashed { mid, schema, owner, stamp, draft })
}
