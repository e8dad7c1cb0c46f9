//! What is asked of the merge, and what it answers.

use std::collections::BTreeMap;

use serde_json::Value;
use tidemark_shared::documents::{Author, Body, Collection, Document, Field, Mutation};
use tidemark_shared::protocol::WireError;

/// The part of the work that knows what documents mean. Pure: the same questions get the same
/// answers.
pub trait Merging: Send + Sync + 'static {
    /// What becomes of a document with a write.
    fn merge(&self, mutation: &Mutation, author: &Author, current: Option<&Document>) -> Merged;

    /// Whether a body may be stored in a collection.
    ///
    /// # Errors
    /// What is wrong with it, for its author.
    fn check(&self, collection: &Collection, body: &Body) -> Result<(), WireError>;
}

/// What becomes of a document with a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It changes.
    Changed {
        /// What it becomes; absent when it is deleted.
        body: Option<Body>,
        /// Whether others had changed it since the write's author saw it.
        with_others: bool,
        /// What did not make it into the body.
        lost: Option<Lost>,
    },
    /// It is so already.
    Unchanged,
    /// The user has to decide.
    Conflict {
        /// Where both have changed the same; empty when one has deleted what the other has edited.
        fields: Vec<Field>,
    },
}

/// What lost in a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Fields of the write that was merged, as it wanted them.
    Mine(BTreeMap<Field, Option<Value>>),
    /// Fields of the document, as they were.
    Theirs(BTreeMap<Field, Option<Value>>),
}
