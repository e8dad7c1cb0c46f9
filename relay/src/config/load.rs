//! The checked configuration, and how it comes about.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use tidemark_shared::merge::Rules;

use super::cli::Cli;
use super::error::{ConfigError, ConfigErrors};
use super::feeds::feeds;
use super::issuers::issuers;
use super::kind::{LogFormat, LogLevel, ServiceWorker};
use super::layers::Layers;
use super::merge::merge;
use super::rights::rights;
use super::secret::Secret;
use super::settings as s;
use crate::auth::{Issuer, Mode};
use crate::documents::Limits;
use crate::feeds::FeedConfig;
use crate::hub::{ConnectionRules, UserRules};
use crate::log::{Retention, Window};
use crate::rights::Rule;
use crate::serve::ServeLimits;

/// Everything that an operator decides, checked: nothing downstream checks it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Pages elsewhere that may connect, each exactly as a browser spells its origin.
    pub allowed_origins: Vec<String>,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// How many shards.
    pub shards: NonZeroUsize,
    /// What connections have to keep to.
    pub connection: ConnectionRules,
    /// How many connections are taken.
    pub limits: ServeLimits,
    /// Who is let in, and how.
    pub auth: Auth,
    /// How late prices are for those who may only see them late.
    pub market_delay: Duration,
    /// How to speak TLS; plain HTTP where there is none.
    pub tls: Option<Tls>,
    /// How much of each topic is kept.
    pub retention: Retention,
    /// How much of their own data users may keep.
    pub documents: Limits,
    /// How users' writes are merged.
    pub merge: Rules,
    /// Memory for the store's cache.
    pub store_cache_bytes: usize,
    /// Whether browsers keep the page's files.
    pub service_worker: ServiceWorker,
    /// How to log.
    pub log: Log,
    /// How to stop.
    pub drain: Drain,
    /// Who knows it may publish over HTTP; nobody may where there is none.
    pub publish_token: Option<Secret>,
    /// Who knows it may read metrics and status.
    pub metrics_token: Option<Secret>,
    /// What users may do, where it is not as built in. The first rule that fits counts.
    pub rights: Vec<Rule>,
    /// Where the data comes from: at least one feed.
    pub feeds: Vec<FeedConfig>,
}

/// Who is let in, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Auth {
    /// Who.
    pub mode: Mode,
    /// Those too who have not signed in.
    pub guests: bool,
    /// Anybody may make an account.
    pub sign_up: bool,
    /// A token may stand in an address.
    pub token_in_address: bool,
    /// So far others' clocks may be from ours.
    pub leeway: Duration,
    /// A session ends so long after it was last used.
    pub session: Duration,
    /// Connections are told so long before their sign-in ends.
    pub warn_before: Duration,
    /// Whose tokens count.
    pub issuers: Vec<Issuer>,
}

/// How to speak TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain's file.
    pub certificate: PathBuf,
    /// The private key's file.
    pub key: PathBuf,
    /// Browsers are told to come no other way for so long; zero: they are not told.
    pub hsts: Duration,
}

/// How to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// Which ones are written.
    pub level: LogLevel,
}

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// So long connections may take to go by themselves.
    pub within: Duration,
    /// They come back spread over this time.
    pub jitter: Duration,
}

/// Reads the file, the environment and the arguments into one checked configuration.
///
/// # Errors
/// Everything that is wrong, one line each.
pub fn load(cli: &Cli) -> Result<Config, ConfigErrors> {
    check(&mut gather(cli)?)
}

/// Everything that is said, unchecked.
pub(super) fn gather(cli: &Cli) -> Result<Layers, ConfigErrors> {
    let variables = std::env::vars_os()
        .map(|(name, text)| (name.to_string_lossy().into(), text.to_string_lossy().into()));
    gather_with(cli, variables)
}

fn gather_with(
    cli: &Cli,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Layers, ConfigErrors> {
    let mut layers = Layers::default();
    if let Some(path) = &cli.config {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let (path, reason) = (path.clone(), error.to_string());
            ConfigErrors(vec![ConfigError::Unreadable { path, reason }])
        })?;
        layers.take_file(path, &text);
    }
    layers.take_environment(variables);
    let listen = cli.listen.iter().map(|listen| format!("{}={listen}", s::LISTEN.key));
    let data_dir = cli.data_dir.iter().map(|folder| format!("{}={folder}", s::DATA_DIR.key));
    layers.take_arguments(cli.set.iter().cloned().chain(listen).chain(data_dir));
    Ok(layers)
}

