//! What is asked of the merge.

use tidemark_shared::documents::{Author, Body, Collection, Document, Mutation, shape};
use tidemark_shared::merge::{self, Merged, Rules, Strategies};
use tidemark_shared::protocol::{ErrorCode, WireError};

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

/// The merge as the relay's operator has set it up.
#[derive(Debug, Default)]
pub struct MergeByRules {
    /// Which policy counts where.
    pub rules: Rules,
    /// Policies of the operator's own.
    pub strategies: Strategies,
}

impl Merging for MergeByRules {
    fn merge(&self, mutation: &Mutation, author: &Author, current: Option<&Document>) -> Merged {
        merge::apply(&self.rules, &self.strategies, mutation, author, current)
    }

    fn check(&self, collection: &Collection, body: &Body) -> Result<(), WireError> {
        shape::check(collection, body)
            .map_err(|error| WireError::new(ErrorCode::InvalidParameters, error.to_string()))
    }
}
