//! Which of the user's own things is open in the page's one dialog.

use tidemark_shared::documents::{DocumentId, Entity, MutationId};
use tidemark_shared::market::Symbol;

/// What is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// Who the user is.
    Account,
    /// A place to sign in, or in again.
    SignIn,
    /// Looking after the relay.
    Admin,
    /// The user's watchlists.
    Lists,
    /// The writes that are on their way or have failed.
    Queue,
    /// The text of a failed write.
    Failed(MutationId),
    /// All conflicts.
    Conflicts,
    /// One conflict.
    Conflict(DocumentId),
    /// What a document was before.
    History(Entity),
    /// An alert rule; absent for a new one.
    Rule(Symbol, Option<Entity>),
}
