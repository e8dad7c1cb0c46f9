//! Starts all configured feeds, and stops them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::binance::{self, Binance};
use super::coinbase::{self, Coinbase};
use super::collector::Collector;
use super::config::{InstrumentConfig, RecordedVenue, VenueConfig};
use super::interest::Interest;
use super::lifecycle::Patience;
use super::past::Past;
use super::port::{Clock, Port, Stopped, stopped};
use super::replay::Replay;
use super::router::Router;
use super::simulator::History;
use super::{
    ConfigError, FeedConfig, LetterBoxes, Listings, Report, Source, Venue, catalogue, replay,
    simulator, supervisor,
};
use crate::publication::Demand;

/// The running feeds. Dropping it stops them.
pub struct Feeds {
    past: Past,
    patience: Patience,
    letters: LetterBoxes,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Stopped>,
}

/// Starts the feeds on the current tokio runtime. Each collects what `demand` wants of its symbols
/// and tells everything to `reports`, whose bound slows the feeds down when nobody keeps up.
///
/// # Errors
/// When the configuration is wrong; then nothing was started.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn start(
    feeds: &[FeedConfig],
    demand: mpsc::UnboundedReceiver<Demand>,
    reports: &mpsc::Sender<Report>,
) -> Result<Feeds, ConfigError> {
    start_with(Patience::default(), feeds, demand, reports)
}

/// Like [`start`], with another patience towards venues.
///
/// # Errors
/// When the configuration is wrong; then nothing was started.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn start_with(
    patience: Patience,
    feeds: &[FeedConfig],
    demand: mpsc::UnboundedReceiver<Demand>,
    reports: &mpsc::Sender<Report>,
) -> Result<Feeds, ConfigError> {
    let instruments = catalogue(feeds)?;
    let (stop, stopping) = watch::channel(false);
    let clock = Clock::started_now();
    let mut router = Router::default();
    let mut running = Feeds {
        past: Past { instruments, histories: BTreeMap::new() },
        patience,
        letters: LetterBoxes::default(),
        stop,
        tasks: JoinSet::new(),
    };
    for feed in feeds {
        let (wanted, demand) = mpsc::unbounded_channel();
        router.add(feed.instruments().into_iter().map(|instrument| instrument.symbol), &wanted);
        let letters = running.letters.hang_up(&feed.name);
        let (reports, stop) = (reports.clone(), stopping.clone());
        running.spawn(feed, Port { demand, reports, stop, letters, clock });
    }
    let mut stop = stopping;
    running.tasks.spawn(async move {
        tokio::select! {
            () = router.run(demand) => {}
            () = stopped(&mut stop) => {}
        }
        Stopped
    });
    Ok(running)
}

impl Feeds {
    /// The newest messages that could not be read.
    #[must_use]
    pub const fn letter_boxes(&self) -> &LetterBoxes {
        &self.letters
    }

    /// What the feeds know of the time before they were started.
    #[must_use]
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// Stops the feeds and waits until they have.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a feed ended badly");
            }
        }
    }

    fn spawn(&mut self, feed: &FeedConfig, port: Port) {
        let name = feed.name.clone();
        let interest = Interest::new(Duration::from_secs(feed.grace_s), feed.always.clone());
        match &feed.source {
            Source::Simulator(settings) => {
                let history = History::new(settings.clone());
                self.past.histories.insert(name.clone(), history);
                self.tasks.spawn(simulator::run(name, settings.clone(), interest, port));
            }
            Source::Replay(settings) => {
                let replay = Replay {
                    feed: name,
                    file: Arc::new(settings.file.clone()),
                    venue: match settings.venue {
                        RecordedVenue::Binance => binance_at(None, &settings.instruments),
                        RecordedVenue::Coinbase => coinbase_at(None, &settings.instruments),
                    },
                    speed: settings.speed,
                    at_end: settings.at_end,
                };
                self.tasks.spawn(replay::run(replay, interest, port));
            }
            Source::Binance(VenueConfig { endpoint, instruments }) => {
                let venue = binance_at(endpoint.as_deref(), instruments);
                self.collect(name, venue, interest, port);
            }
            Source::Coinbase(VenueConfig { endpoint, instruments }) => {
                let venue = coinbase_at(endpoint.as_deref(), instruments);
                self.collect(name, venue, interest, port);
            }
        }
    }

    fn collect(&mut self, feed: String, venue: Box<dyn Venue>, interest: Interest, port: Port) {
        let (now, seed) = (port.clock.now(), fastrand::u64(..));
        let collector = Collector::new(feed, venue, interest, self.patience, seed, now);
        self.tasks.spawn(supervisor::run(collector, port));
    }
}

fn binance_at(endpoint: Option<&str>, instruments: &[InstrumentConfig]) -> Box<dyn Venue> {
    Box::new(Binance::new(endpoint.unwrap_or(binance::ENDPOINT), listings(instruments)))
}

fn coinbase_at(endpoint: Option<&str>, instruments: &[InstrumentConfig]) -> Box<dyn Venue> {
    Box::new(Coinbase::new(endpoint.unwrap_or(coinbase::ENDPOINT), listings(instruments)))
}

fn listings(instruments: &[InstrumentConfig]) -> Listings {
    instruments.iter().map(|listed| (listed.symbol.clone(), listed.theirs())).collect()
}
