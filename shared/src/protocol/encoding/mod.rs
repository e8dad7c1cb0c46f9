//! How a batch of messages becomes the bytes of one frame, and back.
//!
//! *JSON*: messages as JSON objects, one per line. *Binary*: each message with its length before
//! it; quotes and bars in a compact form of their own, everything else as JSON inside.
//! Messages are appended one by one, so that a frame can be put together from pieces that were
//! encoded once and are shared by all who get them.

mod binary;
mod json;

use std::collections::HashMap;

use thiserror::Error;

use super::{
    ClientMessage, Epoch, Event, FRAME_BYTES_MAX, FRAME_MESSAGES_MAX, ServerMessage, Topic,
};

/// How messages become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// One JSON object per line. WebSocket subprotocol `tidemark.v1.json`.
    Json,
    /// Length-prefixed messages, the frequent ones compact. Subprotocol `tidemark.v1.binary`.
    Binary,
}

/// Why bytes are no frame of messages.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The frame is over [`FRAME_BYTES_MAX`].
    #[error("a frame has at most {FRAME_BYTES_MAX} bytes, this one has {bytes}")]
    FrameTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The frame holds more than [`FRAME_MESSAGES_MAX`] messages.
    #[error("a frame has at most {FRAME_MESSAGES_MAX} messages")]
    TooManyMessages,
    /// A message is no JSON of the expected shape.
    #[error("message {index} of the frame is not as it should be: {reason}")]
    BadMessage {
        /// Which message of the frame, from 0.
        index: usize,
        /// What the parser says.
        reason: String,
    },
    /// A binary message ends before its fields do, or goes on after them.
    #[error("message {index} of the frame has the wrong length for its content")]
    WrongLength {
        /// Which message of the frame, from 0.
        index: usize,
    },
    /// A binary event names an alias that no `subscribed` has announced.
    #[error("no topic was announced for the alias {alias}")]
    UnknownAlias {
        /// Which.
        alias: u32,
    },
}

impl Encoding {
    /// The WebSocket subprotocol that asks for it.
    #[must_use]
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Encoding::Json => "tidemark.v1.json",
            Encoding::Binary => "tidemark.v1.binary",
        }
    }

    /// The encoding that a WebSocket subprotocol asks for.
    #[must_use]
    pub fn of_subprotocol(name: &str) -> Option<Self> {
        [Encoding::Binary, Encoding::Json].into_iter().find(|known| known.subprotocol() == name)
    }

    /// Appends one event to a batch. `alias` is what `subscribed` announced for its topic.
    pub fn append_event(self, event: &Event, alias: u32, batch: &mut Vec<u8>) {
        match self {
            Encoding::Json => json::append_event(event, batch),
            Encoding::Binary => binary::append_event(event, alias, batch),
        }
    }

    /// Appends one message to a batch. An event should rather go through [`Self::append_event`]:
    /// here it is written in the form that needs no alias.
    pub fn append_server(self, message: &ServerMessage, batch: &mut Vec<u8>) {
        match self {
            Encoding::Json => json::append_server(message, batch),
            Encoding::Binary => binary::append_json(batch, |out| json::append_server(message, out)),
        }
    }

    /// Appends one message to a batch.
    pub fn append_client(self, message: &ClientMessage, batch: &mut Vec<u8>) {
        match self {
            Encoding::Json => json::append_client(message, batch),
            Encoding::Binary => binary::append_json(batch, |out| json::append_client(message, out)),
        }
    }

    /// Reads a frame that a client sent.
    ///
    /// # Errors
    /// When the frame breaks a limit or holds anything but messages. Nothing of it is to be used.
    pub fn decode_client(self, frame: &[u8]) -> Result<Vec<ClientMessage>, DecodeError> {
        self.decode(frame, |index, piece| match piece {
            Piece::Json(text) => json::read_client(index, text),
            Piece::Event { .. } => Err(DecodeError::BadMessage {
                index,
                reason: "clients send no compact events".into(),
            }),
        })
    }

    /// Reads a frame that a relay sent. `aliases` learns from every `subscribed` and `reset` in it.
    ///
    /// # Errors
    /// When the frame breaks a limit or holds anything but messages. Nothing of it is to be used.
    pub fn decode_server(
        self,
        frame: &[u8],
        aliases: &mut AliasTable,
    ) -> Result<Vec<ServerMessage>, DecodeError> {
        self.decode(frame, |index, piece| {
            let message = match piece {
                Piece::Json(text) => json::read_server(index, text)?,
                Piece::Event { tag, body } => {
                    ServerMessage::Event(binary::read_event(index, tag, body, aliases)?)
                }
            };
            aliases.learn(&message);
            Ok(message)
        })
    }

    fn decode<M>(
        self,
        frame: &[u8],
        mut read: impl FnMut(usize, Piece<'_>) -> Result<M, DecodeError>,
    ) -> Result<Vec<M>, DecodeError> {
        if frame.len() > FRAME_BYTES_MAX {
            return Err(DecodeError::FrameTooLarge { bytes: frame.len() });
        }
        let mut messages = Vec::new();
        let mut rest = frame;
        for index in 0.. {
            let next = match self {
                Encoding::Json => json::next_piece(rest),
                Encoding::Binary => binary::next_piece(index, rest)?,
            };
            let Some((piece, after)) = next else { break };
            // Counted before it is read: a frame of newlines must cost nothing.
            if index >= FRAME_MESSAGES_MAX {
                return Err(DecodeError::TooManyMessages);
            }
            rest = after;
            if !matches!(piece, Piece::Json([])) {
                messages.push(read(index, piece)?);
            }
        }
        Ok(messages)
    }
}

/// One message of a frame, still encoded.
enum Piece<'a> {
    Json(&'a [u8]),
    Event { tag: u8, body: &'a [u8] },
}

/// Which topic, in which epoch, each alias of a connection stands for.
#[derive(Clone, Debug, Default)]
pub struct AliasTable {
    topics: HashMap<u32, (Topic, Epoch)>,
}

impl AliasTable {
    /// An empty table, for a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn learn(&mut self, message: &ServerMessage) {
        if let ServerMessage::Subscribed(told) | ServerMessage::Reset(told) = message {
            self.topics.insert(told.alias, (told.topic.clone(), told.position.epoch));
        }
    }

    fn topic(&self, alias: u32) -> Result<(Topic, Epoch), DecodeError> {
        self.topics.get(&alias).cloned().ok_or(DecodeError::UnknownAlias { alias })
    }
}

#[cfg(test)]
mod tests;
