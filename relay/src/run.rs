//! Puts the relay together, runs it, and takes it apart so that nothing is lost.

mod revoking;

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Instrument, Interval, Symbol, roll_up};
use tidemark_shared::merge::Strategies;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::accounts::{Accounts, Channel, Cookies, SessionRules, Token};
use crate::auth::{Gate, Mode};
use crate::clock::{Clock, unix_now};
use crate::config::Config;
use crate::desk::{Desk, News};
use crate::documents::{self, DocumentRules, Engine, MergeByRules, Writer};
use crate::feeds::{self, Feeds, Past};
use crate::http::{self, Entrance, Relay};
use crate::hub::{Hub, HubSettings, ShardSettings};
use crate::intake::Intake;
use crate::pipeline::{Keep, Market};
use crate::rights::Rights;
use crate::serve::{self, Occupancy, ServeLimits};
use crate::store::{Door, EmbeddedStore, OpenError, StoreError};
use crate::tls::{CertificateError, Renewal};
use crate::transport::origin::OriginPolicy;
use crate::transport::routes::{self, Doors};

/// Reports that may wait for the pipeline; a feed waits beyond it.
const REPORTS_MAX: usize = 4_096;

/// History that a feed knows, as long as it is worth having: a week of minutes fills every chart.
const BACKFILL_MINUTES_MAX: u32 = 7 * 24 * 60;

/// The part of it that is there before the first page comes: at least half a day. The rest follows
/// while the relay runs, so that a restart is short.
const BACKFILL_AT_ONCE: Duration = Duration::from_secs(12 * 60 * 60);

/// Trades that a feed knows at start.
const BACKFILL_TICKS: usize = 500;

