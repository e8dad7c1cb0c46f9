//! What the hub asks of the rest of the relay.

use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{Hello, Method, Pattern, Reply, RequestId, WireError};

use super::ConnectionId;

/// What this relay serves: who may come in, which topics there are, and the answers to requests.
pub trait Service {
    /// Who somebody is who says hello.
    ///
    /// # Errors
    /// A refusal for the client, when the relay does not let it in.
    fn sign_in(&self, hello: &Hello) -> Result<UserName, WireError>;

    /// Whether a user can subscribe to a topic or pattern.
    ///
    /// # Errors
    /// A refusal for the client, when the relay has no source for it or it is not the user's.
    fn admit(&self, user: &UserName, pattern: &Pattern) -> Result<(), WireError>;

    /// Answers a question, now or later. `ping` and `account` never come here: the connection
    /// knows them. It is called by the threads that write to connections, so it must not wait.
    fn answer(&self, question: Question<'_>) -> Answer;
}

/// What somebody asked once.
#[derive(Debug)]
pub struct Question<'a> {
    /// Where the answer is to go.
    pub asker: Asker,
    /// Who asks.
    pub user: &'a UserName,
    /// What.
    pub method: Method,
}

/// Where an answer is to go. The connection may be gone when it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asker {
    pub(super) shard: usize,
    pub(super) connection: ConnectionId,
    pub(super) request: RequestId,
}

/// What becomes of a question.
#[derive(Debug)]
pub enum Answer {
    /// This is the answer.
    Now(Result<Reply, WireError>),
    /// It will be given to [`Answers`](super::Answers).
    Later,
}
