//! The user's own data in this tab: the shell around the machine in `shared::outbox`, and the
//! handle that screens use.
//!
//! | file | |
//! | --- | --- |
//! | [`handle`] | [`Documents`]: what screens read and do |
//! | [`shell`] | one machine, one timer, its inputs and outputs |
//! | [`saving`] | changes of rows, and what is done when the browser's database fails |
//! | [`signals`] | one signal per document, per collection, and for the queue |
//! | [`export`] | the queue as a file |
//!
//! What must never be here: a decision about what is sent when (that is the machine's), or what a
//! document means (that is the screens').

mod export;
mod handle;
mod saving;
mod shell;
mod signals;

pub(crate) use handle::{Documents, SaveFailed, StoreState, Told};
pub(crate) use shell::{QueueShell, Setup};