/// Checks each setting by itself, then what they have to do with each other.
pub(super) fn check(layers: &mut Layers) -> Result<Config, ConfigErrors> {
    let bytes_max = size(layers.checked(&s::TOPIC_BYTES_MAX));
    let feeds = feeds(&layers.feeds).unwrap_or_else(|error| {
        layers.errors.push(error);
        Vec::new()
    });
    let rights = rights(&layers.rights).unwrap_or_else(|errors| {
        layers.errors.extend(errors);
        Vec::new()
    });
    let merge = merge(&layers.merge).unwrap_or_else(|error| {
        layers.errors.push(error);
        Rules::default()
    });
    let mode = layers.checked(&s::AUTH_MODE);
    let issuers = issuers(&layers.issuers, mode).unwrap_or_else(|error| {
        layers.errors.push(error);
        Vec::new()
    });
    let config = Config {
        listen: layers.checked(&s::LISTEN),
        allowed_origins: layers.checked(&s::ALLOWED_ORIGINS),
        data_dir: layers.checked(&s::DATA_DIR),
        shards: layers.checked(&s::SHARDS),
        connection: ConnectionRules {
            heartbeat: layers.checked(&s::HEARTBEAT),
            dead_after: layers.checked(&s::DEAD_AFTER),
            hello_within: layers.checked(&s::HELLO_WITHIN),
            message_within: layers.checked(&s::MESSAGE_WITHIN),
            not_reading_close: layers.checked(&s::NOT_READING_CLOSE),
            poll_within: layers.checked(&s::POLL_WITHIN),
            topics_max: layers.checked(&s::TOPICS_MAX),
            messages_per_s_max: layers.checked(&s::MESSAGES_PER_S_MAX),
            bytes_per_s_max: layers.checked(&s::BYTES_PER_S_MAX),
            warn_before: layers.checked(&s::AUTH_WARN_BEFORE),
            users: UserRules {
                connections_max: layers.checked(&s::CONNECTIONS_PER_USER_MAX),
                messages_per_s_max: layers.checked(&s::USER_MESSAGES_PER_S_MAX),
                bytes_per_s_max: layers.checked(&s::USER_BYTES_PER_S_MAX),
            },
        },
        limits: ServeLimits {
            connections_max: size(layers.checked(&s::CONNECTIONS_MAX)),
            connections_per_address_max: size(layers.checked(&s::CONNECTIONS_PER_ADDRESS_MAX)),
            trusted_proxies: layers.checked(&s::TRUSTED_PROXIES),
            ..ServeLimits::default()
        },
        auth: Auth {
            mode,
            guests: layers.checked(&s::AUTH_GUESTS),
            sign_up: layers.checked(&s::AUTH_SIGN_UP),
            token_in_address: layers.checked(&s::AUTH_TOKEN_IN_ADDRESS),
            leeway: layers.checked(&s::AUTH_LEEWAY),
            session: layers.checked(&s::AUTH_SESSION),
            warn_before: layers.checked(&s::AUTH_WARN_BEFORE),
            issuers,
        },
        market_delay: layers.checked(&s::MARKET_DELAY),
        tls: tls(layers),
        retention: Retention {
            latest: Window {
                count_max: size(layers.checked(&s::LATEST_COUNT)),
                age_max: layers.checked(&s::LATEST_AGE),
                bytes_max,
            },
            log: Window {
                count_max: size(layers.checked(&s::LOG_COUNT)),
                age_max: layers.checked(&s::LOG_AGE),
                bytes_max,
            },
        },
        documents: Limits {
            documents_per_user_max: layers.checked(&s::DOCUMENTS_PER_USER_MAX).into(),
            bytes_per_user_max: layers.checked(&s::DOCUMENTS_BYTES_PER_USER_MAX).into(),
            groups_per_user_max: layers.checked(&s::DOCUMENTS_GROUPS_PER_USER_MAX).into(),
            history_max: layers.checked(&s::DOCUMENTS_HISTORY).into(),
            history_bytes_per_user_max: layers.checked(&s::DOCUMENTS_HISTORY_BYTES).into(),
            receipts_per_group_max: layers.checked(&s::DOCUMENTS_RECEIPTS).into(),
            ..Limits::default()
        },
        merge,
        store_cache_bytes: size(layers.checked(&s::STORE_CACHE)).saturating_mul(1024 * 1024),
        service_worker: layers.checked(&s::SERVICE_WORKER),
        log: Log { format: layers.checked(&s::LOG_FORMAT), level: layers.checked(&s::LOG_LEVEL) },
        drain: Drain {
            within: layers.checked(&s::DRAIN_WITHIN),
            jitter: layers.checked(&s::DRAIN_JITTER),
        },
        publish_token: layers.checked(&s::PUBLISH_TOKEN),
        metrics_token: layers.checked(&s::METRICS_TOKEN),
        rights,
        feeds,
    };
    if config.connection.dead_after <= config.connection.heartbeat {
        let (value, source) = layers.of(&s::DEAD_AFTER);
        let (heartbeat, _) = layers.of(&s::HEARTBEAT);
        let allowed = format!("more than {} = {heartbeat}", s::HEARTBEAT.key);
        layers.refuse(&s::DEAD_AFTER, allowed, &value, source);
    }
    match layers.errors.is_empty() {
        true => Ok(config),
        false => Err(ConfigErrors(std::mem::take(&mut layers.errors))),
    }
}

/// Both files or none.
fn tls(layers: &mut Layers) -> Option<Tls> {
    let (certificate, key) = (layers.checked(&s::TLS_CERTIFICATE), layers.checked(&s::TLS_KEY));
    let hsts = layers.checked(&s::TLS_HSTS);
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key, hsts }),
        (None, None) => None,
        (certificate, _) => {
            let missing = match certificate {
                Some(_) => &s::TLS_KEY,
                None => &s::TLS_CERTIFICATE,
            };
            let (value, source) = layers.of(missing);
            let allowed = "set, because its other half is".to_owned();
            layers.refuse(missing, allowed, &value, source);
            None
        }
    }
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
