//! Somebody who says over a bare socket what they like: no client of ours.

#![allow(dead_code, reason = "each test says what it needs")]

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest wait of a test for something that is to happen. Only a broken relay makes it wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a stranger speaks over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

/// A socket that says what it likes.
pub(crate) struct Stranger {
    pub(crate) stream: Box<dyn Wire>,
    address: SocketAddr,
    /// What came and was not looked at yet.
    pub(crate) read: Vec<u8>,
}

impl Stranger {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Stranger::over(Box::new(stream), address)
    }

    /// One whose bytes go through something else on their way to an address.
    pub(crate) fn over(stream: Box<dyn Wire>, address: SocketAddr) -> Self {
        Stranger { stream, address, read: Vec::new() }
    }

    /// One HTTP exchange, the last: the head and the body of the answer.
    pub(crate) async fn exchange(mut self, request: &str, body: &str) -> (String, String) {
        let length = body.len();
        let text = format!(
            "{request}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        );
        self.say(text.as_bytes()).await;
        let head = self.head().await;
        self.rest().await;
        (head, String::from_utf8_lossy(&self.read).into_owned())
    }

    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Asks for a WebSocket, with these lines in the head.
    pub(crate) async fn upgrade(&mut self, header: &str) {
        self.upgrade_at("/v1/ws", header).await;
    }

    pub(crate) async fn upgrade_at(&mut self, address: &str, header: &str) {
        let request = format!(
            "GET {address} HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             {header}\r\n",
            self.address
        );
        self.say(request.as_bytes()).await;
    }

    /// Reads up to the empty line after an HTTP head.
    pub(crate) async fn head(&mut self) -> String {
        let end = self.until(b"\r\n\r\n").await;
        let head = self.read.drain(..end).collect();
        String::from_utf8(head).unwrap()
    }

    /// Reads until something was read, and gives the place after it.
    pub(crate) async fn until(&mut self, wanted: &[u8]) -> usize {
        loop {
            let found = self.read.windows(wanted.len()).position(|window| window == wanted);
            if let Some(place) = found {
                return place + wanted.len();
            }
            assert!(self.more().await, "closed after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Reads until the other side closes.
    pub(crate) async fn rest(&mut self) {
        while self.more().await {}
    }

    pub(crate) async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        match read.expect("nothing came, and the socket stayed open") {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                true
            }
        }
    }

    /// Reads to the end and gives the code of the WebSocket close frame that came last.
    pub(crate) async fn close_code(&mut self) -> u16 {
        self.rest().await;
        let (mut rest, mut code) = (self.read.as_slice(), 0);
        while let [first, second, after @ ..] = rest {
            let (length, skip) = match second {
                126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), 2),
                short => (usize::from(*short), 0),
            };
            let payload = &after[skip..skip + length];
            if first & 0x0f == 8 {
                code = u16::from_be_bytes([payload[0], payload[1]]);
            }
            rest = &after[skip + length..];
        }
        code
    }
}

impl fmt::Debug for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a stranger who has read {:?}", String::from_utf8_lossy(&self.read))
    }
}

/// A masked client frame.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// The first byte of a text frame that is whole.
pub(crate) const TEXT: u8 = 0x81;
