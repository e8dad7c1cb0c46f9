//! The relay's doors, seen by strangers: bytes over real sockets, no client of ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod bad_frames;
mod compression;
mod drain;
mod ends_of_sign_ins;
mod floods;
mod forwarded;
mod half_open;
mod headers;
mod never_reading;
mod operators;
mod origins;
mod polling;
mod publishing;
mod sessions_without_end;
mod silent_sockets;
mod slow_bodies;
mod statistics;
mod streaming;
mod through_tls;
mod too_many;
mod users;
mod visitor;

#[path = "../support/stranger.rs"]
mod stranger;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidemark_relay::accounts::{Accounts, Channel, SessionRules};
use tidemark_relay::auth::{Credential, Gate, Identity, Mode, SignedInBy};
use tidemark_relay::clock::{Clock, unix_now};
use tidemark_relay::config::{Cli, Config, load};
use tidemark_relay::feeds::LetterBoxes;
use tidemark_relay::http::{self, Relay};
use tidemark_relay::hub::{
    Answer, ConnectionRules, Hub, HubSettings, Newcomer, Question, Service, ShardSettings,
};
use tidemark_relay::log::Retention;
use tidemark_relay::serve::{Occupancy, ServeLimits, serve};
use tidemark_relay::store::MemoryStore;
use tidemark_relay::tls::TlsDoor;
use tidemark_relay::transport::origin::OriginPolicy;
use tidemark_relay::transport::routes::{Doors, routes};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Epoch, ErrorCode, Hello, Pattern, WireError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::stranger::{PATIENCE, Stranger, TEXT, frame};

const TOKEN: &str = "a-token-of-the-test-operator";

/// Serves every topic, answers nothing. A token is a user's name, a slash, and for how many
/// milliseconds it is good.
struct Everything;

fn of_token(token: &str, now: UnixMillis) -> Option<Arc<Identity>> {
    let (user, lasts_ms) = token.split_once('/')?;
    Some(Arc::new(Identity {
        by: SignedInBy::Token,
        ends_at: Some(now + Duration::from_millis(lasts_ms.parse().ok()?)),
        credential: Some(Credential(token.into())),
        ..Identity::demo(user.parse().ok()?)
    }))
}

impl Service for Everything {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        match hello.token.as_deref().and_then(|token| of_token(token, now)) {
            Some(identity) => Ok(identity),
            None => Gate::new(Mode::Demo).sign_in(hello, newcomer.presented.as_ref(), now),
        }
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Ok(token.and_then(|token| of_token(token, now)).unwrap_or_else(|| Arc::clone(current)))
    }

    fn delay(&self, _identity: &Identity) -> Option<Duration> {
        None
    }

    fn admit(&self, _identity: &Identity, _pattern: &Pattern) -> Result<(), WireError> {
        Ok(())
    }

    fn answer(&self, _question: Question<'_>) -> Answer {
        Answer::Now(Err(WireError::new(ErrorCode::Unavailable, "nothing here")))
    }
}

/// A relay without feeds, in this process.
struct House {
    address: std::net::SocketAddr,
    hub: Arc<Hub>,
    occupancy: Arc<Occupancy>,
    stop: Mutex<Option<watch::Sender<()>>>,
}

impl House {
    async fn open() -> Self {
        let rules = ConnectionRules {
            hello_within: Duration::from_millis(300),
            message_within: Duration::from_millis(300),
            ..ConnectionRules::default()
        };
        let limits = ServeLimits {
            connections_max: 50,
            connections_per_address_max: 50,
            ..ServeLimits::default()
        };
        Self::open_with(rules, limits).await
    }

    async fn open_with(rules: ConnectionRules, limits: ServeLimits) -> Self {
        Self::open_behind(None, rules, limits).await
    }

    async fn open_behind(
        tls: Option<TlsDoor>,
        rules: ConnectionRules,
        limits: ServeLimits,
    ) -> Self {
        let (relay, seed) = ("test".to_owned(), 1);
        let shard = ShardSettings { relay, rules, retention: Retention::default(), seed, index: 0 };
        let settings = HubSettings { shards: 2, shard };
        let (hub, _demand) =
            Hub::start(&settings, Arc::new(Everything), None, Clock::start()).unwrap();
        let hub = Arc::new(hub);
        let origins = Arc::new(OriginPolicy::new(vec!["https://listed.example".into()]));
        let occupancy = Arc::new(Occupancy::new(limits));
        let token = configured().publish_token;
        let letters = LetterBoxes::default();
        let relay =
            Relay::new(Arc::clone(&hub), Arc::clone(&occupancy), unix_now(), token, letters);
        let (rules, gate) = (SessionRules { unused_max: PATIENCE }, Arc::<Gate>::default());
        let store = Arc::new(MemoryStore::new(Epoch(1)));
        let (accounts, _ended) = Accounts::open(store, rules, Clock::start()).unwrap();
        let entrance = http::Entrance {
            gate: Arc::clone(&gate),
            accounts,
            origins: Arc::clone(&origins),
            auth: configured().auth,
            channel: Channel::Plain,
            metrics_token: None,
        };
        let doors = Doors { hub: Arc::clone(&hub), origins, gate };
        let hsts = tls.is_some().then_some(Duration::from_secs(60));
        let router =
            http::harden(routes(doors).merge(http::routes(Arc::new(relay), entrance)), hsts);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(());
        tokio::spawn(serve(listener, tls, router, Arc::clone(&occupancy), stopping));
        House { address, hub, occupancy, stop: Mutex::new(Some(stop)) }
    }

    async fn connect(&self) -> Stranger {
        Stranger::connect(self.address).await
    }

    /// A WebSocket whose handshake is done.
    async fn websocket(&self) -> Stranger {
        let mut stranger = self.connect().await;
        stranger.upgrade("").await;
        let head = stranger.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        stranger
    }

    /// One HTTP exchange: the head and the body of the answer.
    async fn exchange(&self, request: &str, body: &str) -> (String, String) {
        self.connect().await.exchange(request, body).await
    }

    /// Waits until so many sockets and sessions are counted.
    async fn until_counted(&self, count: usize) {
        let counted = async {
            while self.occupancy.total() != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, counted).await;
        assert!(waited.is_ok(), "{} are counted, not {count}", self.occupancy.total());
    }

    fn close_doors(&self) {
        drop(self.stop.lock().unwrap().take());
    }
}

fn configured() -> Config {
    let set = vec![format!("publish.token={TOKEN}")];
    load(&Cli { set, ..Cli::default() }).unwrap()
}

const HELLO: &str = r#"{"type":"hello","protocol":1,"topics":[{"topic":"price:A"}]}"#;
