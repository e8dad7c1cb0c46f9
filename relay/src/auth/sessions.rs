//! What the gate asks of whoever keeps sessions.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::WireError;

use super::Identity;

/// Sessions of accounts of the relay's own. Asked by the threads that write to connections too, so
/// nothing here may wait.
pub trait Sessions: fmt::Debug + Send + Sync {
    /// Whose session a request brings along in its cookie; `None` when it brings none.
    ///
    /// # Errors
    /// A refusal for the client, when the session has ended or the request may not use it.
    fn presented(&self, head: &Parts, now: UnixMillis) -> Result<Option<Arc<Identity>>, WireError>;

    /// The session of somebody who has come in by one, as it is now.
    ///
    /// # Errors
    /// A refusal for the client, when it has ended.
    fn renewed(&self, current: &Identity, now: UnixMillis) -> Result<Arc<Identity>, WireError>;
}
