//! A device: its clock, its network, its browser's databases, and the pages that are open on it.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;

use super::database::Database;
use super::tab::{LinkKey, Tab, TabKey};
use crate::simulation::world::START_UNIX;

/// Whether anything gets through to the relay, and how well.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Whether there is one.
    pub is_up: bool,
    /// How long anything takes.
    pub delay_ms: (u64, u64),
    /// One in so many messages is lost, and the connection with it; none for zero.
    pub loses_one_in: u64,
    /// One in so many messages comes twice; none for zero.
    pub repeats_one_in: u64,
}

impl Network {
    /// Nothing is wrong with it.
    pub const FINE: Network =
        Network { is_up: true, delay_ms: (5, 60), loses_one_in: 0, repeats_one_in: 0 };
}

/// One device.
#[derive(Debug)]
pub struct Device {
    /// What outlives its pages.
    pub database: Database,
    /// Its pages.
    pub tabs: Vec<Tab>,
    /// Its way to the relay.
    pub network: Network,
    /// Its calendar minus the relay's.
    pub skew_ms: i64,
    /// What it takes the relay's calendar minus its own for.
    pub offset_ms: i64,
    /// Until when its database is busy: transactions are done one after the other.
    pub busy_until: Duration,
    /// Who has the lock.
    pub holder: Option<TabKey>,
}

impl Device {
    /// A device whose browser was never on the page.
    #[must_use]
    pub const fn new(database: Database, network: Network, skew_ms: i64) -> Self {
        Device {
            database,
            tabs: Vec::new(),
            network,
            skew_ms,
            offset_ms: 0,
            busy_until: Duration::ZERO,
            holder: None,
        }
    }

    /// Its calendar.
    #[must_use]
    pub fn unix(&self, time: Duration) -> UnixMillis {
        UnixMillis((START_UNIX + time).0 + self.skew_ms)
    }

    /// What it takes the relay's calendar for.
    #[must_use]
    pub fn relay_unix(&self, time: Duration) -> UnixMillis {
        UnixMillis(self.unix(time).0 + self.offset_ms)
    }

    /// The connection that a page's questions go over: its own, or that of the page that has one.
    #[must_use]
    pub fn way_of(&self, tab: TabKey) -> Option<LinkKey> {
        let own = self.tabs.iter().find(|other| other.key == tab)?.link;
        own.or_else(|| self.tabs.iter().filter(|tab| tab.is_awake()).find_map(|tab| tab.link))
    }
}
