//! The relay's doors, seen by strangers: bytes over real sockets, no client of ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod bad_frames;
mod drain;
mod headers;
mod origins;
mod polling;
mod publishing;
mod silent_sockets;
mod streaming;
mod through_tls;
mod too_many;
mod websocket;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidemark_relay::auth::{Gate, Identity, Mode};
use tidemark_relay::clock::{Clock, unix_now};
use tidemark_relay::config::{Cli, Config, load};
use tidemark_relay::feeds::LetterBoxes;
use tidemark_relay::http::{self, Relay};
use tidemark_relay::hub::{
    Answer, ConnectionRules, Hub, HubSettings, Newcomer, Question, Service, ShardSettings,
};
use tidemark_relay::log::Retention;
use tidemark_relay::serve::{Occupancy, ServeLimits, serve};
use tidemark_relay::tls::TlsDoor;
use tidemark_relay::transport::origin::OriginPolicy;
use tidemark_relay::transport::routes::{Doors, routes};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, Hello, Pattern, WireError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Longest wait of a test for something that is to happen. Only a broken relay makes it wait.
const PATIENCE: Duration = Duration::from_secs(20);

const TOKEN: &str = "a-token-of-the-test-operator";

/// Serves every topic, answers nothing.
struct Everything;

impl Service for Everything {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Gate::new(Mode::Demo).sign_in(hello, newcomer.presented.as_ref(), now)
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        _token: Option<&str>,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Ok(Arc::clone(current))
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
        let doors = Doors { hub: Arc::clone(&hub), origins, gate: Arc::default() };
        let hsts = tls.is_some().then_some(Duration::from_secs(60));
        let router = http::harden(routes(doors).merge(http::routes(Arc::new(relay))), hsts);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(());
        tokio::spawn(serve(listener, tls, router, occupancy, stopping));
        House { address, hub, stop: Mutex::new(Some(stop)) }
    }

    async fn connect(&self) -> Stranger {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Stranger { stream: Box::new(stream), address: self.address, read: Vec::new() }
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

    fn close_doors(&self) {
        drop(self.stop.lock().unwrap().take());
    }
}

fn configured() -> Config {
    let set = vec![format!("publish.token={TOKEN}")];
    load(&Cli { set, ..Cli::default() }).unwrap()
}

/// What a stranger speaks over.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

/// A socket that says what it likes.
struct Stranger {
    stream: Box<dyn Wire>,
    address: std::net::SocketAddr,
    /// What came and was not looked at yet.
    read: Vec<u8>,
}

impl Stranger {
    /// One HTTP exchange, the last: the head and the body of the answer.
    async fn exchange(mut self, request: &str, body: &str) -> (String, String) {
        let length = body.len();
        let text = format!(
            "{request}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        );
        self.say(text.as_bytes()).await;
        let head = self.head().await;
        self.rest().await;
        (head, String::from_utf8_lossy(&self.read).into_owned())
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    async fn upgrade(&mut self, header: &str) {
        let request = format!(
            "GET /v1/ws HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             {header}\r\n",
            self.address
        );
        self.say(request.as_bytes()).await;
    }

    /// Reads up to the empty line after an HTTP head.
    async fn head(&mut self) -> String {
        let end = self.until(b"\r\n\r\n").await;
        let head = self.read.drain(..end).collect();
        String::from_utf8(head).unwrap()
    }

    /// Reads until something was read, and gives the place after it.
    async fn until(&mut self, wanted: &[u8]) -> usize {
        loop {
            let found = self.read.windows(wanted.len()).position(|window| window == wanted);
            if let Some(place) = found {
                return place + wanted.len();
            }
            assert!(self.more().await, "closed after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Reads until the other side closes.
    async fn rest(&mut self) {
        while self.more().await {}
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        match read.expect("nothing came, and the socket stayed open") {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                true
            }
        }
    }

    /// Reads to the end and gives the code of the WebSocket close frame that came last.
    async fn close_code(&mut self) -> u16 {
        self.rest().await;
        let (mut rest, mut code) = (self.read.as_slice(), 0);
        while let [first, second, after @ ..] = rest {
            let (length, skip) = match second {
                126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), 2),
                short => (usize::from(*short), 0),
            };
            let payload = &after[skip..skip + length];
            if first & 0x0f == 8 {
                code = u16::from_be_bytes([payload[0], payload[1]]);
            }
            rest = &after[skip + length..];
        }
        code
    }
}

/// A masked client frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

const TEXT: u8 = 0x81;

const HELLO: &str = r#"{"type":"hello","protocol":1,"topics":[{"topic":"price:A"}]}"#;
