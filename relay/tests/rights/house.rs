//! A relay in this process: real sockets, hub, desk and documents; a market that the test feeds, and
//! people who are who they say.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tidemark_relay::auth::{Gate, Identity, Role};
use tidemark_relay::clock::{Clock, unix_now};
use tidemark_relay::config::{Cli, load};
use tidemark_relay::desk::{Desk, News};
use tidemark_relay::documents::{DocumentRules, Engine, Limits, MergeByRules, Threads, Writer};
use tidemark_relay::feeds::{Change, Origin, Report, Update};
use tidemark_relay::hub::{
    Answer, ConnectionRules, Hub, HubSettings, Newcomer, Question, Service, ShardSettings,
};
use tidemark_relay::log::Retention;
use tidemark_relay::pipeline::{Keep, Market};
use tidemark_relay::publication::Publication;
use tidemark_relay::rights::{Rights, Rule};
use tidemark_relay::serve::{Occupancy, ServeLimits, serve};
use tidemark_relay::store::MemoryStore;
use tidemark_relay::transport::origin::OriginPolicy;
use tidemark_relay::transport::routes::{Doors, routes};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{AssetClass, Instrument, Symbol};
use tidemark_shared::protocol::{Epoch, Hello, Pattern, WireError};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub const DELAY: Duration = Duration::from_secs(900);

/// Rules as an operator writes them.
pub fn rules(text: &str) -> Vec<Rule> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.toml");
    std::fs::write(&path, text).unwrap();
    load(&Cli { config: Some(path), ..Cli::default() }).unwrap().rights
}

pub fn rights(text: &str) -> Rights {
    Rights::new(rules(text), DELAY)
}

/// Somebody in words: a name (`guest` has not said who they are), then `role=…` and claims.
pub fn somebody(words: &str) -> Identity {
    let mut words = words.split_whitespace();
    let mut identity = match words.next().unwrap() {
        "guest" => Identity::guest(),
        name => Identity::demo(name.parse().unwrap()),
    };
    for word in words {
        match word.split_once('=').unwrap() {
            ("role", role) => drop(identity.roles.insert(role.parse::<Role>().unwrap())),
            (claim, is) => {
                identity.claims.entry(claim.to_owned()).or_default().insert(is.to_owned());
            }
        }
    }
    identity
}

/// A desk where everybody is who their token says.
struct AtTheirWord(Desk);

impl Service for AtTheirWord {
    fn sign_in(
        &self,
        hello: &Hello,
        _newcomer: &Newcomer,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Ok(Arc::new(somebody(hello.token.as_deref().unwrap_or("guest"))))
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        let newer = somebody(token.unwrap());
        assert_eq!(newer.user, current.user);
        Ok(Arc::new(newer))
    }

    fn delay(&self, identity: &Identity) -> Option<Duration> {
        self.0.delay(identity)
    }

    fn admit(&self, identity: &Identity, pattern: &Pattern) -> Result<(), WireError> {
        self.0.admit(identity, pattern)
    }

    fn answer(&self, question: Question<'_>) -> Answer {
        self.0.answer(question)
    }
}

pub struct House {
    pub address: SocketAddr,
    pub desk: Desk,
    pub hub: Arc<Hub>,
    documents: Option<Threads>,
    _stop: watch::Sender<()>,
}

impl House {
    /// Opens one with rules as an operator writes them. Two instruments can be traded: A and B.
    pub async fn open(rules: &str) -> Self {
        let rights = Arc::new(rights(rules));
        let market = Market::new(vec![instrument("A"), instrument("B")]);
        let market = market.with_delay(DELAY, Keep::Every);
        let desk = Desk::new(market, Arc::new(Gate::default()), rights);
        let shard = ShardSettings {
            relay: "test".to_owned(),
            rules: ConnectionRules { messages_per_s_max: 10_000, ..ConnectionRules::default() },
            retention: Retention::default(),
            seed: 1,
            index: 0,
        };
        let settings = HubSettings { shards: 2, shard };
        let service = Arc::new(AtTheirWord(desk.clone()));
        let (hub, _demand) = Hub::start(&settings, service, None, Clock::start()).unwrap();
        let hub = Arc::new(hub);
        let store = Arc::new(MemoryStore::new(Epoch(7)));
        let rules = DocumentRules { merging: MergeByRules::default(), limits: Limits::default() };
        let news = News::to(hub.answers(), hub.publisher().clone());
        let engine = Engine::new(store, rules);
        let (writer, documents) = Writer::start(engine, unix_now, news).unwrap();
        desk.open_documents(writer);
        let origins = Arc::new(OriginPolicy::new(Vec::new()));
        let router = routes(Doors { hub: Arc::clone(&hub), origins, gate: Arc::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(());
        let occupancy = Arc::new(Occupancy::new(ServeLimits::default()));
        tokio::spawn(serve(listener, None, router, occupancy, stopping));
        House { address, desk, hub, documents: Some(documents), _stop: stop }
    }

    /// A trade that happened, and came, some seconds ago.
    pub async fn trade(&self, symbol: &str, price: &str, seconds_ago: u64) {
        let at = unix_now() - Duration::from_secs(seconds_ago);
        let output = self.desk.market().ingest(trade(symbol, price, at), at);
        self.publish(output.publications).await;
    }

    /// What is due by now comes out.
    pub async fn advance(&self) {
        let output = self.desk.market().advance(unix_now());
        self.publish(output.publications).await;
    }

    pub async fn publish(&self, publications: Vec<Publication>) {
        self.hub.publisher().publish(publications).await.unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // News are handed over by the runtime of the test, which must not wait for them here.
        let documents = self.documents.take();
        std::thread::spawn(move || documents.map(Threads::stop));
    }
}

pub fn trade(symbol: &str, price: &str, at: UnixMillis) -> Report {
    Report::Update(Update {
        symbol: symbol.parse().unwrap(),
        feed: "test".to_owned(),
        venue_time: at,
        received: at,
        origin: Origin::Live,
        change: Change::Trade {
            price: price.parse().unwrap(),
            size: "1".parse().unwrap(),
            side: None,
            id: None,
        },
    })
}

pub fn instrument(symbol: &str) -> Instrument {
    let symbol: Symbol = symbol.parse().unwrap();
    Instrument {
        name: symbol.to_string(),
        symbol,
        asset_class: AssetClass::Equity,
        currency: "USD".to_owned(),
        price_digits: 2,
        feed: "test".to_owned(),
        aliases: Vec::new(),
    }
}
