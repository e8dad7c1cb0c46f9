//! The generator's readers: many connections on one thread, that count and time what they get.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::json;

use crate::stamp::{STAMP_BYTES, Stamp, scan};

const UPGRADE: &str = "GET /v1/ws HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: tidemark.v1.json\r\n\r\n";

const SUBSCRIBED: &[u8] = b"\"type\":\"subscribed\"";

/// Longest wait for anything before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Latencies beyond this are all alike.
const LATENCY_MAX: Duration = Duration::from_secs(2);

const BUFFER_BYTES: usize = 256 * 1024;

/// What a reader subscribes to.
pub(crate) struct Wish<'a> {
    pub(crate) topic: &'a str,
    /// Epoch and sequence to resume from.
    pub(crate) position: Option<(u64, u64)>,
}

/// Many readers.
pub(crate) struct Load {
    pub(crate) start: Instant,
    /// Messages that have come, of those that count.
    pub(crate) delivered: u64,
    poll: Poll,
    events: Events,
    readers: Vec<Reader>,
    buffer: Vec<u8>,
    ready: usize,
    /// Messages before this one do not count: they belong to the setting up.
    first_counted: u32,
    next_number: u32,
    /// How many readers have each message in flight; the oldest first.
    in_flight: VecDeque<usize>,
    first_in_flight: u32,
    latency_us: Vec<u32>,
}

struct Reader {
    socket: TcpStream,
    hello: Vec<u8>,
    topics: usize,
    state: State,
    /// The end of what was read, when it may be the beginning of a stamp; all of it while setting up.
    rest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    Subscribing,
    Reading,
}

impl Load {
    pub(crate) fn new() -> Result<Load> {
        let latency_slots = usize::try_from(LATENCY_MAX.as_micros())?;
        Ok(Load {
            start: Instant::now(),
            delivered: 0,
            poll: Poll::new()?,
            events: Events::with_capacity(4096),
            readers: Vec::new(),
            buffer: vec![0; BUFFER_BYTES],
            ready: 0,
            first_counted: 0,
            next_number: 0,
            in_flight: VecDeque::new(),
            first_in_flight: 0,
            latency_us: vec![0; latency_slots + 1],
        })
    }

    /// Begins to connect one more reader.
    pub(crate) fn connect(&mut self, server: SocketAddr, wishes: &[Wish<'_>]) -> Result<()> {
        let mut socket = TcpStream::connect(server)?;
        let token = Token(self.readers.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket, token, interest)?;
        let (state, rest) = (State::Connecting, Vec::new());
        self.readers.push(Reader {
            socket,
            hello: hello(wishes),
            topics: wishes.len(),
            state,
            rest,
        });
        Ok(())
    }

    /// Connects readers, a few at a time so that no backlog overflows, until all have subscribed.
    pub(crate) fn connect_all<'a>(
        &mut self,
        server: SocketAddr,
        wishes: impl Iterator<Item = Vec<Wish<'a>>>,
    ) -> Result<()> {
        const AT_ONCE: usize = 100;
        for wishes in wishes {
            self.connect(server, &wishes)?;
            while self.readers.len() - self.ready >= AT_ONCE {
                self.turn(PATIENCE)?;
            }
        }
        self.until("all readers to subscribe", |load| load.ready == load.readers.len())
    }

    /// Drops all connections.
    pub(crate) fn disconnect_all(&mut self) {
        self.readers.clear();
        self.ready = 0;
    }

    /// From here on messages count.
    pub(crate) fn begin(&mut self) {
        self.first_counted = self.next_number;
        self.first_in_flight = self.next_number;
        self.in_flight.clear();
        self.delivered = 0;
        self.latency_us.fill(0);
    }

    /// A stamp for the next message.
    pub(crate) fn stamp(&mut self) -> Stamp {
        let stamp = Stamp::now(self.start, self.next_number);
        self.next_number += 1;
        self.in_flight.push_back(0);
        stamp
    }

    /// How many messages have not yet come to every reader.
    pub(crate) fn in_flight(&mut self) -> usize {
        while self.in_flight.front().is_some_and(|count| *count >= self.readers.len()) {
            self.in_flight.pop_front();
            self.first_in_flight += 1;
        }
        self.in_flight.len()
    }

