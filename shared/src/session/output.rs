//! What comes out of the machine.

use std::time::Duration;

use super::{LinkError, LinkId, State, Transport};
use crate::clock::UnixMillis;
use crate::protocol::{
    Encoding, Event, Pattern, Reply, RequestId, Sequence, Topic, WhyNotRecovered, WireError,
};

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a connection. Answered by `Opened`, `Failed` or `Closed`.
    Open {
        /// Its number.
        link: LinkId,
        /// Over what.
        transport: Transport,
        /// In which encoding.
        encoding: Encoding,
    },
    /// Send one frame.
    Send {
        /// On which connection.
        link: LinkId,
        /// Its content.
        frame: Vec<u8>,
    },
    /// Close and forget a connection. Nothing that still comes from it matters. Every `Open` is
    /// followed by exactly one `Close`, also when the other end was faster.
    Close {
        /// Which.
        link: LinkId,
        /// WebSocket close code.
        code: u16,
    },
    /// Give this to the application. In order, and nothing twice.
    Deliver(Delivery),
    /// The answer to [`Input::Ask`](super::Input::Ask).
    Answer {
        /// Its number.
        id: RequestId,
        /// What was asked for, or why not.
        outcome: Result<Reply, AskFailed>,
    },
    /// Something that a log of connection events shows.
    Note(Note),
    /// [`Session::status`](super::Session::status) is different now. Counters and the time of the
    /// last frame change with every frame and are not announced.
    StatusChanged,
}

/// What the application gets of its topics. Whoever keeps values for later keeps with each the
/// event's position, and gives it back in `Subscribe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The next event of a topic.
    Event(Event),
    /// A topic's newest event, at a fresh start or because messages were lost; what was there
    /// before is replaced.
    Snapshot {
        /// The newest event; absent when the log is empty.
        event: Option<Event>,
        /// Which topic.
        topic: Topic,
        /// Why messages are missing; absent at a fresh start.
        lost: Option<WhyNotRecovered>,
    },
    /// Messages that newer ones have replaced.
    Skipped {
        /// Which topic.
        topic: Topic,
        /// The first one.
        from: Sequence,
        /// The last one.
        to: Sequence,
    },
    /// A topic's content is known to be true until `as_of`.
    Fresh {
        /// Which topic.
        topic: Topic,
        /// The newest sign of life of its source, by the relay's clock.
        as_of: UnixMillis,
    },
    /// The relay refused a topic.
    Refused {
        /// Which.
        topic: Pattern,
        /// Why.
        error: WireError,
    },
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskFailed {
    /// The relay said no.
    #[error(transparent)]
    Refused(WireError),
    /// No connection, or no answer, within the time for questions. It was safe to ask: asking
    /// again changes nothing.
    #[error("no answer from the relay in time")]
    Timeout,
    /// The session was stopped.
    #[error("the connection was switched off")]
    Stopped,
}

/// Something that a log of connection events shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An attempt begins.
    Connecting {
        /// Over what.
        transport: Transport,
        /// How many attempts since the last success, this one included.
        attempt: u32,
    },
    /// The relay has answered.
    Connected {
        /// Over what.
        transport: Transport,
        /// Time from the attempt to the answer.
        took: Duration,
    },
    /// Everything that was missed has been caught up with.
    CaughtUp {
        /// How many messages came late.
        messages: u64,
        /// How many were replaced by newer ones.
        skipped: u64,
        /// How many topics have lost messages (and were given a snapshot).
        topics_lost: u32,
        /// How long the connection had been away.
        away: Duration,
    },
    /// The connection was lost.
    Dropped {
        /// What it was doing.
        during: State,
        /// Why.
        error: LinkError,
        /// The next attempt, if one is planned.
        retry_in: Option<Duration>,
    },
    /// A transport seems to be blocked; another one is tried.
    FellBack {
        /// The blocked one.
        from: Transport,
        /// The next one.
        to: Transport,
    },
    /// A better transport works again.
    Upgraded {
        /// The one before.
        from: Transport,
        /// The better one.
        to: Transport,
    },
    /// The relay's numbering had a hole. It is a defect; the topic was read again from its cursor.
    Hole {
        /// Which topic.
        topic: Topic,
        /// The number that should have come.
        expected: Sequence,
        /// The number that came.
        got: Sequence,
    },
    /// The relay announced that it goes away.
    RelayClosing {
        /// What it said.
        reason: String,
    },
    /// The platform says that the network is gone (`false`) or back (`true`).
    Network {
        /// Whether there is one.
        online: bool,
    },
    /// The sign-in ends soon: a newer one is wanted.
    SignInEnds {
        /// When, by the relay's clock.
        ends_at: UnixMillis,
    },
    /// A newer sign-in counts from now on, on the same connection.
    SignInRenewed {
        /// When it ends; absent when it does not.
        ends_at: Option<UnixMillis>,
    },
    /// A newer sign-in did not count. The connection goes on as it was.
    SignInRefused {
        /// Why.
        error: WireError,
    },
    /// The page was frozen and runs again.
    Woke {
        /// For how long it slept.
        asleep: Duration,
    },
}
