//! The queue of the user's writes as a state machine without I/O, and the user's documents as they
//! look with it.
//!
//! Every tab of the page runs one. The rows in the browser's database are the truth, and they are
//! changed in one way only: a [`Write`] reads some of them and says what becomes of them, within
//! one transaction of the shell's. What was [`Done`] is told to the machines of all tabs. One tab
//! holds the connection; its machine alone asks for sending.
//!
//! What a shell owes the machine:
//!
//! - Each [`Write`], the user's and the machine's, is one transaction: read the meta row and the
//!   rows that it [reads](Write::reads), [perform](Write::perform), store, and once that is complete
//!   tell every tab's machine, its own first: [`Input::Written`]. In which order they hear of it
//!   does not matter, and a tab that was closed before it told is noticed. A change that found
//!   nothing to do is told to the machine that wanted it.
//! - [`Input::LinkUp`] and [`Input::LinkDown`] go to all tabs, as do [`Input::News`]; every tab asks
//!   for documents by itself, over the connection of the one that holds it.
//! - [`Output::Keep`] is one transaction. Who empties the cache says [`Input::CacheLost`].
//! - After each input: drain the outputs, then arm one timer for the next deadline.
//!
//! | file | |
//! | --- | --- |
//! | [`item`] | a write in the queue, and its state |
//! | [`write`] | the ways in which rows change |
//! | [`input`], [`output`] | what goes into the machine and what comes out |
//! | [`machine`] | the machine: who takes care of which input |
//! | [`rows`] | the rows as this tab knows them |
//! | [`replica`] | the documents as the relay has them |
//! | [`view`] | a document as the user sees it |
//! | [`counts`] | how many writes are in which state |
//! | [`sending`] | what waits, to the relay |
//! | [`pulling`] | documents from the relay |
//! | [`restoring`], [`reinstatement`] | the relay lost something: it is sent to it again |
//! | [`writing`] | the machine's own changes of the rows |
//! | [`waiting`] | when something is tried again |
//!
//! What must never be here: a database, a socket, a clock, a decision about merging (that is the
//! relay's).

mod counts;
mod input;
mod item;
mod machine;
mod output;
mod pulling;
mod reinstatement;
mod replica;
mod restoring;
mod rows;
mod sending;
mod view;
mod waiting;
mod write;
mod writing;

pub use counts::Counts;
pub use input::{Failure, Input};
pub use item::{Item, ItemState, KEPT_FROM, Meta, ROWS_SCHEMA};
pub use machine::Outbox;
pub use output::{Kept, Output, PullId, PushId};
pub use view::{Pending, View};
pub use write::{Anew, Done, Numbering, Restored, Write, WriteRefused};
