//! The machine itself.

use super::{Input, Now, Output, Settings, Status};
use crate::clock::Moment;

/// The client's connection.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    status: Status,
}

impl Session {
    /// A machine that does nothing until [`Input::Start`]. `seed` decides its jitter.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        let _ = seed;
        Session { settings, status: Status::default() }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        let _ = (input, now, &self.settings);
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When [`Input::Timer`] is due, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        None
    }

    /// All that a screen shows of the connection.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }
}
