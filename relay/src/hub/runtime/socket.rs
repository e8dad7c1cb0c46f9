//! Outlets that lead to real sockets and bodies.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_local;

use super::command::PollError;
use super::sealed::Sealed;
use crate::hub::outlet::{LastFrame, Outlet, TransportKind, Written};
use crate::transport::websocket;

/// A poll that waits for its answer.
pub(super) type HangingPoll = oneshot::Sender<Result<Bytes, PollError>>;

/// What a session of polls was still owed when it ended. The session's entry holds it too.
pub(super) type LastWords = Rc<RefCell<VecDeque<Vec<u8>>>>;
/// How long the other end may go on sending after a close. When a socket is dropped with bytes in
/// it that nobody has read, its last words are taken back too (RFC 1122, section 4.2.2.13), and
/// the client never learns why it was closed.
const LINGER: Duration = Duration::from_secs(2);

/// A client that was sent away may have so much on its way: a frame and what it does not know yet.
const LINGER_BYTES_MAX: usize = 256 * 1024;

/// Passes over what still comes on a socket that was closed, up to its end.
pub(super) async fn linger(stream: &TcpStream) {
    let pass_over = async {
        let (mut buffer, mut passed) = ([0; 4_096], 0);
        while passed < LINGER_BYTES_MAX && stream.readable().await.is_ok() {
            match stream.try_read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => passed += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    // Whoever goes on for longer does not want to know.
    let _ = tokio::time::timeout(LINGER, pass_over).await;
}

/// Says the last words, as long as the other end reads them, and closes. Its reading task goes on
/// until the other end is done too, or too long about it.
async fn close(stream: Rc<TcpStream>, last_words: Vec<u8>) {
    let say = async {
        let mut rest = last_words.as_slice();
        while !rest.is_empty() {
            match stream.try_write(rest) {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if stream.writable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, say).await;
    let _ = socket2::SockRef::from(stream.as_ref()).shutdown(Shutdown::Write);
    tokio::time::sleep(LINGER).await;
    let _ = socket2::SockRef::from(stream.as_ref()).shutdown(Shutdown::Both);
}

/// The same, encrypted.
async fn close_sealed(wire: Rc<Sealed>, last_words: Vec<u8>) {
    let say = async {
        let mut rest = last_words.as_slice();
        while !rest.is_empty() {
            match wire.try_write(rest) {
                Written::Bytes(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Written::Held => rest = &[],
                Written::Full => wire.flushed().await,
                Written::NotAsked | Written::Gone => return,
            }
        }
        wire.flushed().await;
    };
    let _ = tokio::time::timeout(LINGER, say).await;
    wire.finish(&[]);
    tokio::time::sleep(LINGER).await;
    let _ = socket2::SockRef::from(wire.stream()).shutdown(Shutdown::Both);
}

/// Where a connection's bytes go.
#[derive(Debug)]
pub(super) enum SocketOutlet {
    /// Straight to the socket. Its reading task holds it too.
    WebSocket { stream: Rc<TcpStream>, last_words: Vec<u8> },
    /// The same, encrypted on the way.
    Sealed { wire: Rc<Sealed>, last_words: Vec<u8> },
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
            SocketOutlet::WebSocket { stream, last_words } => {
                let mut words = std::mem::take(last_words);
                if last_frame == LastFrame::Whole {
                    words.extend(websocket::close(code, reason));
                }
                spawn_local(close(Rc::clone(stream), words));
            }
            SocketOutlet::Sealed { wire, last_words } => {
                let mut words = std::mem::take(last_words);
                if last_frame == LastFrame::Whole {
                    words.extend(websocket::close(code, reason));
                }
                spawn_local(close_sealed(Rc::clone(wire), words));
            }
            // Dropping it ends the body.
            SocketOutlet::Stream { .. } => {}
            SocketOutlet::Poll { hanging, .. } => {
                if let Some(poll) = hanging.take() {
                    let _ = poll.send(Err(PollError::Closed { code, reason: reason.to_owned() }));
                }
            }
        }
    }

    fn keeps_last_words(&self) -> bool {
        true
    }

    fn leave_behind(&mut self, last_words: Vec<Vec<u8>>) {
        match self {
            SocketOutlet::WebSocket { last_words: left, .. }
            | SocketOutlet::Sealed { last_words: left, .. } => *left = last_words.concat(),
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
