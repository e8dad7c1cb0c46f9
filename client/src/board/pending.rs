//! What came since the last frame. Of a *latest* topic only the newest counts; of bars, each.

use std::collections::HashMap;
use std::sync::Arc;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Event, Topic};

/// Bars that wait for a frame. A chart that is hidden for hours must not gather more: past it the
/// chart reads its history again.
const BARS_MAX: usize = 2_000;

/// What came since the last frame.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    latest: HashMap<Topic, Arc<Event>>,
    fresh: HashMap<Topic, UnixMillis>,
    bars: Vec<Arc<Event>>,
}

impl Pending {
    /// An event of a topic of which only the newest counts.
    pub(crate) fn latest(&mut self, event: Arc<Event>) {
        self.latest.insert(event.topic.clone(), event);
    }

    /// A topic's content is true until then.
    pub(crate) fn fresh(&mut self, topic: Topic, as_of: UnixMillis) {
        self.fresh.insert(topic, as_of);
    }

    /// A bar.
    pub(crate) fn bar(&mut self, event: Arc<Event>) {
        if self.bars.len() < BARS_MAX {
            self.bars.push(event);
        }
    }

    /// Takes all that waits.
    pub(crate) fn take(&mut self) -> Drained {
        Drained {
            latest: std::mem::take(&mut self.latest),
            fresh: std::mem::take(&mut self.fresh),
            bars: std::mem::take(&mut self.bars),
        }
    }
}

/// What one frame shows.
#[derive(Debug)]
pub(crate) struct Drained {
    /// The newest event of each topic.
    pub(crate) latest: HashMap<Topic, Arc<Event>>,
    /// Until when topics are true.
    pub(crate) fresh: HashMap<Topic, UnixMillis>,
    /// Bars, in order.
    pub(crate) bars: Vec<Arc<Event>>,
}
