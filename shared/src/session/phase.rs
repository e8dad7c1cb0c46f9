//! The states of the machine, one struct each: what a connection may not do yet, its state has no
//! way to do. A connection that greets has no cursor to move; only a connected one is alive or dead.

use std::time::Duration;

use super::liveness::Liveness;
use super::{LinkId, State, Transport};
use crate::clock::Moment;
use crate::protocol::{
    AliasTable, DecodeError, Encoding, FRAME_BYTES_MAX, RequestId, ServerMessage, Welcome,
};

/// A relay that announces smaller frames is taken to mean this: one wish and a token must fit.
const FRAME_BYTES_MIN: usize = 4 * 1024;

/// What the machine is doing, whether or not the page is frozen meanwhile.
#[derive(Debug)]
pub(super) enum Phase {
    /// Not wanted.
    Idle,
    /// Opening a transport.
    Connecting(Connecting),
    /// Waiting for `welcome`.
    Greeting(Greeting),
    /// Welcomed.
    Connected(Connected),
    /// Waiting for the time, the network or the user.
    Waiting(Waiting),
    /// Waiting for the user only.
    GaveUp,
}

/// One connection, from the attempt to its end.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) transport: Transport,
    pub(super) encoding: Encoding,
    pub(super) started: Moment,
    aliases: AliasTable,
}

/// Opening a transport.
#[derive(Debug)]
pub(super) struct Connecting {
    pub(super) link: Link,
    pub(super) deadline: Moment,
}

/// Open; waiting for the relay's `welcome`.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) link: Link,
    pub(super) hello_sent: Moment,
    pub(super) deadline: Moment,
    /// The worse transport that worked before, when this is an upgrade.
    pub(super) upgrade_from: Option<Transport>,
}

/// Welcomed: the topics are being read.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) link: Link,
    pub(super) since: Moment,
    pub(super) liveness: Liveness,
    /// Newer sign-ins that the relay has not answered yet.
    pub(super) refreshes_due: u32,
    /// The machine's own question on its way.
    pub(super) ping: Option<(RequestId, Moment)>,
    /// Largest frame that this relay takes.
    pub(super) frame_bytes_max: usize,
    /// Whether every topic is read to where it ended when it was asked for.
    pub(super) caught_up: bool,
    /// When a topic was last asked for, or answered.
    pub(super) asked: Moment,
    /// What came late so far; until everything that was missed is here.
    pub(super) late: Option<Late>,
}

/// What comes late after a drop.
#[derive(Debug, Default)]
pub(super) struct Late {
    pub(super) messages: u64,
    pub(super) skipped: u64,
    pub(super) topics_lost: u32,
    pub(super) away: Duration,
}

/// Waiting for the next attempt.
#[derive(Debug)]
pub(super) struct Waiting {
    /// What it is that has to come first.
    pub(super) state: State,
    pub(super) until: Moment,
    /// The relay asked not to be tried before: good news from the platform does not change that.
    pub(super) not_before: Moment,
}

impl Link {
    pub(super) fn new(
        id: LinkId,
        transport: Transport,
        encoding: Encoding,
        started: Moment,
    ) -> Self {
        Link { id, transport, encoding, started, aliases: AliasTable::new() }
    }

    pub(super) fn decode(&mut self, frame: &[u8]) -> Result<Vec<ServerMessage>, DecodeError> {
        self.encoding.decode_server(frame, &mut self.aliases)
    }
}

impl Connecting {
    /// The transport is open, and `hello` is on its way.
    pub(super) fn opened(
        self,
        now: Moment,
        within: Duration,
        upgrade_from: Option<Transport>,
    ) -> Greeting {
        Greeting { link: self.link, hello_sent: now, deadline: now + within, upgrade_from }
    }
}

impl Greeting {
    /// The relay said `welcome`.
    pub(super) fn welcomed(
        self,
        welcome: &Welcome,
        liveness: Liveness,
        late: Option<Late>,
        now: Moment,
    ) -> Connected {
        let announced = usize::try_from(welcome.limits.frame_bytes_max).unwrap_or(usize::MAX);
        Connected {
            link: self.link,
            since: now,
            liveness,
            refreshes_due: 0,
            ping: None,
            frame_bytes_max: announced.clamp(FRAME_BYTES_MIN, FRAME_BYTES_MAX),
            caught_up: false,
            asked: now,
            late,
        }
    }
}

impl Phase {
    pub(super) fn state(&self) -> State {
        match self {
            Phase::Idle => State::Idle,
            Phase::Connecting(_) => State::Connecting,
            Phase::Greeting(_) => State::Greeting,
            Phase::Connected(connected) if connected.liveness.is_suspect() => State::Suspect,
            Phase::Connected(Connected { caught_up: false, .. }) => State::CatchingUp,
            Phase::Connected(_) => State::Live,
            Phase::Waiting(waiting) => waiting.state,
            Phase::GaveUp => State::GaveUp,
        }
    }

    /// The connection in use.
    pub(super) const fn link(&self) -> Option<&Link> {
        match self {
            Phase::Connecting(Connecting { link, .. })
            | Phase::Greeting(Greeting { link, .. })
            | Phase::Connected(Connected { link, .. }) => Some(link),
            Phase::Idle | Phase::Waiting(_) | Phase::GaveUp => None,
        }
    }

    /// The connection in use, when the relay may speak on it.
    pub(super) fn speaking_link(&mut self, id: LinkId) -> Option<&mut Link> {
        match self {
            Phase::Greeting(Greeting { link, .. }) | Phase::Connected(Connected { link, .. })
                if link.id == id =>
            {
                Some(link)
            }
            _ => None,
        }
    }

    pub(super) fn is_current(&self, id: LinkId) -> bool {
        self.link().is_some_and(|link| link.id == id)
    }

    pub(super) fn connected(&mut self) -> Option<&mut Connected> {
        match self {
            Phase::Connected(connected) => Some(connected),
            _ => None,
        }
    }

    /// When this state alone wants the timer.
    pub(super) fn deadline(&self) -> Option<Moment> {
        match self {
            Phase::Idle | Phase::GaveUp => None,
            Phase::Connecting(connecting) => Some(connecting.deadline),
            Phase::Greeting(greeting) => Some(greeting.deadline),
            Phase::Connected(connected) => Some(connected.liveness.deadline()),
            Phase::Waiting(waiting) => Some(waiting.until),
        }
    }
}
