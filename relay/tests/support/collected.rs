//! A running set of feeds, and what they say.

use std::collections::BTreeMap;
use std::time::Duration;

use tidemark_relay::feeds::{
    Change, FeedConfig, Feeds, InstrumentConfig, Origin, Patience, Report, Update, start_with,
};
use tidemark_relay::publication::Demand;
use tidemark_shared::market::{FeedStatus, Symbol};
use tokio::sync::mpsc;

/// A test that waits longer has hung; nothing is concluded from shorter times.
const HUNG_AFTER: Duration = Duration::from_secs(240);

/// Feeds under test.
pub(crate) struct Collected {
    /// The feeds.
    pub(crate) feeds: Feeds,
    /// What is wanted of them.
    pub(crate) demand: mpsc::UnboundedSender<Demand>,
    reports: mpsc::Receiver<Report>,
    /// The newest status of each feed.
    pub(crate) statuses: BTreeMap<String, FeedStatus>,
    /// Everything that happened.
    pub(crate) updates: Vec<Update>,
}

impl Collected {
    /// Starts feeds that come back quickly, and wants these topics.
    pub(crate) fn start(feeds: &[FeedConfig], topics: &[&str]) -> Self {
        let patience = Patience {
            backoff_first: Duration::from_millis(5),
            backoff_max: Duration::from_millis(20),
            stable_after: Duration::ZERO,
            ..Patience::default()
        };
        let (demand, demands) = mpsc::unbounded_channel();
        let (to_us, reports) = mpsc::channel(1_024);
        let feeds = start_with(patience, feeds, demands, &to_us).expect("a good configuration");
        let mut collected =
            Collected { feeds, demand, reports, statuses: BTreeMap::new(), updates: Vec::new() };
        for topic in topics {
            collected.want(topic);
        }
        collected
    }

    /// Somebody reads a topic.
    pub(crate) fn want(&mut self, topic: &str) {
        self.demand.send(Demand::Wanted(topic.parse().expect("a topic"))).expect("running feeds");
    }

    /// Takes reports until `enough` says so.
    pub(crate) async fn until(&mut self, mut enough: impl FnMut(&Collected) -> bool) {
        while !enough(self) {
            let report = tokio::time::timeout(HUNG_AFTER, self.reports.recv()).await;
            match report.expect("something to happen").expect("running feeds") {
                Report::Update(update) => self.updates.push(update),
                Report::Status(status) => drop(self.statuses.insert(status.feed.clone(), status)),
                Report::Alive { .. } => {}
            }
        }
    }

    /// The numbers of a symbol's live trades, as they came.
    pub(crate) fn trades(&self, symbol: &str) -> Vec<u64> {
        let of_symbol =
            |update: &&Update| update.symbol.as_str() == symbol && update.origin == Origin::Live;
        let number = |update: &Update| match update.change {
            Change::Trade { id, .. } => id,
            _ => None,
        };
        self.updates.iter().filter(of_symbol).filter_map(number).collect()
    }
}

/// Instruments of which only the symbols are said.
pub(crate) fn instruments(symbols: &[&str]) -> Vec<InstrumentConfig> {
    let parsed = symbols.iter().map(|symbol| symbol.parse::<Symbol>().expect("a symbol"));
    parsed.map(InstrumentConfig::of_symbol).collect()
}
