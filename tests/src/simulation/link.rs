//! One connection's way between a tab and the relay: in order, each direction for itself, and only
//! as good as the network is.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use tidemark_relay::hub::{ConnectionId, Framing, TransportKind};
use tidemark_relay::transport::websocket::Decoder;
use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{LinkId, Transport};

use super::dice::Dice;
use super::pipe::Pipe;

/// Which connection: every page of a tab numbers its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Which client.
    pub client: usize,
    /// How often it was loaded before.
    pub page: u32,
    /// Its machine's number.
    pub link: LinkId,
}

/// How good a client's network is.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    /// Shortest and longest time from end to end.
    pub delay_ms: (u64, u64),
    /// Bytes in a millisecond.
    pub bytes_per_ms: usize,
    /// Bytes that are on the way, or wait to be read, before the relay's socket is full.
    pub window: usize,
}

/// Which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the relay.
    Down,
    /// To the relay.
    Up,
}

/// One connection.
pub struct Link {
    /// Over what.
    pub transport: Transport,
    /// Of the messages on it.
    pub encoding: Encoding,
    /// Its network.
    pub quality: Quality,
    /// The relay's end, once it has one.
    pub far: Option<FarEnd>,
    /// Pieces that were written and have not arrived.
    pub in_flight: VecDeque<Vec<u8>>,
    /// What has arrived and makes no frame yet.
    pub came: Vec<u8>,
    /// Something was sent on it.
    pub has_spoken: bool,
    /// Nothing gets through any more in that direction, and nobody is told.
    pub is_dead_down: bool,
    /// The same for the other one.
    pub is_dead_up: bool,
    /// The client has closed it.
    pub is_left: bool,
    /// Polls that were asked.
    pub polls: u64,
    down_at: Duration,
    up_at: Duration,
}

/// The relay's end of a connection.
pub struct FarEnd {
    /// In which run of the relay.
    pub run: u32,
    /// On which shard.
    pub shard: usize,
    /// As the shard calls it.
    pub id: ConnectionId,
    /// Its outlet's other side.
    pub pipe: Rc<RefCell<Pipe>>,
    /// What reads the client's bytes.
    pub decoder: Decoder,
    /// The shard waits for room.
    pub is_blocked: bool,
    /// That the relay has ended it was passed on.
    pub is_over: bool,
}

impl Link {
    /// A way that is about to be tried.
    #[must_use]
    pub const fn new(transport: Transport, encoding: Encoding, quality: Quality) -> Self {
        Link {
            transport,
            encoding,
            quality,
            far: None,
            in_flight: VecDeque::new(),
            came: Vec::new(),
            has_spoken: false,
            is_dead_down: false,
            is_dead_up: false,
            is_left: false,
            polls: 0,
            down_at: Duration::ZERO,
            up_at: Duration::ZERO,
        }
    }

    /// What the relay calls its transport.
    #[must_use]
    pub const fn kind(&self) -> TransportKind {
        match self.transport {
            Transport::WebSocket => TransportKind::WebSocket,
            Transport::Sse => TransportKind::Sse,
            Transport::Poll => TransportKind::Poll,
        }
    }

    /// The form of its batches.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        match self.transport {
            Transport::WebSocket => Framing::WebSocket(self.encoding),
            Transport::Sse => Framing::EventStream,
            Transport::Poll => Framing::Body,
        }
    }

    /// When something of this size that is sent now arrives: never before what was sent earlier.
    pub fn arrival(&mut self, way: Way, now: Duration, bytes: usize, dice: &mut Dice) -> Duration {
        let (least, most) = self.quality.delay_ms;
        let on_the_way = (bytes / self.quality.bytes_per_ms.max(1)) as u64;
        let delay = dice.between_ms(least, most) + Duration::from_millis(on_the_way);
        let last = match way {
            Way::Down => &mut self.down_at,
            Way::Up => &mut self.up_at,
        };
        *last = (*last).max(now + delay);
        *last
    }

    /// Breaks the way down: of what is in flight, only the first bytes still come.
    pub fn cut_down(&mut self, dice: &mut Dice) {
        let in_flight = self.in_flight.iter().map(Vec::len).sum();
        let mut survive = match self.transport {
            Transport::WebSocket | Transport::Sse => dice.between(0, in_flight),
            // Half an answer is none.
            Transport::Poll => 0,
        };
        for piece in &mut self.in_flight {
            piece.truncate(survive);
            survive -= piece.len();
        }
        self.is_dead_down = true;
    }

    /// Nothing comes through any more, and nobody is told.
    pub fn die(&mut self, way: Way) {
        match way {
            Way::Down => {
                self.is_dead_down = true;
                self.in_flight.clear();
            }
            Way::Up => self.is_dead_up = true,
        }
    }
}