/// Why the relay did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address.
    #[error("cannot listen on {address}: {error}; another program may have it: set `listen`")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The data directory.
    #[error("cannot use the data directory {}: {error}; set `data_dir`", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another relay.
    #[error("another relay uses the data directory {}; nothing was changed", path.display())]
    DataDirInUse {
        /// Which.
        path: PathBuf,
    },
    /// The feeds.
    #[error(transparent)]
    Feeds(#[from] feeds::ConfigError),
    /// The users' documents.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The accounts in it.
    #[error(transparent)]
    Accounts(#[from] StoreError),
    /// TLS.
    #[error("cannot speak TLS: {0}; see `tls.certificate` and `tls.key`")]
    Tls(#[from] CertificateError),
    /// The threads.
    #[error("cannot start the relay's threads: {0}")]
    Threads(io::Error),
}

/// A relay that runs.
pub struct Running {
    address: SocketAddr,
    config: Config,
    relay: Arc<Relay>,
    feeds: Feeds,
    stop: watch::Sender<()>,
    intake: JoinHandle<()>,
    server: JoinHandle<()>,
    documents: documents::Threads,
    first_admin_link: Option<String>,
    /// Keeps the accounts in order.
    tending: JoinHandle<()>,
    /// Lets a backup be made while the relay runs.
    _door: Option<Door>,
    /// Keeps other relays away from the data directory.
    _lock: File,
}

/// Starts a relay.
///
/// # Errors
/// When the machine refuses something that the configuration asks for; nothing runs then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let clock = Clock::start();
    let started = clock.now().unix;
    let (tls_door, renewal) = match config.tls.clone() {
        Some(tls) => {
            let (door, renewal) = Renewal::begin(tls, started)?;
            (Some(door), Some(renewal))
        }
        None => (None, None),
    };
    let lock = lock_dir(&config.data_dir)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| StartError::Listen { address: config.listen, error })?;
    let address = listener.local_addr().map_err(StartError::Threads)?;
    let (wanted, demand_of_feeds) = mpsc::unbounded_channel();
    let (report_sender, reports) = mpsc::channel(REPORTS_MAX);
    let feeds = feeds::start(&config.feeds, demand_of_feeds, &report_sender)?;
    let past = feeds.past().clone();
    let store = EmbeddedStore::open_in(&config.data_dir, config.store_cache_bytes, started)?;
    let store = Arc::new(store);
    let rules = SessionRules { unused_max: config.auth.session };
    let (accounts, ended) = Accounts::open(Arc::clone(&store), rules, clock)?;
    let channel = if config.tls.is_some() { Channel::Tls } else { Channel::Plain };
    let gate = Gate::of(&config.auth, started).with_bans(Arc::clone(accounts.bans_in_force()));
    let gate = Arc::new(match config.auth.mode {
        Mode::Accounts => {
            gate.with_sessions(Arc::new(Cookies::new(Arc::clone(&accounts), channel)))
        }
        Mode::Demo | Mode::Tokens => gate,
    });
    let rights = Arc::new(Rights::new(config.rights.clone(), config.market_delay));
    let keep = if rights.delays_somebody() { Keep::Every } else { Keep::Read };
    let market = begin_backfill(&past, started).with_delay(config.market_delay, keep);
    let desk = Desk::new(market, Arc::clone(&gate), rights);
    let later = desk.clone();
    // Nobody waits for it: what is not there yet when the relay stops is made up anew anyway.
    thread::Builder::new()
        .name("backfill".to_owned())
        .spawn(move || finish_backfill(&past, &later, started))
        .map_err(StartError::Threads)?;
    let settings = HubSettings {
        shards: config.shards.get(),
        shard: ShardSettings {
            relay: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            rules: config.connection.clone(),
            retention: config.retention,
            seed: fastrand::u64(..),
            index: 0,
        },
    };
    let service = Arc::new(desk.clone());
    let (hub, demand) = Hub::start(&settings, service, Some(&config.data_dir), clock)
        .map_err(StartError::Threads)?;
    let hub = Arc::new(hub);
    let merging = MergeByRules { rules: config.merge.clone(), strategies: Strategies::default() };
    let rules = DocumentRules { merging, limits: config.documents };
    let engine = Engine::new(Arc::clone(&store), rules);
    let news = News::to(hub.answers(), hub.publisher().clone());
    let (writer, documents) = Writer::start(engine, unix_now, news).map_err(StartError::Threads)?;
    desk.open_documents(writer);
    let door = Door::open(&config.data_dir, store)
        .inspect_err(|error| {
            tracing::warn!(%error, "no backup can be made while the relay runs; all else works");
        })
        .ok();
    // Who reads nothing of a stream is cut by its shard, with a reason, before the system does it.
    let taken_within = config.connection.not_reading_close.max(config.limits.taken_within);
    let limits = ServeLimits { taken_within, ..config.limits.clone() };
    let occupancy = Arc::new(Occupancy::new(limits));
    let token = config.publish_token.clone();
    let letters = feeds.letter_boxes().clone();
    let relay = Relay::new(Arc::clone(&hub), Arc::clone(&occupancy), started, token, letters);
    let relay = Arc::new(relay.with_service_worker(config.service_worker));
    let (stop, stopping) = watch::channel(());
    let (keeping, mut stopped) = (Arc::clone(&gate), stopping.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = keeping.keep_keys(unix_now) => {}
            _ = stopped.changed() => {}
        }
    });
    let publisher = hub.publisher().clone();
    let intake = Intake { desk, publisher, relay: Arc::clone(&relay), demand, wanted, reports };
    let origins = Arc::new(OriginPolicy::new(config.allowed_origins.clone()));
    let entrance = Entrance {
        gate: Arc::clone(&gate),
        accounts: Arc::clone(&accounts),
        origins: Arc::clone(&origins),
        auth: config.auth.clone(),
        channel,
        metrics_token: config.metrics_token.clone(),
    };
    let router = routes::routes(Doors { hub: Arc::clone(&hub), origins, gate })
        .merge(http::routes(Arc::clone(&relay), entrance));
    let router = http::harden(router, config.tls.as_ref().map(|tls| tls.hsts));
    let is_new = config.auth.mode == Mode::Accounts && !accounts.has_admin();
    let first_admin_link =
        is_new.then(|| one_time_link(&config, address, &accounts.first_admin_link()));
    tokio::spawn(revoking::revoke(ended, hub, stopping.clone()));
    let tending = tokio::spawn(revoking::tend(accounts, stopping.clone()));
    let server = serve::serve(listener, tls_door, router, occupancy, stopping.clone());
    if let Some(renewal) = renewal {
        tokio::spawn(renewal.run(stopping.clone()));
    }
    Ok(Running {
        address,
        relay,
        feeds,
        stop,
        intake: tokio::spawn(intake.run(stopping)),
        server: tokio::spawn(server),
        documents,
        first_admin_link,
        tending,
        _door: door,
        _lock: lock,
        config,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the first admin's account can be made, once, as long as there is none.
    #[must_use]
    pub fn first_admin_link(&self) -> Option<&str> {
        self.first_admin_link.as_deref()
    }

    /// The address of the page, as a browser takes it.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.config.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Waits for what the relay cannot go on after: a store that fails. For ever where nothing
    /// does.
    pub async fn failed(&mut self) -> documents::Failure {
        self.documents.failed().await
    }

    /// Stops: takes nobody in any more, stops the feeds, sends everybody away, each to come back
    /// at another time, and keeps the retained windows for the next run.
    pub async fn stop(self) {
        self.relay.begin_draining();
        // Nobody listens any more when a task has ended by itself.
        let _ = self.stop.send(());
        let _ = self.server.await;
        self.feeds.shutdown().await;
        let _ = self.intake.await;
        let _ = self.tending.await;
        // What was handed in is committed and answered while there is somebody to answer to.
        let documents = self.documents;
        let _ = tokio::task::spawn_blocking(move || documents.stop()).await;
        let drain = self.config.drain;
        let drained = self.relay.hub.drain(drain.jitter, Some(&self.config.data_dir));
        match tokio::time::timeout(drain.within, drained).await {
            Ok(Ok(())) => tracing::info!("stopped; what clients may still ask for is kept"),
            Ok(Err(error)) => {
                tracing::error!(%error, "stopped; clients will be given snapshots instead");
            }
            Err(_) => tracing::warn!("stopped before every connection was done with"),
        }
    }
}

/// A link for a one-time secret, which stands where no server and no log sees it.
#[must_use]
pub fn one_time_link(config: &Config, mut address: SocketAddr, token: &Token) -> String {
    if address.ip().is_unspecified() {
        // It listens everywhere: here, too.
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{address}/#first-admin={}", token.reveal())
}

/// What the feeds know of the newest past, in the pipeline's hands.
fn begin_backfill(past: &Past, now: UnixMillis) -> Market {
    let mut market = Market::new(past.instruments().to_vec());
    let minutes = now.since(backfill_border(now)).as_secs().div_ceil(60);
    let minutes = u32::try_from(minutes).unwrap_or(BACKFILL_MINUTES_MAX);
    for Instrument { symbol, .. } in past.instruments() {
        seed(&mut market, symbol, past.bars(symbol, now, minutes));
        market.seed_ticks(symbol, past.ticks(symbol, now, BACKFILL_TICKS));
    }
    market
}

/// The past before that. It takes a while, and the market is locked only to take in the result.
fn finish_backfill(past: &Past, desk: &Desk, now: UnixMillis) {
    let border = backfill_border(now);
    for Instrument { symbol, .. } in past.instruments() {
        let minutes = past.bars(symbol, border, BACKFILL_MINUTES_MAX);
        seed(&mut desk.market(), symbol, minutes);
    }
}

/// Where the two parts meet: at a midnight, so that no bar of any interval is torn in two.
fn backfill_border(now: UnixMillis) -> UnixMillis {
    Interval::Day1.start_of(now - BACKFILL_AT_ONCE)
}

fn seed(market: &mut Market, symbol: &Symbol, minutes: Vec<Bar>) {
    for interval in Interval::ALL.into_iter().filter(|interval| *interval > Interval::Minute1) {
        market.seed_bars(symbol, interval, roll_up(&minutes, Interval::Minute1, interval));
    }
    market.seed_bars(symbol, Interval::Minute1, minutes);
}

/// Makes the data directory where it is missing, and keeps other relays out of it.
pub(crate) fn lock_dir(path: &Path) -> Result<File, StartError> {
    let failed = |error| StartError::DataDir { path: path.to_owned(), error };
    fs::create_dir_all(path).map_err(failed)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join("relay.lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::DataDirInUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
