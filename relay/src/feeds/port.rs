//! What every running feed is connected to, whatever its source.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::session::Now;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::Report;
use super::dead_letter::{DeadLetter, DeadLetters};
use crate::publication::Demand;

/// The ends that one running feed holds.
pub(super) struct Port {
    /// What readers want of this feed.
    pub(super) demand: mpsc::UnboundedReceiver<Demand>,
    /// Where reports go. Bounded: a slow pipeline slows the feed's reading.
    pub(super) reports: mpsc::Sender<Report>,
    /// Turns true when the relay stops.
    pub(super) stop: watch::Receiver<bool>,
    /// Where unreadable messages are kept.
    pub(super) letters: Arc<Mutex<DeadLetters>>,
    /// The time.
    pub(super) clock: Clock,
}

/// The relay stops, or nobody takes reports any more.
pub(super) struct Stopped;

/// Something that a feed's task waits for.
pub(super) enum Wake {
    /// Demand changed.
    Demand(Demand),
    /// The deadline is reached.
    Due,
}

impl Port {
    /// Waits for demand, for the deadline, or for the end.
    pub(super) async fn wake(&mut self, deadline: Option<Moment>) -> Result<Wake, Stopped> {
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => Err(Stopped),
            Some(demand) = self.demand.recv() => Ok(Wake::Demand(demand)),
            () = self.clock.reach(deadline) => Ok(Wake::Due),
        }
    }

    /// Hands a report over.
    pub(super) async fn report(&mut self, report: Report) -> Result<(), Stopped> {
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => Err(Stopped),
            sent = self.reports.send(report) => sent.map_err(|_| Stopped),
        }
    }

    /// Keeps an unreadable message.
    pub(super) fn bury(&self, letter: DeadLetter) {
        // Whoever panicked while holding the ring left it whole: it only ever moves letters.
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).keep(letter);
    }
}

/// Waits for the end of the relay.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone means the same as one that says so.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Reads both clocks at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    /// A stopwatch that starts now.
    pub(super) fn started_now() -> Self {
        Clock { start: Instant::now() }
    }

    /// The time.
    pub(super) fn now(&self) -> Now {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let millis = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        Now { moment: Moment::after_start(self.start.elapsed()), unix: UnixMillis(millis) }
    }

    /// Waits until a moment; forever when there is none.
    pub(super) async fn reach(&self, deadline: Option<Moment>) {
        match deadline {
            Some(due) => tokio::time::sleep_until(self.start + due.since(Moment::START)).await,
            None => std::future::pending().await,
        }
    }
}
