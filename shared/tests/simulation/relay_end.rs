//! What the world asks of a relay.

use std::time::Duration;

use tidemark_shared::protocol::{Encoding, Topic};
use tidemark_shared::session::LinkId;

/// A relay without sockets: told what arrives and what time it is, asked what it says.
pub trait RelayEnd {
    /// A client's connection stands.
    fn connected(&mut self, link: LinkId, encoding: Encoding, now: Duration);
    /// A frame came from a client.
    fn received(&mut self, link: LinkId, frame: &[u8], now: Duration);
    /// A client's connection is gone.
    fn disconnected(&mut self, link: LinkId);
    /// Its next deadline has come.
    fn tick(&mut self, now: Duration);
    /// When it wants a tick.
    fn next_deadline(&self) -> Option<Duration>;
    /// The next thing that it says.
    fn poll(&mut self) -> Option<(LinkId, Said)>;
    /// A message is published to a topic.
    fn publish(&mut self, topic: &Topic, now: Duration);
    /// It dies and comes back: every connection is gone, and every log is numbered anew.
    fn restart(&mut self, now: Duration);
    /// Where a topic's log ends.
    fn head(&self, topic: &Topic) -> Option<tidemark_shared::protocol::Position>;
}

/// Something that a relay says on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Frame(Vec<u8>),
    Close { code: u16, reason: String },
}
