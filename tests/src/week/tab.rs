//! A page: the machine, and what its shell keeps in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use tidemark_shared::clock::{Moment, Now, UnixMillis};
use tidemark_shared::documents::{Changes, Entity, Push};
use tidemark_shared::outbox::{Input, Outbox, PullId, PushId};
use tidemark_shared::protocol::Position;

/// Tells every page that there ever was from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabKey(pub u32);

/// Tells every connection from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey(pub u32);

/// What a machine wants to know from the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What becomes of writes.
    Push(PushId, Push),
    /// Which documents there are.
    Pull(PullId, Option<Position>),
}

/// Tells every question from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asking(pub u64);

/// One page.
#[derive(Debug)]
pub struct Tab {
    /// Which.
    pub key: TabKey,
    /// The machine.
    pub outbox: Outbox,
    /// When it was loaded.
    pub born: Duration,
    /// Its own connection.
    pub link: Option<LinkKey>,
    /// Whether its machine was told that the relay is reached.
    pub is_linked: bool,
    /// Whether it was told to hold the connection.
    pub is_holding: bool,
    /// What comes while the page does not run; none while it does.
    pub held: Option<Vec<Input>>,
    /// Questions that have no answer yet.
    pub asked: BTreeMap<Asking, Question>,
    /// What its user did and may want to undo.
    pub acts: Vec<(Entity, Changes)>,
}

impl Tab {
    /// A page that was just opened.
    #[must_use]
    pub fn new(key: TabKey, seed: u64, born: Duration) -> Self {
        Tab {
            key,
            outbox: Outbox::new(seed),
            born,
            link: None,
            is_linked: false,
            is_holding: false,
            held: None,
            asked: BTreeMap::new(),
            acts: Vec::new(),
        }
    }

    /// Whether the page runs.
    #[must_use]
    pub const fn is_awake(&self) -> bool {
        self.held.is_none()
    }

    /// The time as the page reads it.
    #[must_use]
    pub fn now(&self, time: Duration, device_unix: UnixMillis) -> Now {
        Now { moment: Moment::after_start(time.saturating_sub(self.born)), unix: device_unix }
    }

    /// When the machine wants to be woken, in the world's time.
    #[must_use]
    pub fn timer_at(&self, time: Duration) -> Option<Duration> {
        let deadline = self.outbox.next_deadline().filter(|_| self.is_awake())?;
        Some((self.born + deadline.since(Moment::START)).max(time))
    }
}
