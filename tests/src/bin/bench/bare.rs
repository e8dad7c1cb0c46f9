//! The speed limit: one thread that takes ready-made messages and writes them to whoever wants
//! them, once per turn and reader, and does nothing else. No sign-in, no limits, no memory of
//! anybody; history is one run of bytes.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use anyhow::Result;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use serde_json::Value;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// How a publisher makes itself known.
pub(crate) const PUBLISHER_GREETING: &[u8] = b"PUBLISH\n";

const LISTENER: Token = Token(usize::MAX);

/// As much as a publisher's turn may hold.
const BUFFER_BYTES: usize = 256 * 1024;

/// History beyond this is forgotten: the storm row needs a hundred messages.
const HISTORY_BYTES_MAX: usize = 1024 * 1024;

/// Appends a publication as a publisher sends it: lengths, topic, text.
pub(crate) fn append_publication(topic: &str, text: &str, batch: &mut Vec<u8>) {
    for part in [topic, text] {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        batch.extend(length.to_le_bytes());
    }
    batch.extend(topic.as_bytes());
    batch.extend(text.as_bytes());
}

/// Serves for ever.
pub(crate) fn serve(port: u16) -> Result<()> {
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    println!("bare is at http://{}/", listener.local_addr()?);
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut bare = Bare {
        poll,
        buffer: vec![0; BUFFER_BYTES],
        readers: Vec::new(),
        topics: HashMap::new(),
        arena: Vec::new(),
        together: Vec::new(),
        dirty: Vec::new(),
    };
    let mut events = Events::with_capacity(1024);
    loop {
        bare.poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => bare.accept(&listener)?,
                Token(index) if event.is_writable() => bare.flush(index),
                _ => {}
            }
            if event.token() != LISTENER && event.is_readable() {
                bare.read(event.token().0);
            }
        }
        bare.write_turn();
    }
}

struct Bare {
    poll: Poll,
    buffer: Vec<u8>,
    readers: Vec<Option<Reader>>,
    topics: HashMap<String, Log>,
    /// The frames of this turn.
    arena: Vec<u8>,
    /// Parts of it, copied together for one reader.
    together: Vec<u8>,
    dirty: Vec<usize>,
}

#[derive(Default)]
struct Log {
    subscribers: Vec<usize>,
    frames: Vec<u8>,
    offsets: Vec<usize>,
    forgotten: usize,
}

struct Reader {
    socket: TcpStream,
    state: State,
    unread: Vec<u8>,
    /// Parts of this turn's arena that it gets.
    parts: Vec<(usize, usize)>,
    /// What its socket did not take.
    unsent: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Upgraded,
    Publisher,
}

