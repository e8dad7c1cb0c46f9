//! Wires: they delay, break, go silent, and are blocked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{LinkId, Transport};

use super::dice::Dice;

/// How the way to the relay is now.
#[derive(Debug)]
pub struct Network {
    pub weather: Weather,
    pub delay_ms: (u64, u64),
    /// Transports that do not get through, and how that shows.
    pub blocked: BTreeMap<Transport, Block>,
    pub wires: BTreeMap<LinkId, Wire>,
    /// Links that the client has open; each `Open` is matched by one `Close`.
    pub open: BTreeSet<LinkId>,
}

/// Whether anything gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// New connections are refused.
    Refusing,
    /// Everything disappears without a word.
    BlackHole,
}

/// How a blocked transport shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// It is refused at once.
    Refused,
    /// It never opens.
    Hangs,
    /// It opens, and nothing comes through.
    Swallows,
}

/// One connection's way, both directions in order.
#[derive(Debug)]
pub struct Wire {
    pub encoding: Encoding,
    pub is_dead: bool,
    pub to_client_at: Duration,
    pub to_relay_at: Duration,
}

impl Network {
    pub fn new() -> Self {
        Network {
            weather: Weather::Fair,
            delay_ms: (5, 60),
            blocked: BTreeMap::new(),
            wires: BTreeMap::new(),
            open: BTreeSet::new(),
        }
    }

    pub fn delay(&self, dice: &mut Dice) -> Duration {
        dice.between_ms(self.delay_ms.0, self.delay_ms.1)
    }

    /// When something sent now arrives: never before what was sent earlier.
    pub fn arrival(
        &mut self,
        link: LinkId,
        way: Way,
        now: Duration,
        dice: &mut Dice,
    ) -> Option<Duration> {
        let delay = self.delay(dice);
        let wire = self.wires.get_mut(&link).filter(|wire| !wire.is_dead)?;
        if self.weather == Weather::BlackHole {
            wire.is_dead = true;
            return None;
        }
        let last = match way {
            Way::ToClient => &mut wire.to_client_at,
            Way::ToRelay => &mut wire.to_relay_at,
        };
        *last = (*last).max(now + delay);
        Some(*last)
    }
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToClient,
    ToRelay,
}
