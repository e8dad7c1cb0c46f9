//! Where a connection's bytes go, and the form they take on each transport.

use serde::Serialize;
use tidemark_shared::protocol::{Encoding, ServerMessage};

/// Room for the longest WebSocket header of a frame that nobody masks.
const HEADROOM_BYTES: usize = 10;

/// The transports, as statistics name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// One WebSocket.
    WebSocket,
    /// Server-Sent Events.
    Sse,
    /// Long polling.
    Poll,
}

/// Where a connection's bytes go. It takes what fits at once and never waits.
pub trait Outlet {
    /// Writes what fits.
    fn try_write(&mut self, bytes: &[u8]) -> Written;

    /// Nothing more will be written: close with this code and reason, as far as there is room to
    /// say them.
    fn finish(&mut self, code: u16, reason: &str, last_frame: LastFrame);

    /// The reader has not asked yet, or is slow: these frames are what it gets after the end.
    /// Transports that cannot keep them leave it.
    fn leave_behind(&mut self, _last_words: Vec<Vec<u8>>) {}

    /// Which transport it is.
    fn kind(&self) -> TransportKind;
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// So many bytes were taken.
    Bytes(usize),
    /// All were taken, but not all of them have left: try again when there is room.
    Held,
    /// The reader is slow: try again when there is room.
    Full,
    /// The reader has not asked (it polls): try again when it does.
    NotAsked,
    /// The reader is gone.
    Gone,
}

/// What the bytes that were written end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastFrame {
    /// A whole frame.
    Whole,
    /// A part of one. What follows on the same wire would be read as the rest of it.
    Cut,
}

/// The form that a batch takes on its transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A WebSocket frame, text or binary as the encoding is.
    WebSocket(Encoding),
    /// An event of `text/event-stream`, one `data:` line per message.
    EventStream,
    /// The body of an answer, as it is.
    Body,
}

impl Framing {
    /// The encoding of the messages in it.
    #[must_use]
    pub const fn encoding(self) -> Encoding {
        match self {
            Framing::WebSocket(encoding) => encoding,
            Framing::EventStream | Framing::Body => Encoding::Json,
        }
    }
}

/// A batch under construction. Its buffer is used again for every batch of a shard.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Headroom, then the messages.
    bytes: Vec<u8>,
    /// The messages once more, where the framing goes between them.
    framed: Vec<u8>,
    messages: usize,
    /// It holds something that is meant for one connection alone.
    is_personal: bool,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(HEADROOM_BYTES, 0);
        self.messages = 0;
        self.is_personal = false;
    }

    pub(super) fn append(&mut self, messages: &[u8], count: usize) {
        self.bytes.extend_from_slice(messages);
        self.messages += count;
    }

    pub(super) fn append_message(&mut self, message: &ServerMessage, encoding: Encoding) {
        encoding.append_server(message, &mut self.bytes);
        self.messages += 1;
        self.is_personal = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }

    pub(super) fn is_personal(&self) -> bool {
        self.is_personal
    }

    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len().saturating_sub(HEADROOM_BYTES)
    }

    /// The batch in its transport's form.
    pub(super) fn frame(&mut self, framing: Framing) -> &[u8] {
        let length = self.len_bytes();
        match framing {
            Framing::Body => self.bytes.get(HEADROOM_BYTES..).unwrap_or_default(),
            Framing::EventStream => {
                self.framed.clear();
                let messages = self.bytes.get(HEADROOM_BYTES..).unwrap_or_default();
                for line in messages.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                    self.framed.extend_from_slice(b"data: ");
                    self.framed.extend_from_slice(line);
                    self.framed.push(b'\n');
                }
                self.framed.push(b'\n');
                &self.framed
            }
            Framing::WebSocket(encoding) => {
                let (header, used) = crate::transport::websocket::header(encoding, length);
                let start = HEADROOM_BYTES - used;
                let room = self.bytes.get_mut(start..HEADROOM_BYTES);
                room.expect("the headroom was put there by clear()")
                    .copy_from_slice(header.get(..used).unwrap_or_default());
                self.bytes.get(start..).unwrap_or_default()
            }
        }
    }
}
