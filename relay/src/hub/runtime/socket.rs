//! Outlets that lead to real sockets and bodies.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::rc::Rc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use super::command::PollError;
use super::sealed::Sealed;
use crate::hub::outlet::{LastFrame, Outlet, TransportKind, Written};
use crate::transport::websocket;

/// A poll that waits for its answer.
pub(super) type HangingPoll = oneshot::Sender<Result<Bytes, PollError>>;

/// What a session of polls was still owed when it ended. The session's entry holds it too.
pub(super) type LastWords = Rc<RefCell<VecDeque<Vec<u8>>>>;

/// Where a connection's bytes go.
#[derive(Debug)]
pub(super) enum SocketOutlet {
    /// Straight to the socket. Its reading task holds it too.
    WebSocket { stream: Rc<TcpStream>, _ended: Option<oneshot::Sender<()>> },
    /// The same, encrypted on the way.
    Sealed { wire: Rc<Sealed>, _ended: Option<oneshot::Sender<()>> },
    /// To the body of a streamed answer, which ends when nobody holds it. Tasks that wait for it hold
    /// it too, until the place of its last words is gone.
    Stream { body: mpsc::Sender<Bytes>, last_words: watch::Sender<Bytes> },
    /// To the poll that hangs, if one does.
    Poll { hanging: Option<HangingPoll>, last_words: LastWords },
}

impl Outlet for SocketOutlet {
    fn try_write(&mut self, bytes: &[u8]) -> Written {
        match self {
            SocketOutlet::WebSocket { stream, .. } => match stream.try_write(bytes) {
                Ok(taken) => Written::Bytes(taken),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Written::Full,
                Err(_) => Written::Gone,
            },
            SocketOutlet::Sealed { wire, .. } => wire.try_write(bytes),
            SocketOutlet::Stream { body, .. } => match body.try_reserve() {
                Ok(permit) => {
                    permit.send(Bytes::copy_from_slice(bytes));
                    Written::Bytes(bytes.len())
                }
                Err(TrySendError::Full(())) => Written::Full,
                Err(TrySendError::Closed(())) => Written::Gone,
            },
            SocketOutlet::Poll { hanging, .. } => match hanging.take() {
                Some(poll) => match poll.send(Ok(Bytes::copy_from_slice(bytes))) {
                    Ok(()) => Written::Bytes(bytes.len()),
                    // The poll has given up in the meantime; the next one will ask.
                    Err(_) => Written::NotAsked,
                },
                None => Written::NotAsked,
            },
        }
    }

    fn finish(&mut self, code: u16, reason: &str, last_frame: LastFrame) {
        match self {
            SocketOutlet::WebSocket { stream, .. } => {
                if last_frame == LastFrame::Whole {
                    // Best effort: the other end may be gone, or its buffer full.
                    let _ = stream.try_write(&websocket::close(code, reason));
                }
                let _ = socket2::SockRef::from(stream.as_ref()).shutdown(Shutdown::Both);
            }
            SocketOutlet::Sealed { wire, .. } => match last_frame {
                LastFrame::Whole => wire.finish(&websocket::close(code, reason)),
                LastFrame::Cut => wire.finish(&[]),
            },
            // Dropping it ends the body.
            SocketOutlet::Stream { .. } => {}
            SocketOutlet::Poll { hanging, .. } => {
                if let Some(poll) = hanging.take() {
                    let _ = poll.send(Err(PollError::Closed { code, reason: reason.to_owned() }));
                }
            }
        }
    }

    fn leave_behind(&mut self, last_words: Vec<Vec<u8>>) {
        match self {
            SocketOutlet::WebSocket { .. } | SocketOutlet::Sealed { .. } => {}
            SocketOutlet::Stream { last_words: left, .. } => {
                left.send_replace(last_words.concat().into());
            }
            SocketOutlet::Poll { last_words: left, .. } => left.borrow_mut().extend(last_words),
        }
    }

    fn kind(&self) -> TransportKind {
        match self {
            SocketOutlet::WebSocket { .. } | SocketOutlet::Sealed { .. } => {
                TransportKind::WebSocket
            }
            SocketOutlet::Stream { .. } => TransportKind::Sse,
            SocketOutlet::Poll { .. } => TransportKind::Poll,
        }
    }
}
