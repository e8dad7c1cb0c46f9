//! The table of all settings.

use super::kind::{
    Address, Count, Folder, LogFormat, LogLevel, Millis, Networks, OneOf, OptionalFile,
    OptionalSecret, Origins, Seconds, ServiceWorker, Shards,
};
use super::setting::{AnySetting, Setting};
use crate::auth::Mode;

macro_rules! settings {
    ($($(#[doc = $meaning:literal])+ $name:ident: $kind:ty = ($key:literal, $default:literal, $value:expr);)*) => {
        $(pub(super) static $name: Setting<$kind> = Setting {
            key: $key,
            meaning: &[$($meaning),+],
            default: $default,
            kind: $value,
        };)*

        /// All of them, in the order of the reference: each section's together.
        pub(super) static ALL: &[&dyn AnySetting] = &[$(&$name),*];
    };
}

settings! {
    /// Where the relay listens. Only this machine can reach 127.0.0.1; put a proxy with TLS before
    /// it, or listen on 0.0.0.0 or [::], to let others in.
    LISTEN: Address = ("listen", "127.0.0.1:7878", Address);
    /// Pages elsewhere that may connect from a browser. The relay's own page always may.
    ALLOWED_ORIGINS: Origins = ("allowed_origins", "", Origins);
    /// Where the relay keeps its files. It is made when it is not there.
    DATA_DIR: Folder = ("data_dir", "tidemark-data", Folder);
    /// Threads that write to connections.
    SHARDS: Shards = ("shards", "auto", Shards);

    /// A heartbeat is sent to each connection this often.
    HEARTBEAT: Millis = ("connection.heartbeat_ms", "30000", Millis(100..=600_000));
    /// A connection without a sign of life for so long is dead. More than the heartbeat.
    DEAD_AFTER: Millis = ("connection.dead_after_ms", "60000", Millis(200..=3_600_000));
    /// A new connection must say hello within this time.
    HELLO_WITHIN: Millis = ("connection.hello_within_ms", "5000", Millis(100..=60_000));
    /// A message that has begun to come in must be whole within this time.
    MESSAGE_WITHIN: Millis = ("connection.message_within_ms", "10000", Millis(100..=60_000));
    /// A connection that reads nothing of what is sent to it for so long is closed.
    NOT_READING_CLOSE: Millis = ("connection.not_reading_close_ms", "60000", Millis(1_000..=3_600_000));
    /// A client that polls must ask again within this time.
    POLL_WITHIN: Millis = ("connection.poll_within_ms", "60000", Millis(1_000..=600_000));
    /// Most topics of one connection.
    TOPICS_MAX: Count = ("connection.topics_max", "1024", Count(1..=100_000));
    /// Most messages a second from one connection. Short bursts may be larger.
    MESSAGES_PER_S_MAX: Count = ("connection.messages_per_s_max", "50", Count(1..=100_000));
    /// Most bytes a second from one connection. Short bursts may be larger.
    BYTES_PER_S_MAX: Count = ("connection.bytes_per_s_max", "262144", Count(16_384..=1_073_741_824));

    /// Who is let in: "demo" (anybody, as whoever they say they are: for trying, and for people who
    /// trust each other), "accounts" (who has an account of this relay), or "tokens" (who brings a
    /// token of one of [[auth.issuers]]). With "accounts", tokens of issuers count too.
    AUTH_MODE: OneOf<Mode> = ("auth.mode", "demo", OneOf(MODES));
    /// Whether those who have not signed in are let in too, as guests: [[rights]] says what they may
    /// see. In demo mode they always are.
    AUTH_GUESTS: OneOf<bool> = ("auth.guests", "off", OneOf(SWITCH));
    /// Whether anybody may make an account.
    AUTH_SIGN_UP: OneOf<bool> = ("auth.sign_up", "off", OneOf(SWITCH));
    /// Whether a token may stand in an address (`?token=`). It then shows in the logs of every proxy
    /// on the way: a ticket (POST /v1/ticket) is as easy and does not.
    AUTH_TOKEN_IN_ADDRESS: OneOf<bool> = ("auth.token_in_address", "off", OneOf(SWITCH));
    /// So far the clocks of those who sign tokens may be from ours.
    AUTH_LEEWAY: Seconds = ("auth.leeway_s", "30", Seconds(0..=30));
    /// A session of an account ends so long after it was last used.
    AUTH_SESSION: Seconds = ("auth.session_s", "2592000", Seconds(300..=31_536_000));
    /// So long before a sign-in ends, its connections are told.
    AUTH_WARN_BEFORE: Seconds = ("auth.warn_before_s", "60", Seconds(0..=3_600));

    /// How late prices are for those who may only see them late.
    MARKET_DELAY: Seconds = ("market.delay_s", "900", Seconds(1..=3_600));

    /// Most connections in all. Each takes about 6 KB, and a file descriptor of the process.
    CONNECTIONS_MAX: Count = ("limits.connections_max", "1000", Count(1..=1_000_000));
    /// Most connections from one address. Behind a proxy all come from the proxy's, unless it is one
    /// of limits.trusted_proxies.
    CONNECTIONS_PER_ADDRESS_MAX: Count = ("limits.connections_per_address_max", "250", Count(1..=1_000_000));
    /// Most connections of one user. Those who have not said who they are are counted by address only.
    CONNECTIONS_PER_USER_MAX: Count = ("limits.connections_per_user_max", "10", Count(1..=1_000_000));
    /// Most messages a second from all connections of one user. Short bursts may be larger.
    USER_MESSAGES_PER_S_MAX: Count = ("limits.user_messages_per_s_max", "200", Count(1..=1_000_000));
    /// Most bytes a second from all connections of one user. Short bursts may be larger.
    USER_BYTES_PER_S_MAX: Count = ("limits.user_bytes_per_s_max", "1048576", Count(65_536..=1_073_741_824));
    /// Proxies that are believed when they say for whom they ask (X-Forwarded-For, Forwarded): their
    /// addresses or networks. Nobody else is.
    TRUSTED_PROXIES: Networks = ("limits.trusted_proxies", "", Networks);

    /// Most messages kept of a topic of which only the newest counts (prices, states).
    LATEST_COUNT: Count = ("retention.latest_count", "2048", Count(1..=1_000_000));
    /// How long they are kept: a reconnect within this time misses nothing.
    LATEST_AGE: Seconds = ("retention.latest_age_s", "120", Seconds(1..=86_400));
    /// Most messages kept of a topic of which every message counts (bars, orders).
    LOG_COUNT: Count = ("retention.log_count", "4096", Count(1..=1_000_000));
    /// How long they are kept.
    LOG_AGE: Seconds = ("retention.log_age_s", "900", Seconds(1..=604_800));
    /// Most bytes kept of one topic.
    TOPIC_BYTES_MAX: Count = ("retention.topic_bytes_max", "262144", Count(65_536..=1_073_741_824));

    /// Most documents of one user, with those that were deleted: a new device is sent all of them.
    DOCUMENTS_PER_USER_MAX: Count = ("documents.per_user_max", "10000", Count(1..=1_000_000));
    /// Most bytes of one user's documents, without their history.
    DOCUMENTS_BYTES_PER_USER_MAX: Count = ("documents.bytes_per_user_max", "33554432", Count(65_536..=1_073_741_824));
    /// Most devices and browser profiles from which one user has written.
    DOCUMENTS_GROUPS_PER_USER_MAX: Count = ("documents.groups_per_user_max", "1000", Count(1..=100_000));
    /// Versions kept of each document, the newest among them.
    DOCUMENTS_HISTORY: Count = ("documents.history_count", "100", Count(1..=10_000));
    /// Bytes of one user's history. Beyond it a document that is written keeps only its newest ten
    /// versions.
    DOCUMENTS_HISTORY_BYTES: Count = ("documents.history_bytes_per_user_max", "67108864", Count(65_536..=1_073_741_824));
    /// Most receipts kept of one device that has not said to have them.
    DOCUMENTS_RECEIPTS: Count = ("documents.receipts_per_group_max", "10000", Count(100..=1_000_000));

    /// Memory for parts of the store that are used often, in MiB.
    STORE_CACHE: Count = ("store.cache_mib", "64", Count(1..=65_536));

    /// Whether browsers keep the page's files, so that it opens without a network. "off" is the way
    /// back from a page that must not be used any more: browsers throw away what they have kept, and
    /// pages that came from there are loaded again. What users wrote stays.
    SERVICE_WORKER: OneOf<ServiceWorker> = ("page.service_worker", "on", OneOf(SERVICE_WORKERS));

    /// The certificate chain with which the relay speaks TLS, in PEM. Empty: it speaks plain HTTP, for
    /// a proxy with TLS before it. The file is read again when it has changed.
    TLS_CERTIFICATE: OptionalFile = ("tls.certificate", "", OptionalFile);
    /// The certificate's private key, in PEM.
    TLS_KEY: OptionalFile = ("tls.key", "", OptionalFile);
    /// Browsers that have come over TLS are told to come no other way for so long (HSTS). 0: they are
    /// not told.
    TLS_HSTS: Seconds = ("tls.hsts_s", "0", Seconds(0..=63_072_000));

    /// How log lines look: for people or for machines.
    LOG_FORMAT: OneOf<LogFormat> = ("log.format", "text", OneOf(LOG_FORMATS));
    /// The least serious lines that are written.
    LOG_LEVEL: OneOf<LogLevel> = ("log.level", "info", OneOf(LOG_LEVELS));

    /// At a stop, connections are sent away for so long before they are cut.
    DRAIN_WITHIN: Seconds = ("drain.within_s", "10", Seconds(0..=600));
    /// They come back spread over this time, so that the next relay is not overrun.
    DRAIN_JITTER: Millis = ("drain.jitter_ms", "5000", Millis(0..=600_000));

    /// Whoever knows this token may publish over HTTP. Empty: nobody may. Better set by the
    /// environment than in a file.
    PUBLISH_TOKEN: OptionalSecret = ("publish.token", "", OptionalSecret);

    /// Whoever knows this token may read /metrics and /api/status where [[auth.mode]] is not "demo"
    /// (`Authorization: Bearer ...`). So may admins, and programs on this machine that come by no proxy.
    METRICS_TOKEN: OptionalSecret = ("metrics.token", "", OptionalSecret);
}

const MODES: &[(&str, Mode)] =
    &[("demo", Mode::Demo), ("accounts", Mode::Accounts), ("tokens", Mode::Tokens)];

const SWITCH: &[(&str, bool)] = &[("on", true), ("off", false)];

const SERVICE_WORKERS: &[(&str, ServiceWorker)] =
    &[("on", ServiceWorker::On), ("off", ServiceWorker::Off)];

const LOG_FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

const LOG_LEVELS: &[(&str, LogLevel)] = &[
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_and_variables_are_unique_and_sections_stand_together() {
        let keys: BTreeSet<&str> = ALL.iter().map(|setting| setting.key()).collect();
        let variables: BTreeSet<String> = ALL.iter().map(|setting| setting.variable()).collect();
        assert_eq!((keys.len(), variables.len()), (ALL.len(), ALL.len()));
        let section = |key: &'static str| key.rsplit_once('.').map_or("", |(section, _)| section);
        let mut sections: Vec<&str> = ALL.iter().map(|setting| section(setting.key())).collect();
        sections.dedup();
        let distinct: BTreeSet<&str> = sections.iter().copied().collect();
        assert_eq!(sections.len(), distinct.len(), "a section is torn apart: {sections:?}");
        assert_eq!(sections.first(), Some(&""), "what has no section must come first in TOML");
    }
}
