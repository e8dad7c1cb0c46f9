//! What the hub asks of the rest of the relay.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Hello, Method, Pattern, Reply, RequestId, WireError};

use super::ConnectionId;
use crate::auth::Identity;

/// What this relay serves: who may come in, which topics there are, and the answers to requests.
/// Called by the threads that write to connections, so nothing here may wait.
pub trait Service {
    /// Who somebody is who says hello.
    ///
    /// # Errors
    /// A refusal for the client, when the relay does not let it in.
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError>;

    /// With which newer sign-in a connection goes on: a token's, or, without one, its session's as
    /// that is now. It must be the same user's.
    ///
    /// # Errors
    /// A refusal for the client; the connection goes on with what it had, to its end.
    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError>;

    /// How late prices are for somebody who may not see them as they come.
    fn delay(&self, identity: &Identity) -> Option<Duration>;

    /// Whether somebody can subscribe to a topic or pattern.
    ///
    /// # Errors
    /// A refusal for the client, when the relay has no source for it or it is not theirs.
    fn admit(&self, identity: &Identity, pattern: &Pattern) -> Result<(), WireError>;

    /// Answers a question, now or later. `ping` and `account` never come here: the connection
    /// knows them.
    fn answer(&self, question: Question<'_>) -> Answer;
}

/// What is known of a connection before anything was said on it.
#[derive(Clone, Debug, Default)]
pub struct Newcomer {
    /// Who has signed in by the request that opened it.
    pub presented: Option<Arc<Identity>>,
    /// Where it comes from: the other end's address, or the one that a trusted proxy names.
    pub address: Option<IpAddr>,
}

/// What somebody asked once.
#[derive(Debug)]
pub struct Question<'a> {
    /// Where the answer is to go.
    pub asker: Asker,
    /// Who asks.
    pub identity: &'a Identity,
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
