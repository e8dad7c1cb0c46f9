//! A relay with a real gate and real doors, in this process, and nothing behind them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use tidemark_relay::auth::{Gate, Identity};
use tidemark_relay::clock::{Clock, unix_now};
use tidemark_relay::config::{Cli, Config, load};
use tidemark_relay::hub::{
    Answer, ConnectionRules, Hub, HubSettings, Newcomer, Question, Service, ShardSettings,
};
use tidemark_relay::log::Retention;
use tidemark_relay::serve::{Occupancy, ServeLimits, serve};
use tidemark_relay::transport::origin::OriginPolicy;
use tidemark_relay::transport::routes::{Doors, routes};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{ErrorCode, Hello, Pattern, WireError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::log_trap::LogTrap;
use super::stranger::{Stranger, TEXT, frame};

/// Reads settings as a file would have them.
pub(crate) fn configured(settings: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.toml");
    std::fs::write(&path, settings).unwrap();
    load(&Cli { config: Some(path), ..Cli::default() }).unwrap()
}

/// The gate of a file's settings, at a time.
pub(crate) fn gate(settings: &str, now: UnixMillis) -> Arc<Gate> {
    LogTrap::everywhere();
    Arc::new(Gate::of(&configured(settings).auth, now))
}

/// The head of a request with these lines.
pub(crate) fn head(address: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::post(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// The head of a request with a token.
pub(crate) fn with_token(token: &str) -> Parts {
    head("/v1/stream", &[("authorization", &format!("Bearer {token}"))])
}

/// A hello with a token.
pub(crate) fn hello(token: &str) -> Hello {
    serde_json::from_value(serde_json::json!({ "protocol": 1, "token": token })).unwrap()
}

/// Lets in whom the gate lets in, to every topic.
struct OnlyTheGate(Arc<Gate>);

impl Service for OnlyTheGate {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        self.0.sign_in(hello, newcomer.presented.as_ref(), now)
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        token: Option<&str>,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        self.0.refresh(current, token, now)
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

/// The relay.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Arc<Gate>,
    _stop: watch::Sender<()>,
}

impl House {
    pub(crate) async fn open(settings: &str) -> Self {
        Self::open_with(settings, ConnectionRules::default()).await
    }

    pub(crate) async fn open_with(settings: &str, rules: ConnectionRules) -> Self {
        let gate = gate(settings, unix_now());
        let relay = "test".to_owned();
        let shard =
            ShardSettings { relay, rules, retention: Retention::default(), seed: 1, index: 0 };
        let settings = HubSettings { shards: 1, shard };
        let service = Arc::new(OnlyTheGate(Arc::clone(&gate)));
        let (hub, _demand) = Hub::start(&settings, service, None, Clock::start()).unwrap();
        let origins = Arc::new(OriginPolicy::new(vec!["https://listed.example".into()]));
        let doors = Doors { hub: Arc::new(hub), origins, gate: Arc::clone(&gate) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(());
        let occupancy = Arc::new(Occupancy::new(ServeLimits::default()));
        tokio::spawn(serve(listener, None, routes(doors), occupancy, stopping));
        let keeping = Arc::clone(&gate);
        tokio::spawn(async move { keeping.keep_keys(unix_now).await });
        House { address, gate, _stop: stop }
    }

    /// One HTTP exchange: the head and the body of the answer.
    pub(crate) async fn exchange(&self, request: &str, body: &str) -> (String, String) {
        let mut stranger = Stranger::connect(self.address).await;
        let length = body.len();
        let text = format!(
            "{request}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        );
        stranger.say(text.as_bytes()).await;
        let head = stranger.head().await;
        stranger.rest().await;
        (head, String::from_utf8_lossy(&stranger.read).into_owned())
    }

    /// A WebSocket at an address; the status of the answer where it is refused.
    pub(crate) async fn websocket(&self, address: &str, header: &str) -> Result<Stranger, String> {
        let mut stranger = Stranger::connect(self.address).await;
        stranger.upgrade_at(address, header).await;
        let head = stranger.head().await;
        match head.starts_with("HTTP/1.1 101") {
            true => Ok(stranger),
            false => Err(head.lines().next().unwrap().to_owned()),
        }
    }

    /// The answer to hello: the first line, whatever it is.
    pub(crate) async fn say_hello(&self, hello: &str) -> Stranger {
        let mut stranger = self.websocket("/v1/ws", "").await.unwrap();
        stranger.say(&frame(TEXT, hello.as_bytes())).await;
        stranger
    }

    /// Comes in by every door with a header, and gives who the relay took it for.
    pub(crate) async fn users_by_header(&self, token: &str) -> [Option<String>; 3] {
        let header = format!("authorization: Bearer {token}\r\n");
        [
            self.user_of_websocket("/v1/ws", &header).await,
            self.user_of_stream("/v1/stream", &header).await,
            self.user_of_poll("/v1/poll", &header).await,
        ]
    }

    pub(crate) async fn user_of_websocket(&self, address: &str, header: &str) -> Option<String> {
        let mut stranger = self.websocket(address, header).await.ok()?;
        stranger.say(&frame(TEXT, HELLO.as_bytes())).await;
        stranger.until(b"server_time").await;
        user(&String::from_utf8_lossy(&stranger.read))
    }

    pub(crate) async fn user_of_stream(&self, address: &str, header: &str) -> Option<String> {
        let mut stranger = Stranger::connect(self.address).await;
        let request = format!(
            "POST {address} HTTP/1.1\r\nhost: {}\r\n{header}content-length: {}\r\n\r\n{HELLO}",
            self.address,
            HELLO.len()
        );
        stranger.say(request.as_bytes()).await;
        let head = stranger.head().await;
        if !head.starts_with("HTTP/1.1 200") {
            return None;
        }
        stranger.until(b"server_time").await;
        user(&String::from_utf8_lossy(&stranger.read))
    }

    pub(crate) async fn user_of_poll(&self, address: &str, header: &str) -> Option<String> {
        let request = format!("POST {address} HTTP/1.1\r\n{}", header.trim_end());
        let (head, body) = self.exchange(request.trim_end(), HELLO).await;
        head.starts_with("HTTP/1.1 200").then(|| user(&body)).flatten()
    }

    /// Asks for a ticket with a token.
    pub(crate) async fn ticket(&self, token: &str) -> String {
        let request = format!("POST /v1/ticket HTTP/1.1\r\nauthorization: Bearer {token}");
        let (head, body) = self.exchange(&request, "").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}{body}");
        assert!(head.contains("cache-control: no-store"), "{head}");
        let said: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(said["expires_in_ms"], 30_000);
        let ticket = said["ticket"].as_str().unwrap();
        LogTrap::everywhere().keep_secret(ticket);
        ticket.to_owned()
    }
}

/// Whatever a test does, nothing secret may have been logged by then.
impl Drop for House {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(LogTrap::everywhere().wrong(), [""; 0], "these lines were logged");
        }
    }
}

/// Whom a `welcome` is for.
fn user(said: &str) -> Option<String> {
    let (_, after) = said.split_once("\"user\":\"")?;
    after.split_once('"').map(|(user, _)| user.to_owned())
}

pub(crate) const HELLO: &str = r#"{"type":"hello","protocol":1}"#;
