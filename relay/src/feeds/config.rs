//! What an operator says about feeds, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;
use tidemark_shared::market::{AssetClass, Instrument, Symbol};
use tidemark_shared::protocol::Topic;

use super::{binance, coinbase, simulator};

/// One feed. In TOML:
///
/// ```toml
/// [[feeds]]
/// name = "binance"
/// source = { kind = "binance", instruments = [{ symbol = "BTCUSDT" }, { symbol = "ETHUSDT" }] }
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name, unique in this relay: 1 to 40 of a-z, A-Z, 0-9, `-` and `_`.
    pub name: String,
    /// How long a symbol is still collected after its last reader has gone, in seconds: 0 to 3600.
    #[serde(default = "grace_s")]
    pub grace_s: u64,
    /// Symbols that are collected even while nobody reads them.
    #[serde(default)]
    pub always: Vec<Symbol>,
    /// Where its data comes from.
    pub source: Source,
}

/// Where a feed's data comes from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// A made-up market: no account, no internet.
    Simulator(SimulatorConfig),
    /// A recorded session of a venue.
    Replay(ReplayConfig),
    /// Binance spot.
    Binance(VenueConfig),
    /// Coinbase Exchange.
    Coinbase(VenueConfig),
}

/// Settings of the simulator.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulatorConfig {
    /// The same seed always makes the same market.
    pub seed: u64,
    /// Trades and quotes a second, over all instruments together: 1 to 20000.
    pub updates_per_s: u32,
    /// Length of a simulated trading day, in minutes: 10 to 1440.
    pub day_minutes: u32,
}

/// Settings of a replay.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayConfig {
    /// The recording, plain or `.gz`.
    pub file: PathBuf,
    /// Whose frames it holds.
    pub venue: RecordedVenue,
    /// How many times faster than recorded: above 0, at most 1000.
    #[serde(default = "speed")]
    pub speed: f64,
    /// What happens at the end of the recording.
    #[serde(default)]
    pub at_end: AtEnd,
    /// The instruments that are taken from it.
    pub instruments: Vec<InstrumentConfig>,
}

/// Whose frames a recording holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedVenue {
    /// Binance spot.
    Binance,
    /// Coinbase Exchange.
    Coinbase,
}

/// What a replay does at the end of its recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtEnd {
    /// It begins again.
    #[default]
    Loop,
    /// It stops.
    Stop,
}

/// Settings of a live venue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VenueConfig {
    /// Another address than the venue's usual one: `ws://` or `wss://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The instruments that may be asked for.
    pub instruments: Vec<InstrumentConfig>,
}

/// One instrument of a venue. Only `symbol` is needed; the rest is derived from it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentConfig {
    /// This relay's name for it.
    pub symbol: Symbol,
    /// The venue's name for it; the same when absent.
    #[serde(default)]
    pub venue_symbol: Option<String>,
    /// Its name for people; the venue's symbol when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The currency it is priced in; the tail of the venue's symbol when absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// Digits after the point that prices are shown with: 0 to 12; 2 when absent.
    #[serde(default)]
    pub price_digits: Option<u8>,
    /// What kind of thing it is; `crypto` when absent.
    #[serde(default)]
    pub asset_class: Option<AssetClass>,
    /// Other spellings a user may search for.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What is wrong with the configuration of feeds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// A value that is not allowed.
    #[error("feed {feed:?}: {key} = {value}: must be {allowed}")]
    Invalid {
        /// The feed, as it is named.
        feed: String,
        /// Which setting.
        key: String,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: String,
    },
    /// Two feeds of the same name.
    #[error("feed {feed:?}: the name is used twice; names of feeds must differ")]
    DuplicateName {
        /// The name.
        feed: String,
    },
    /// A symbol that two feeds carry, or one feed twice.
    #[error("feed {second:?}: symbol {symbol} is carried by feed {first:?} already")]
    DuplicateSymbol {
        /// The symbol.
        symbol: Symbol,
        /// The feed named first.
        first: String,
        /// The feed named second.
        second: String,
    },
}

/// Every instrument of these feeds, checked.
///
/// # Errors
/// The first thing that is wrong with the feeds.
pub fn catalogue(feeds: &[FeedConfig]) -> Result<Vec<Instrument>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut carried: BTreeMap<Symbol, &str> = BTreeMap::new();
    let mut instruments = Vec::new();
    for feed in feeds {
        feed.check()?;
        if !names.insert(&feed.name) {
            return Err(ConfigError::DuplicateName { feed: feed.name.clone() });
        }
        for instrument in feed.instruments() {
            if let Some(first) = carried.insert(instrument.symbol.clone(), &feed.name) {
                let (first, second) = (first.to_owned(), feed.name.clone());
                return Err(ConfigError::DuplicateSymbol {
                    symbol: instrument.symbol,
                    first,
                    second,
                });
            }
            instruments.push(instrument);
        }
    }
    Ok(instruments)
}

impl FeedConfig {
    /// The feed of a relay that was configured none: the simulator.
    #[must_use]
    pub fn simulator() -> Self {
        FeedConfig {
            name: "simulator".to_owned(),
            grace_s: grace_s(),
            always: Vec::new(),
            source: Source::Simulator(SimulatorConfig::default()),
        }
    }

