//! A write that needs its user. It is a document of its own, so that every device tells the same
//! story, and that it outlives the device it began on.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Author, Body, Changes, Entity, Field, MutationKind, Version};
use crate::clock::{Stamp, UnixMillis};

/// The content of a document in the collection `conflicts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The document that two have changed.
    pub entity: Entity,
    /// What the write did.
    pub kind: MutationKind,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub stamp: Stamp,
    /// The version that its author saw.
    pub base_version: Version,
    /// What its author saw and wanted, of every field that the write touched.
    pub mine: Changes,
    /// The document that the write met; absent when it was deleted, or never there.
    pub theirs: Option<Body>,
    /// Its version.
    pub theirs_version: Version,
    /// Who had written it.
    pub theirs_author: Option<Author>,
    /// Where both have changed the same; empty when one has deleted what the other has edited.
    pub fields: Vec<Field>,
    /// When the relay saw it.
    pub opened: UnixMillis,
    /// Whether the user has decided.
    pub state: ConflictState,
    /// The version of the document that the decision made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_version: Option<Version>,
}

/// Whether the user has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictState {
    /// Not yet, or not any more.
    Open,
    /// Yes.
    Resolved,
}

/// A document of `conflicts` that is none.
#[derive(Debug, Error)]
#[error("this conflict cannot be read by this version: {0}")]
pub struct UnreadableConflict(serde_json::Error);

impl Conflict {
    /// As a document's body.
    #[must_use]
    pub fn to_body(&self) -> Body {
        let text = serde_json::to_string(self).expect("its keys are texts");
        serde_json::from_str(&text).expect("its names are fields' names")
    }

    /// From a document's body.
    ///
    /// # Errors
    /// When a newer version, or somebody else, has written it.
    pub fn of_body(body: &Body) -> Result<Self, UnreadableConflict> {
        // By way of text: reading from a `Value` would be a second copy of every deserializer.
        let text = serde_json::to_string(body).expect("its keys are texts");
        serde_json::from_str(&text).map_err(UnreadableConflict)
    }
}
