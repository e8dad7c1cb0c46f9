//! When something is tried again, and when the machine wants to be woken.

use std::time::Duration;

use super::Outbox;
use crate::clock::Moment;
use crate::protocol::WireError;
use crate::session::backoff::Backoff;

/// Longest wait before the first retry. Each further one may wait twice as long.
const RETRY_FIRST: Duration = Duration::from_secs(1);

/// Longest wait before any retry: a relay that is back is noticed within a minute also by those
/// whose connection never broke.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Longest wait that a relay can ask for. A wrong number must not silence a queue for a year.
const RETRY_ASKED_MAX: Duration = Duration::from_secs(600);

/// Longest wait for an answer. The connection gives up after half of it by itself; this is for the
/// answer that a closing tab took with it.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Changes of other tabs come within milliseconds of each other. What has not come after this long
/// will not: its tab was closed between the change and the telling.
const HOLE_AFTER: Duration = Duration::from_secs(1);

/// How often the tab that sends looks for what nobody told it of: rows, and documents.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// When something that failed is tried again.
#[derive(Debug)]
pub(super) struct Retry {
    backoff: Backoff,
    at: Option<Moment>,
}

impl Retry {
    pub(super) const fn new(seed: u64) -> Self {
        Retry { backoff: Backoff::new(RETRY_FIRST, RETRY_MAX, seed), at: None }
    }

    /// Not before a wait that grows with each failure in a row.
    pub(super) fn failed(&mut self, now: Moment) {
        self.at = Some(now + self.backoff.fail());
    }

    /// The same, and not before the relay wants it.
    pub(super) fn refused(&mut self, error: &WireError, now: Moment) {
        let asked = Duration::from_millis(error.retry_after_ms.unwrap_or(0)).min(RETRY_ASKED_MAX);
        self.at = Some(now + self.backoff.fail().max(asked));
    }

    pub(super) const fn succeeded(&mut self) {
        self.backoff.reset();
        self.at = None;
    }

    /// Something has changed that makes a try worthwhile. The failures are not forgotten.
    pub(super) const fn at_once(&mut self) {
        self.at = None;
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.at.is_some()
    }

    fn expire(&mut self, now: Moment) {
        self.at = self.at.filter(|at| *at > now);
    }
}

/// When the rows are to be read again.
#[derive(Debug, Default)]
pub(super) struct Looking {
    /// Since when a change is missing that was made before one that is known.
    hole: Option<Moment>,
    /// The next look for what nobody told of.
    next: Option<Moment>,
}

impl Looking {
    /// Whether there is a hole; called after each input.
    pub(super) fn notice_hole(&mut self, has_hole: bool, now: Moment) {
        self.hole = has_hole.then(|| self.hole.unwrap_or(now + HOLE_AFTER));
    }

    /// This tab sends from now on.
    pub(super) fn start(&mut self, now: Moment) {
        self.next = Some(now + LOOK_EVERY);
    }

    /// Another tab does.
    pub(super) const fn stop(&mut self) {
        self.next = None;
    }
}

impl Outbox {
    /// When [`Input::Timer`](super::Input::Timer) is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let asked = [self.pulling.asked_until(), self.sending.asked_until()];
        let retries = [self.pulling.retry.at, self.sending.retry.at, self.writing.retry.at];
        let looks = [self.looking.hole, self.looking.next];
        asked.into_iter().chain(retries).chain(looks).flatten().min()
    }

    /// Ends the waits that are over.
    pub(super) fn expire(&mut self, now: Moment) {
        self.pulling.retry.expire(now);
        self.sending.retry.expire(now);
        self.writing.retry.expire(now);
        self.pull_unanswered(now);
        self.push_unanswered(now);
        if self.looking.hole.is_some_and(|at| at <= now) {
            self.looking.hole = Some(now + HOLE_AFTER);
            self.reread();
        }
        if self.looking.next.is_some_and(|at| at <= now) {
            self.looking.next = Some(now + LOOK_EVERY);
            // The relay has done it, and the news of that have not come: they may be lost.
            let position = self.confirmed.position;
            if self.rows.accepted().any(|item| !item.is_everywhere(position)) {
                self.pulling.want();
            }
            // What is on its way tells by itself when rows have changed.
            if self.rows.undecided().next().is_none() {
                self.reread();
            }
        }
    }

    pub(super) fn try_at_once(&mut self) {
        self.pulling.retry.at_once();
        self.sending.retry.at_once();
        self.writing.retry.at_once();
    }
}
