//! A WebSocket's socket with TLS over it: rustls driven directly, without a task, a channel or a copy
//! of its own beyond what encryption needs.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::Shutdown;

use rustls::ServerConnection;
use tokio::net::TcpStream;

use crate::hub::outlet::Written;

/// Encrypted bytes that may wait for room in the socket. It is what a slow reader costs beyond a
/// leftover in plain, and as much as the kernel takes of unsent bytes: what is written in one turn
/// usually leaves by one system call.
const WAITING_BYTES_MAX: usize = 32 * 1024;

/// A socket and its TLS session.
#[derive(Debug)]
pub(super) struct Sealed {
    stream: TcpStream,
    /// Borrowed within each method, never across an await or a call to somebody else.
    session: RefCell<Box<ServerConnection>>,
}

/// What became of encrypted bytes that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flushed {
    /// All are in the socket.
    All,
    /// It has no room for the rest.
    Full,
    /// The reader is gone.
    Gone,
}

/// What was decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, until more comes.
    Nothing,
    /// The other end has said that nothing more comes.
    End,
}

impl Sealed {
    pub(super) fn new(stream: TcpStream, mut session: Box<ServerConnection>) -> Self {
        session.set_buffer_limit(Some(WAITING_BYTES_MAX));
        Sealed { stream, session: RefCell::new(session) }
    }

    /// Encrypts and writes what fits. Nothing is encrypted while something waits, so that what waits
    /// is bounded, and what is still plain can be thrown away.
    pub(super) fn try_write(&self, bytes: &[u8]) -> Written {
        let mut session = self.session.borrow_mut();
        let mut taken = 0;
        loop {
            match flush(&mut session, &self.stream) {
                Flushed::All if taken == bytes.len() => return Written::Bytes(taken),
                Flushed::All => {}
                Flushed::Full if taken == 0 => return Written::Full,
                Flushed::Full if taken == bytes.len() => return Written::Held,
                Flushed::Full => return Written::Bytes(taken),
                Flushed::Gone => return Written::Gone,
            }
            match session.writer().write(bytes.get(taken..).unwrap_or_default()) {
                // There is room: a session that takes nothing has ended.
                Ok(0) | Err(_) => return Written::Gone,
                Ok(more) => taken += more,
            }
        }
    }

    /// Waits until everything that was encrypted is in the socket, or the reader is gone.
    pub(super) async fn flushed(&self) {
        while self.stream.writable().await.is_ok() {
            if flush(&mut self.session.borrow_mut(), &self.stream) != Flushed::Full {
                return;
            }
        }
    }

    /// Closes; the last words are said as far as there is room.
    pub(super) fn finish(&self, last_words: &[u8]) {
        let mut session = self.session.borrow_mut();
        flush(&mut session, &self.stream);
        // Best effort: the other end may be gone, or its buffer full.
        let _ = session.writer().write(last_words);
        session.send_close_notify();
        flush(&mut session, &self.stream);
        let _ = socket2::SockRef::from(&self.stream).shutdown(Shutdown::Write);
    }

    /// What is below: for passing over what still comes after the end.
    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Waits for bytes and takes some in. Says whether the connection goes on.
    pub(super) async fn receive(&self) -> bool {
        if self.stream.readable().await.is_err() {
            return false;
        }
        let mut session = self.session.borrow_mut();
        match session.read_tls(&mut Half(&self.stream)) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return is_for_now(&error),
        }
        let understood = session.process_new_packets().is_ok();
        // An alert, or new keys that the other end has asked for.
        flush(&mut session, &self.stream);
        understood
    }

    /// Gives what was taken in and decrypted.
    pub(super) fn open(&self, buffer: &mut [u8]) -> Opened {
        let mut session = self.session.borrow_mut();
        match session.reader().read(buffer) {
            Ok(0) => Opened::End,
            Ok(count) => Opened::Bytes(count),
            Err(error) if is_for_now(&error) => Opened::Nothing,
            Err(_) => Opened::End,
        }
    }
}

fn flush(session: &mut ServerConnection, stream: &TcpStream) -> Flushed {
    while session.wants_write() {
        match session.write_tls(&mut Half(stream)) {
            Ok(0) => return Flushed::Gone,
            Ok(_) => {}
            Err(error) if is_for_now(&error) => return Flushed::Full,
            Err(_) => return Flushed::Gone,
        }
    }
    Flushed::All
}

fn is_for_now(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// The socket as rustls wants it: what cannot be done at once is refused.
struct Half<'a>(&'a TcpStream);

impl Read for Half<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Half<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, parts: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
