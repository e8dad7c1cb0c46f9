//! What is asked of a shard's thread.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{CloseCode, Encoding, Reply, WireError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::hub::shard::Revoked;
use crate::hub::{
    Asker, ConnectionId, ConnectionInfo, Newcomer, ShardReport, WindowFile, WindowFileError,
};
use crate::log::{Alias, Numbered};
use crate::serve::Place;

/// What is asked of a shard's thread.
#[derive(Debug)]
pub(in crate::hub) enum Command {
    Append(Arc<[Arc<Numbered>]>),
    Touch(Arc<[Alias]>, UnixMillis),
    Adopt(Adopted),
    OpenStream {
        first: Bytes,
        newcomer: Newcomer,
        reply: oneshot::Sender<(SessionId, StreamBody)>,
    },
    OpenPoll {
        first: Bytes,
        newcomer: Newcomer,
        place: Option<Place>,
        hanging: oneshot::Sender<Result<Bytes, PollError>>,
        reply: oneshot::Sender<SessionId>,
    },
    Poll {
        session: SessionId,
        reply: oneshot::Sender<Result<Bytes, PollError>>,
    },
    Send {
        session: SessionId,
        frame: Bytes,
        reply: oneshot::Sender<Result<(), SendError>>,
    },
    /// The answer to a question of one of its connections.
    Answer {
        asker: Asker,
        outcome: Box<Result<Reply, WireError>>,
    },
    Report {
        reply: oneshot::Sender<ShardReport>,
    },
    /// The connections, for an operator.
    List {
        reply: oneshot::Sender<Vec<ConnectionInfo>>,
    },
    /// Closes one because the operator says so.
    SendAway {
        id: ConnectionId,
        reply: oneshot::Sender<bool>,
    },
    /// Ends those whose sign-in does not count any more.
    Revoke {
        revoked: Revoked,
        reply: oneshot::Sender<usize>,
    },
    Drain {
        jitter: Duration,
        save: Option<WindowFile>,
        reply: oneshot::Sender<Result<usize, WindowFileError>>,
    },
}

/// A WebSocket whose handshake is done.
#[derive(Debug)]
pub struct Adopted {
    /// Its socket, non-blocking, registered nowhere.
    pub socket: std::net::TcpStream,
    /// The TLS session over it, where there is one.
    pub seal: Option<Box<rustls::ServerConnection>>,
    /// Bytes that came right behind the handshake.
    pub read_ahead: Bytes,
    /// The encoding that was agreed on.
    pub encoding: Encoding,
    /// What is known of who opened it.
    pub newcomer: Newcomer,
    /// Dropped when the connection ends: whoever counts connections waits for it.
    pub ended: Option<oneshot::Sender<()>>,
}

/// The body of an event stream. Dropping it ends the session.
#[derive(Debug)]
pub struct StreamBody {
    pub(super) frames: mpsc::Receiver<Bytes>,
    /// What was still owed when the session ended; none once it was given.
    pub(super) last_words: Option<watch::Receiver<Bytes>>,
}

impl StreamBody {
    /// What comes next; `None` at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.frames.recv().await {
            return Some(frame);
        }
        let last_words = self.last_words.take()?.borrow().clone();
        (!last_words.is_empty()).then_some(last_words)
    }
}

/// Names a session of SSE or polling. Unguessable, because knowing it is all that it takes to
/// speak for the client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    pub(super) fn random(shard: usize) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        Ok(SessionId(format!("{shard}-{:032x}", u128::from_be_bytes(secret))))
    }

    pub(super) fn shard(&self) -> Option<usize> {
        self.0.split_once('-')?.0.parse().ok()
    }

    /// Its text, for the header `Tidemark-Session`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a session's name")]
pub struct InvalidSessionId;

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let allowed = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        if text.len() > 48 || !text.bytes().all(allowed) {
            return Err(InvalidSessionId);
        }
        Ok(SessionId(text.to_owned()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a poll has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PollError {
    /// The session has ended, or never was.
    #[error("no such session (any more): say hello again")]
    UnknownSession,
    /// Another poll of the same session has taken over.
    #[error("another poll of this session has come")]
    Superseded,
    /// The relay closed the session; its last words are in the body before.
    #[error("{reason}")]
    Closed {
        /// A [`CloseCode`]'s number.
        code: u16,
        /// Why.
        reason: String,
    },
    /// The relay is stopping.
    #[error("the relay is stopping")]
    Stopped,
}

impl PollError {
    /// The close code that says the same on a WebSocket.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            PollError::UnknownSession | PollError::Superseded => CloseCode::UnknownSession.number(),
            PollError::Closed { code, .. } => *code,
            PollError::Stopped => CloseCode::GoingAway.number(),
        }
    }
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The session has ended, or never was.
    #[error("no such session (any more): say hello again")]
    UnknownSession,
    /// The relay is stopping.
    #[error("the relay is stopping")]
    Stopped,
}
