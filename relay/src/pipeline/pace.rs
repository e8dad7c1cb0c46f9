//! Not more often than so.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;

/// Remembers when something was last done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    last: Option<UnixMillis>,
}

impl Pace {
    /// Whether it may be done again. A clock that was set back does not silence it.
    pub(super) fn allows(self, now: UnixMillis, every: Duration) -> bool {
        self.last.is_none_or(|last| now < last || now.since(last) >= every)
    }

    pub(super) fn done(&mut self, now: UnixMillis) {
        self.last = Some(now);
    }
}