    /// The latency that a share of the messages did not exceed.
    pub(crate) fn latency(&self, share: f64) -> Duration {
        let total: u64 = self.latency_us.iter().map(|count| u64::from(*count)).sum();
        let mut left = (total as f64 * share) as u64;
        for (micros, count) in (0_u64..).zip(&self.latency_us) {
            match left.checked_sub(u64::from(*count)) {
                Some(less) => left = less,
                None => return Duration::from_micros(micros),
            }
        }
        LATENCY_MAX
    }

    /// Reads until something is so.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Load) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            if Instant::now() > deadline {
                bail!("waited in vain for {what}: {} messages came", self.delivered);
            }
            self.turn(Duration::from_millis(100))?;
        }
        Ok(())
    }

    /// Waits for something to read, and reads it.
    pub(crate) fn turn(&mut self, wait: Duration) -> Result<()> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            // A token of a connection that was dropped meanwhile means nothing.
            if event.token().0 < self.readers.len() {
                self.serve(event.token().0).context("the server dropped a reader")?;
            }
        }
        self.events = events;
        Ok(())
    }

    fn serve(&mut self, index: usize) -> Result<()> {
        if self.readers[index].state == State::Connecting {
            let reader = &mut self.readers[index];
            if reader.socket.peer_addr().is_err() {
                return Ok(());
            }
            reader.socket.set_nodelay(true)?;
            reader.socket.write_all(UPGRADE.as_bytes())?;
            reader.state = State::Upgrading;
        }
        loop {
            let reader = &mut self.readers[index];
            let kept = reader.rest.len();
            if kept + STAMP_BYTES > self.buffer.len() {
                bail!("the server says too much before the first message");
            }
            self.buffer[..kept].copy_from_slice(&reader.rest);
            let length = match reader.socket.read(&mut self.buffer[kept..]) {
                Ok(0) => bail!("closed, after {:?}", String::from_utf8_lossy(&reader.rest)),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            self.take(index, kept + length)?;
        }
    }

    fn take(&mut self, index: usize, length: usize) -> Result<()> {
        let reader = &mut self.readers[index];
        let mut bytes = &self.buffer[..length];
        if reader.state == State::Upgrading
            && let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n")
        {
            reader.socket.write_all(&reader.hello)?;
            reader.state = State::Subscribing;
            bytes = &bytes[end + 4..];
        }
        if reader.state == State::Subscribing
            && memchr::memmem::find_iter(bytes, SUBSCRIBED).count() == reader.topics
        {
            reader.state = State::Reading;
            self.ready += 1;
        }
        let mut from = 0;
        if reader.state == State::Reading {
            let now = self.start.elapsed();
            let slowest = self.latency_us.len() - 1;
            from = scan(bytes, |stamp| {
                if stamp.number < self.first_counted {
                    return;
                }
                self.delivered += 1;
                let micros = now.saturating_sub(stamp.published).as_micros();
                let slot = usize::try_from(micros).unwrap_or(slowest).min(slowest);
                self.latency_us[slot] += 1;
                let place = stamp.number.checked_sub(self.first_in_flight);
                let place = place.and_then(|place| usize::try_from(place).ok());
                if let Some(count) = place.and_then(|place| self.in_flight.get_mut(place)) {
                    *count += 1;
                }
            });
        }
        reader.rest.clear();
        reader.rest.extend_from_slice(&bytes[from..]);
        Ok(())
    }
}

/// A frame with the hello. Its mask is zero, which is a mask, too.
fn hello(wishes: &[Wish<'_>]) -> Vec<u8> {
    let topics: Vec<_> = wishes
        .iter()
        .map(|wish| match wish.position {
            Some((epoch, sequence)) => {
                json!({"topic": wish.topic, "position": {"epoch": epoch, "sequence": sequence}})
            }
            None => json!({"topic": wish.topic}),
        })
        .collect();
    let hello = json!({"type": "hello", "protocol": 1, "client": "bench", "topics": topics});
    let text = hello.to_string();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}
