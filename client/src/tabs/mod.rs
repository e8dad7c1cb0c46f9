//! One page in many tabs: one of them holds the connection to the relay, the others talk to it.
//!
//! Who holds the browser's lock of that name *leads*. The others *follow*: their connection
//! machine speaks the same protocol to the leading tab as that tab's speaks to the relay, so that
//! repetitions, holes and silence are noticed by what notices them anyway. A tab that is closed or
//! crashes lets go of the lock, and the next one leads at once; one that is frozen stays silent,
//! and the lock is taken from it. Nothing depends on who leads: the relay recognises what two tabs
//! push at once.
//!
//! | file | |
//! | --- | --- |
//! | [`line`] | this tab's line to the relay, in either role |
//! | [`following`] | the end of the line in a tab that follows |
//! | [`leading`] | what the leading tab says to the others |
//! | [`switchboard`] | who wants which topics, and who has been told what |
//! | [`standing`] | the state of the leading tab's connection, for the others |
//! | [`word`] | what tabs say to each other |
//! | [`channel`], [`lock`] | the platform's broadcast channel and locks |
//!
//! What must never be here: what a message means to the screen, or anything that correctness of
//! writes depends on.

mod channel;
mod following;
mod leading;
mod line;
mod lock;
mod standing;
mod switchboard;
mod word;

pub(crate) use following::Port;
pub(crate) use line::{Line, Neighbour, Seat, take_seat};
pub(crate) use word::Word;
