//! What tabs say to each other. Every tab hears all of it.

use serde::{Deserialize, Serialize};
use tidemark_shared::outbox::Done;

use super::standing::Standing;

/// Tells tabs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TabId(pub(crate) u64);

/// Something that a tab says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub(crate) enum Word {
    /// "I lead from now on": whoever follows begins anew.
    Leads {},
    /// To the leading tab, from one that follows: a frame of client messages.
    Up {
        /// Who.
        from: TabId,
        /// JSON.
        frame: String,
    },
    /// To the leading tab: this one needs nothing more.
    Bye {
        /// Who.
        from: TabId,
    },
    /// To the leading tab: the user does not want to wait for the relay.
    Reconnect {},
    /// From the leading tab to one: a frame of server messages.
    Down {
        /// To whom.
        to: TabId,
        /// JSON.
        frame: String,
    },
    /// From the leading tab to all: a frame of server messages.
    Cast {
        /// JSON.
        frame: String,
    },
    /// From the leading tab to all: how its connection is.
    Standing {
        /// How.
        standing: Box<Standing>,
    },
    /// From any tab to all: rows of the queue have changed.
    Written {
        /// What is different.
        done: Done,
    },
    /// From any tab to all: its user has signed in anew, and the browser has the newer session.
    SignedIn {},
    /// From any tab to all: the user signs out, or changes; what this page shows is another's.
    Leaving {},
}
