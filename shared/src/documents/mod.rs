//! The user's own data: what a document is, how a write of it is put, and what becomes of it.
//!
//! | file | |
//! | --- | --- |
//! | [`name`] | users, collections, documents, fields, groups: checked names |
//! | [`canonical`] | one spelling per value, and its SHA-256 |
//! | [`document`] | a document, and what it was before |
//! | [`mutation`] | a write: what its author saw and what it should become |
//! | [`receipt`] | what became of a write |
//! | [`conflict`] | a write that needs its user |
//! | [`delta`] | news of a user's documents |
//! | [`shape`] | what the collections of this version contain |
//!
//! Every write says, field by field, what its author saw and what it wants instead. That is all
//! that a merge needs, however long the write was on its way, and also when it stands on writes
//! that are themselves still on their way.
//!
//! What must never be here: how writes are merged (that is [`merge`](crate::merge)'s), queued
//! ([`outbox`](crate::outbox)) or stored.

mod canonical;
mod conflict;
mod delta;
mod document;
mod mutation;
mod name;
mod receipt;
pub mod shape;

pub use canonical::{Digest, canonical_json};
pub use conflict::{Conflict, ConflictState, UnreadableConflict};
pub use delta::Delta;
pub use document::{Author, Body, DOCUMENT_BYTES_MAX, Document, InvalidDigest, Revision, Version};
pub use mutation::{
    Change, Changes, ConflictStep, Draft, Mutation, MutationId, MutationKind, SCHEMA,
    changes_between,
};
pub use name::{Collection, DocumentId, Entity, Field, GroupId, InvalidName, Tenant, UserName};
pub use receipt::{HistoryPage, Nack, Outcome, Push, Pushed, Receipt};
