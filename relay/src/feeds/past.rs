//! What feeds know of the time before they were started.

use std::collections::BTreeMap;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Instrument, Symbol, Tick};

use super::simulator::History;

/// The past of all feeds. Only the simulator knows any, and its past is made up too.
#[derive(Clone, Debug, Default)]
pub struct Past {
    pub(super) instruments: Vec<Instrument>,
    pub(super) histories: BTreeMap<String, History>,
}

impl Past {
    /// Every instrument of the feeds.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Bars of one minute before `until`, oldest first; empty where nobody knows.
    #[must_use]
    pub fn bars(&self, symbol: &Symbol, until: UnixMillis, minutes: u32) -> Vec<Bar> {
        self.of(symbol).map_or_else(Vec::new, |past| past.bars(symbol, until, minutes))
    }

    /// The last trades before `until`, oldest first; empty where nobody knows.
    #[must_use]
    pub fn ticks(&self, symbol: &Symbol, until: UnixMillis, count: usize) -> Vec<Tick> {
        self.of(symbol).map_or_else(Vec::new, |past| past.ticks(symbol, until, count))
    }

    fn of(&self, symbol: &Symbol) -> Option<&History> {
        let instrument = self.instruments.iter().find(|known| known.symbol == *symbol)?;
        self.histories.get(&instrument.feed)
    }
}
