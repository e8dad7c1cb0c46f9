//! What goes into the machine.

use super::{Done, Item, Meta, PullId, PushId, Write};
use crate::documents::{Delta, Document, Pushed};
use crate::protocol::{Position, WireError};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The rows, as they were found at the start. Comes once, first.
    Loaded {
        /// Whose queue.
        meta: Meta,
        /// All items.
        items: Vec<Item>,
        /// The documents as they were confirmed.
        documents: Vec<Document>,
        /// Where the document log stood then.
        position: Option<Position>,
    },
    /// The answer to [`Output::Reread`](super::Output::Reread): the rows, read in one transaction.
    Reread {
        /// The row about the queue.
        meta: Meta,
        /// All items.
        items: Vec<Item>,
    },
    /// A write of some tab's is complete. Every tab's machine is told of every tab's, in any order.
    Written(Done),
    /// A write of this machine's was not done, and why it may be tried again.
    WriteFailed(Write),
    /// This tab holds the connection from now on.
    Holding,
    /// Another tab does.
    Released,
    /// The relay is reached, by this tab or by the one that holds the connection.
    LinkUp,
    /// It is not.
    LinkDown,
    /// The answer to [`Output::Push`](super::Output::Push).
    Pushed {
        /// To which.
        id: PushId,
        /// What the relay said; an error when nothing is known.
        answer: Result<Pushed, Failure>,
    },
    /// The answer to [`Output::Pull`](super::Output::Pull).
    Pulled {
        /// To which.
        id: PullId,
        /// What the relay said.
        answer: Result<Delta, Failure>,
    },
    /// News of the documents came, from the relay or from the tab that holds the connection.
    News(Delta),
    /// The documents that were kept are not there any more: the browser, or the shell for want of
    /// room, has thrown them away. What comes from now on would stand on nothing.
    CacheLost,
    /// The user does not want to wait.
    RetryNow,
    /// The time of `next_deadline` has come.
    Timer,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The relay refused the whole question.
    Refused(WireError),
    /// No connection, or no answer in time.
    Unanswered,
}
