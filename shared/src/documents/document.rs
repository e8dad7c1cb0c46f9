//! A document, and what it was before.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::{Digest, Entity, Field, GroupId, UserName, canonical_json};
use crate::clock::{Stamp, UnixMillis};
use crate::protocol::Sequence;

/// Longest canonical JSON of a document's body. A conflict holds a document three times and must
/// still fit a frame.
pub const DOCUMENT_BYTES_MAX: usize = 20 * 1024;

/// What is not the text of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a SHA-256 (64 hexadecimal digits)")]
pub struct InvalidDigest;

/// A document's fields. Prices and quantities in them are texts, never numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(pub BTreeMap<Field, Value>);

impl Body {
    /// A field's value.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// A field's text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }

    /// How long its canonical JSON is.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        canonical_json(self).len()
    }
}

impl FromIterator<(Field, Value)> for Body {
    fn from_iter<I: IntoIterator<Item = (Field, Value)>>(fields: I) -> Self {
        Body(fields.into_iter().collect())
    }
}

/// How often a document was changed: 1 when it was made. Zero stands for a document that is not
/// there (yet).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// Of a document that is not there.
    pub const NONE: Version = Version(0);

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Version {
        Version(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Who wrote something, and from which queue: the same user's two devices are two groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Author {
    /// Who.
    pub user: UserName,
    /// From where.
    pub group: GroupId,
}

/// A document as the relay has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub entity: Entity,
    /// How often it was changed.
    pub version: Version,
    /// The place of its newest change in its owner's document log.
    pub sequence: Sequence,
    /// When its newest change was written, by its author's hybrid clock.
    pub stamp: Stamp,
    /// Who made its newest change.
    pub author: Author,
    /// It was deleted; its body is empty. A deleted document keeps its version, so that a late
    /// write of it is recognised as one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Its fields.
    pub body: Body,
    /// Of its body.
    pub checksum: Digest,
}

impl Document {
    /// Whether the body is what the checksum says.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        Digest::of(&self.body) == self.checksum
    }
}

/// What a document was at one of its versions, and what was lost when it became so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The document then.
    pub document: Document,
    /// When the relay took it in.
    pub at: UnixMillis,
    /// The stamp as its author's clock had it, where it was too far ahead to be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Stamp>,
    /// Fields of a write that lost against another, as that write wanted them. Nothing that
    /// somebody wrote is gone: it can be read here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lost: BTreeMap<Field, Option<Value>>,
    /// Whose write it was that lost, when it was not the document's author's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_by: Option<Author>,
}
