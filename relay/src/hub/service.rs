//! What the hub asks of the rest of the relay.

use tidemark_shared::protocol::{Method, Pattern, Reply, WireError};

/// What this relay serves: which topics there are, and the answers to requests.
pub trait Service {
    /// Whether a topic or pattern can be subscribed to.
    ///
    /// # Errors
    /// A refusal for the client, when the relay has no source for it.
    fn admit(&self, pattern: &Pattern) -> Result<(), WireError>;

    /// Answers a request. `ping` and `account` never come here: the connection knows them.
    ///
    /// # Errors
    /// A refusal for the client.
    fn answer(&self, method: &Method) -> Result<Reply, WireError>;
}