impl Bare {
    fn accept(&mut self, listener: &TcpListener) -> io::Result<()> {
        loop {
            let mut socket = match listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            socket.set_nodelay(true)?;
            let token = Token(self.readers.len());
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut socket, token, interest)?;
            let (unread, parts, unsent) = (Vec::new(), Vec::new(), Vec::new());
            self.readers.push(Some(Reader { socket, state: State::New, unread, parts, unsent }));
        }
    }

    fn read(&mut self, index: usize) {
        loop {
            let Some(reader) = self.readers.get_mut(index).and_then(Option::as_mut) else { return };
            match reader.socket.read(&mut self.buffer) {
                Ok(0) => return self.forget(index),
                Ok(length) => {
                    reader.unread.extend_from_slice(&self.buffer[..length]);
                    self.understand(index);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.forget(index),
            }
        }
    }

    fn understand(&mut self, index: usize) {
        let Some(reader) = self.readers.get_mut(index).and_then(Option::as_mut) else { return };
        if reader.state == State::New {
            if reader.unread.starts_with(PUBLISHER_GREETING) {
                reader.unread.drain(..PUBLISHER_GREETING.len());
                reader.state = State::Publisher;
            } else if let Some(answer) = upgrade(&mut reader.unread) {
                reader.state = State::Upgraded;
                reader.send(answer.as_bytes());
            }
        }
        match reader.state {
            State::New => {}
            State::Upgraded => {
                if let Some(hello) = unmask(&mut reader.unread) {
                    self.greet(index, &hello);
                }
            }
            State::Publisher => {
                let mut unread = std::mem::take(&mut reader.unread);
                let mut at = 0;
                while let Some((topic, text, next)) = publication(&unread, at) {
                    self.publish(topic, text);
                    at = next;
                }
                unread.drain(..at);
                if let Some(Some(reader)) = self.readers.get_mut(index) {
                    reader.unread = unread;
                }
            }
        }
    }

    fn greet(&mut self, index: usize, hello: &Value) {
        let mut answer = Vec::new();
        for wish in hello["topics"].as_array().into_iter().flatten() {
            let topic = wish["topic"].as_str().unwrap_or_default();
            let log = self.topics.entry(topic.to_owned()).or_default();
            log.subscribers.push(index);
            let text = format!("{{\"type\":\"subscribed\",\"topic\":\"{topic}\"}}\n");
            append_frame(text.as_bytes(), &mut answer);
            if let Some(sequence) = wish["position"]["sequence"].as_u64() {
                let sequence = usize::try_from(sequence).unwrap_or(usize::MAX);
                let from = log.offsets.get(sequence.saturating_sub(log.forgotten));
                answer.extend(from.and_then(|from| log.frames.get(*from..)).unwrap_or_default());
            }
        }
        if let Some(Some(reader)) = self.readers.get_mut(index) {
            reader.send(&answer);
        }
    }

    fn publish(&mut self, topic: &str, text: &[u8]) {
        let from = self.arena.len();
        append_frame(text, &mut self.arena);
        let to = self.arena.len();
        let log = self.topics.entry(topic.to_owned()).or_default();
        if log.frames.len() > HISTORY_BYTES_MAX {
            log.forgotten += log.offsets.len();
            log.frames.clear();
            log.offsets.clear();
        }
        log.offsets.push(log.frames.len());
        log.frames.extend_from_slice(&self.arena[from..to]);
        for index in &log.subscribers {
            let Some(Some(reader)) = self.readers.get_mut(*index) else { continue };
            match reader.parts.last_mut() {
                None => {
                    self.dirty.push(*index);
                    reader.parts.push((from, to));
                }
                Some(last) if last.1 == from => last.1 = to,
                Some(_) => reader.parts.push((from, to)),
            }
        }
    }

    /// One write to each reader that got something.
    fn write_turn(&mut self) {
        for index in self.dirty.drain(..) {
            let Some(Some(reader)) = self.readers.get_mut(index) else { continue };
            let parts = std::mem::take(&mut reader.parts);
            // Copying a few hundred bytes together costs less than writing them from many places.
            let run = match parts.as_slice() {
                [(from, to)] => &self.arena[*from..*to],
                many => {
                    self.together.clear();
                    for (from, to) in many {
                        self.together.extend_from_slice(&self.arena[*from..*to]);
                    }
                    &self.together
                }
            };
            let sent = match reader.unsent.is_empty() {
                true => reader.socket.write(run).unwrap_or(0),
                false => 0,
            };
            reader.unsent.extend_from_slice(&run[sent..]);
            reader.parts = parts;
            reader.parts.clear();
        }
        self.arena.clear();
    }

    fn flush(&mut self, index: usize) {
        if let Some(Some(reader)) = self.readers.get_mut(index) {
            reader.send(&[]);
        }
    }

    fn forget(&mut self, index: usize) {
        self.readers[index] = None;
        for log in self.topics.values_mut() {
            log.subscribers.retain(|subscriber| *subscriber != index);
        }
    }
}

impl Reader {
    fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(sent @ 1..) => drop(self.unsent.drain(..sent)),
                // Full, or gone: then reading will say so.
                _ => return,
            }
        }
    }
}

/// Answers an upgrade once its head is complete.
fn upgrade(unread: &mut Vec<u8>) -> Option<String> {
    let end = unread.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&unread[..end]).into_owned();
    unread.drain(..end + 4);
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
    })?;
    let accept = derive_accept_key(key.as_bytes());
    Some(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ))
}

/// Takes one masked frame of up to 64 KiB; our generator sends nothing else.
fn unmask(unread: &mut Vec<u8>) -> Option<Value> {
    let (start, length) = match *unread.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes([*unread.get(2)?, *unread.get(3)?]))),
        short => (2, usize::from(short)),
    };
    let end = start + 4 + length;
    let mask: [u8; 4] = unread.get(start..start + 4)?.try_into().ok()?;
    let masked = unread.get(start + 4..end)?;
    let text: Vec<u8> =
        masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    unread.drain(..end);
    serde_json::from_slice(&text).ok()
}

fn publication(bytes: &[u8], at: usize) -> Option<(&str, &[u8], usize)> {
    let number = |from: usize| {
        let four = bytes.get(from..from + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(four)).ok()
    };
    let (topic, text) = (at + 8, at + 8 + number(at)?);
    let end = text + number(at + 4)?;
    Some((std::str::from_utf8(bytes.get(topic..text)?).ok()?, bytes.get(text..end)?, end))
}

fn append_frame(text: &[u8], frames: &mut Vec<u8>) {
    frames.push(0x81);
    match u8::try_from(text.len()) {
        Ok(short @ 0..126) => frames.push(short),
        _ => {
            frames.push(126);
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            frames.extend(length.to_be_bytes());
        }
    }
    frames.extend_from_slice(text);
}
