//! What goes into the machine.

use crate::protocol::{Method, Pattern, Position, RequestId};

/// One attempt at a connection. The machine numbers them; a shell hands the number back with
/// everything that happens on it, so that news of an abandoned connection is recognised and ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The user wants a connection.
    Start,
    /// The user wants none any more.
    Stop,
    /// The connection stands; nothing was said yet.
    Opened(LinkId),
    /// A frame came.
    Frame {
        /// On which connection.
        link: LinkId,
        /// Its content, in the encoding that was opened.
        bytes: Vec<u8>,
    },
    /// The connection was closed by the other end, or by the network.
    Closed {
        /// Which.
        link: LinkId,
        /// WebSocket close code; 1006 where the transport has none.
        code: u16,
        /// What the other end said, or nothing.
        reason: String,
    },
    /// The connection could not be opened, or broke.
    Failed {
        /// Which.
        link: LinkId,
        /// What the platform said, for people.
        reason: String,
    },
    /// The platform says that there is a network again.
    Online,
    /// The platform says that there is no network.
    Offline,
    /// The page can be seen.
    Shown,
    /// The page cannot be seen; timers may be slow.
    Hidden,
    /// The page is about to be frozen: nothing runs until [`Input::Resumed`].
    Frozen,
    /// The page runs again, or the machine woke up.
    Resumed,
    /// The time of [`next_deadline`](super::Session::next_deadline) has come.
    Timer,
    /// The user pressed "reconnect now".
    ReconnectNow,
    /// A newer sign-in: told to the relay on the connection that stands, and used for those that
    /// follow. Ends [`State::NeedsAuth`](super::State::NeedsAuth) at once.
    SignIn {
        /// The token; absent where the relay knows the browser's session by its cookie.
        token: Option<String>,
    },
    /// A topic is wanted. Asking again for one that is subscribed changes nothing.
    Subscribe {
        /// Which.
        topic: Pattern,
        /// The last message that the application already has of it.
        resume: Option<Position>,
        /// Most messages per second wanted of a *latest* topic.
        rate_per_s_max: Option<u32>,
    },
    /// A topic is wanted no more.
    Unsubscribe {
        /// Which.
        topic: Pattern,
    },
    /// Something is asked once. Answered by exactly one [`Output::Answer`](super::Output::Answer).
    Ask {
        /// Chosen by the shell, never used twice.
        id: RequestId,
        /// What.
        method: Method,
    },
}
