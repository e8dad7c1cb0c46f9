//! One attempt at a connection, over any transport.

use std::rc::Rc;

use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{Input, LinkId, Transport};

use super::address::RelayAddress;
use super::poll::Poll;
use super::stream::Stream;
use super::websocket::WebSocketWire;
use crate::tabs::Port;

/// Where a wire tells what happens to it. May be called at any time, also from inside.
pub(crate) type Report = Rc<dyn Fn(Input)>;

/// An open wire. Dropping it closes it.
pub(super) enum Wire {
    WebSocket(WebSocketWire),
    Stream(Stream),
    Poll(Poll),
    Tab(Port),
}

/// Who is at the other end.
#[derive(Clone)]
pub(crate) enum Far {
    /// The relay.
    Relay(RelayAddress),
    /// The tab that leads.
    Tab(Port),
}

impl Wire {
    /// Begins to connect.
    pub(super) fn open(
        transport: Transport,
        encoding: Encoding,
        link: LinkId,
        far: &Far,
        report: Report,
    ) -> Result<Self, String> {
        let relay = match far {
            Far::Relay(relay) => relay,
            Far::Tab(port) => {
                port.open(link, report);
                return Ok(Wire::Tab(port.clone()));
            }
        };
        Ok(match transport {
            Transport::WebSocket => {
                Wire::WebSocket(WebSocketWire::open(encoding, link, relay, report)?)
            }
            Transport::Sse => Wire::Stream(Stream::open(link, relay, report)?),
            Transport::Poll => Wire::Poll(Poll::open(link, relay, report)?),
        })
    }

    /// Sends one frame.
    pub(super) fn send(&self, frame: Vec<u8>) {
        match self {
            Wire::WebSocket(wire) => wire.send(&frame),
            Wire::Stream(wire) => wire.send(frame),
            Wire::Poll(wire) => wire.send(frame),
            Wire::Tab(port) => port.send(&frame),
        }
    }

    /// Closes with a code, where the transport can carry one.
    pub(super) fn close(self, code: u16) {
        match &self {
            Wire::WebSocket(wire) => wire.close(code),
            Wire::Tab(port) => port.close(),
            Wire::Stream(_) | Wire::Poll(_) => {}
        }
    }
}