    /// Looks at each setting by itself. What two feeds must not share, [`catalogue`] checks.
    ///
    /// # Errors
    /// The first setting that is not allowed.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.allow(
            Topic::feed(&self.name).is_ok(),
            "name",
            format!("{:?}", self.name),
            "1 to 40 of a-z, A-Z, 0-9, '-' and '_'",
        )?;
        self.allow(self.grace_s <= 3_600, "grace_s", self.grace_s, "0 to 3600")?;
        match &self.source {
            Source::Simulator(settings) => self.check_simulator(settings)?,
            Source::Replay(settings) => {
                let speed = settings.speed;
                self.allow(
                    speed > 0.0 && speed <= 1_000.0,
                    "speed",
                    speed,
                    "above 0, at most 1000",
                )?;
                self.check_instruments(&settings.instruments, REPLAYED_MAX)?;
            }
            Source::Binance(settings) => self.check_venue(settings, binance::INSTRUMENTS_MAX)?,
            Source::Coinbase(settings) => self.check_venue(settings, coinbase::INSTRUMENTS_MAX)?,
        }
        let known: BTreeSet<Symbol> = self.instruments().into_iter().map(|i| i.symbol).collect();
        for symbol in &self.always {
            self.allow(known.contains(symbol), "always", symbol, "symbols of this feed")?;
        }
        Ok(())
    }

    /// What this feed carries.
    #[must_use]
    pub fn instruments(&self) -> Vec<Instrument> {
        let configured = match &self.source {
            Source::Simulator(_) => return simulator::instruments(&self.name),
            Source::Replay(settings) => &settings.instruments,
            Source::Binance(settings) | Source::Coinbase(settings) => &settings.instruments,
        };
        configured.iter().map(|instrument| instrument.instrument(&self.name)).collect()
    }

    fn check_simulator(&self, settings: &SimulatorConfig) -> Result<(), ConfigError> {
        let rate = settings.updates_per_s;
        self.allow((1..=20_000).contains(&rate), "updates_per_s", rate, "1 to 20000")?;
        let minutes = settings.day_minutes;
        self.allow((10..=1_440).contains(&minutes), "day_minutes", minutes, "10 to 1440")
    }

    fn check_venue(&self, settings: &VenueConfig, most: usize) -> Result<(), ConfigError> {
        if let Some(endpoint) = &settings.endpoint {
            let web_socket = endpoint.starts_with("ws://") || endpoint.starts_with("wss://");
            self.allow(web_socket, "endpoint", endpoint, "a ws:// or wss:// address")?;
        }
        self.check_instruments(&settings.instruments, most)
    }

    fn check_instruments(
        &self,
        instruments: &[InstrumentConfig],
        most: usize,
    ) -> Result<(), ConfigError> {
        let count = instruments.len();
        let allowed = format!("1 to {most} instruments (spread more over several feeds)");
        self.allow((1..=most).contains(&count), "instruments", count, &allowed)?;
        let mut theirs = BTreeSet::new();
        for instrument in instruments {
            let venue_symbol = instrument.theirs();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            let fits = !venue_symbol.is_empty() && venue_symbol.len() <= 40;
            self.allow(
                fits && venue_symbol.bytes().all(plain) && theirs.insert(venue_symbol.clone()),
                "venue_symbol",
                format!("{venue_symbol:?}"),
                "1 to 40 letters, digits, '-' and '_', and in this feed once",
            )?;
            let digits = instrument.price_digits.unwrap_or(PRICE_DIGITS);
            self.allow(digits <= 12, "price_digits", digits, "0 to 12")?;
        }
        Ok(())
    }

    fn allow(
        &self,
        fine: bool,
        key: &str,
        value: impl ToString,
        allowed: &str,
    ) -> Result<(), ConfigError> {
        if fine {
            return Ok(());
        }
        Err(ConfigError::Invalid {
            feed: self.name.clone(),
            key: key.to_owned(),
            value: value.to_string(),
            allowed: allowed.to_owned(),
        })
    }
}

impl InstrumentConfig {
    /// An instrument of which nothing but the symbol is said.
    #[must_use]
    pub fn of_symbol(symbol: Symbol) -> Self {
        InstrumentConfig {
            symbol,
            venue_symbol: None,
            name: None,
            currency: None,
            price_digits: None,
            asset_class: None,
            aliases: Vec::new(),
        }
    }

    /// The venue's name for it; both venues write theirs in upper case.
    #[must_use]
    pub fn theirs(&self) -> String {
        let spelled = self.venue_symbol.as_deref().unwrap_or(self.symbol.as_str());
        spelled.to_ascii_uppercase()
    }

    fn instrument(&self, feed: &str) -> Instrument {
        let theirs = self.theirs();
        Instrument {
            symbol: self.symbol.clone(),
            currency: self.currency.clone().unwrap_or_else(|| quote_currency(&theirs)),
            name: self.name.clone().unwrap_or(theirs),
            asset_class: self.asset_class.unwrap_or(AssetClass::Crypto),
            price_digits: self.price_digits.unwrap_or(PRICE_DIGITS),
            feed: feed.to_owned(),
            aliases: self.aliases.clone(),
        }
    }
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        SimulatorConfig { seed: 1, updates_per_s: 200, day_minutes: 60 }
    }
}

/// The second currency of a pair: what follows the dash, or a well-known tail.
fn quote_currency(pair: &str) -> String {
    const TAILS: [&str; 12] =
        ["USDT", "USDC", "FDUSD", "BUSD", "USD", "EUR", "GBP", "TRY", "JPY", "BTC", "ETH", "BNB"];
    let tail = pair.split_once('-').map(|(_, quote)| quote);
    let known = || TAILS.into_iter().find(|tail| pair.len() > tail.len() && pair.ends_with(tail));
    tail.or_else(known).unwrap_or(pair).to_owned()
}

/// Most instruments of a recording; the same order as a live venue's.
const REPLAYED_MAX: usize = 1_000;

/// What most prices in the larger currencies are shown with.
const PRICE_DIGITS: u8 = 2;

const fn grace_s() -> u64 {
    30
}

const fn speed() -> f64 {
    1.0
}
