//! The relay's end of a connection: an outlet that leads onto a simulated wire.

use std::cell::RefCell;
use std::rc::Rc;

use tidemark_relay::hub::{LastFrame, Outlet, TransportKind, Written};
use tidemark_relay::transport::websocket;

/// What lies between a shard and the wire: a socket's buffer, the body of an answer, a hanging poll.
#[derive(Debug)]
pub struct Pipe {
    /// What the relay has written and the wire has not picked up.
    pub written: Vec<u8>,
    /// Bytes that were written and the client has not taken in yet.
    pub unread: usize,
    /// So many of them are taken.
    pub window: usize,
    /// The relay has ended it.
    pub finished: Option<u16>,
    /// The relay knows that nobody is there any more.
    pub is_gone: bool,
    /// A poll waits for an answer.
    pub has_poll: bool,
    /// Loses a byte of the next write, and says nothing.
    pub loses_bytes: bool,
    kind: TransportKind,
}

/// A shard's handle on a pipe.
#[derive(Clone, Debug)]
pub struct PipeOutlet(pub Rc<RefCell<Pipe>>);

impl Pipe {
    /// A pipe that takes up to `window` bytes before they are read.
    #[must_use]
    pub fn new(kind: TransportKind, window: usize) -> Self {
        Pipe {
            written: Vec::new(),
            unread: 0,
            window,
            finished: None,
            is_gone: false,
            has_poll: false,
            loses_bytes: false,
            kind,
        }
    }

    /// Whether a write would be taken, in part at least.
    #[must_use]
    pub const fn has_room(&self) -> bool {
        self.unread < self.window
    }

    fn take(&mut self, bytes: &[u8]) {
        self.unread += bytes.len();
        let kept = bytes.len() - usize::from(std::mem::take(&mut self.loses_bytes));
        self.written.extend_from_slice(&bytes[..kept]);
    }
}

impl Outlet for PipeOutlet {
    fn try_write(&mut self, bytes: &[u8]) -> Written {
        let mut pipe = self.0.borrow_mut();
        if pipe.is_gone || pipe.finished.is_some() {
            return Written::Gone;
        }
        match pipe.kind {
            TransportKind::Poll if !pipe.has_poll => Written::NotAsked,
            _ if !pipe.has_room() => Written::Full,
            // A socket takes a part, a body takes a piece or none.
            TransportKind::WebSocket => {
                let taken = bytes.len().min(pipe.window - pipe.unread);
                pipe.take(&bytes[..taken]);
                Written::Bytes(taken)
            }
            TransportKind::Sse | TransportKind::Poll => {
                pipe.has_poll = false;
                pipe.take(bytes);
                Written::Bytes(bytes.len())
            }
        }
    }

    fn finish(&mut self, code: u16, reason: &str, last_frame: LastFrame) {
        if self.kind() == TransportKind::WebSocket && last_frame == LastFrame::Whole {
            // As a socket does: what fits is written.
            let _ = self.try_write(&websocket::close(code, reason));
        }
        self.0.borrow_mut().finished.get_or_insert(code);
    }

    fn kind(&self) -> TransportKind {
        self.0.borrow().kind
    }
}
