//! A relay that knows one log, on loopback, over all three transports. It has no hub and no
//! rights: only what a client must see on the wire.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tidemark_native::{Client, News, NewsReader, Options};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    ClientMessage, ConnectionLimits, Encoding, Epoch, Event, Metadata, Notice, Payload, Position,
    Priority, Reply, Response as Answer, Sequence, ServerMessage, Severity, SubscribeTopic,
    Subscribed, Topic, VERSION, Welcome,
};
use tidemark_shared::session::{Delivery, Settings, Transport};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server;

pub(crate) const TOPIC: &str = "bars:1m:AAPL";

/// Longer than anything here takes: a test that hangs ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the relay behaves.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    /// How many events the log has.
    pub(crate) events: u64,
    /// What the first connections are cut after, in events each; later ones live.
    pub(crate) cut_after: Vec<u64>,
    /// What every request is refused with.
    pub(crate) refusal: Option<(u16, &'static str)>,
    /// Transports whose requests are hung up on.
    pub(crate) blocked: Vec<Transport>,
}

#[derive(Debug)]
pub(crate) struct Mock {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    manners: Manners,
    seen: Mutex<Seen>,
    sessions: Mutex<HashMap<String, Session>>,
}

/// What the relay saw of its clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) origins: Vec<String>,
    pub(crate) subprotocols: Vec<String>,
    pub(crate) positions: Vec<Option<Position>>,
    pub(crate) connections: usize,
}

#[derive(Debug)]
struct Session {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    /// Taken by the poll that hangs.
    waiting: Option<mpsc::UnboundedReceiver<Vec<u8>>>,
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

impl Default for Manners {
    fn default() -> Self {
        Manners { events: 3, cut_after: Vec::new(), refusal: None, blocked: Vec::new() }
    }
}

impl Mock {
    pub(crate) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared =
            Arc::new(Shared { manners, seen: Mutex::default(), sessions: Mutex::default() });
        let for_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&for_task)));
            }
        });
        Mock { address, shared }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.seen.lock().unwrap().clone()
    }

    /// A client that uses these transports only, and does not wait long between attempts.
    pub(crate) fn client(
        &self,
        transports: &[Transport],
        encoding: Encoding,
    ) -> (Client, NewsReader) {
        let settings = Settings {
            transports: transports.to_vec(),
            encoding,
            backoff_first: Duration::from_millis(5),
            backoff_max: Duration::from_millis(50),
            ..Settings::default()
        };
        let origin = Some("http://app.example".to_owned());
        let options = Options { settings, origin, seed: Some(1) };
        Client::connect_to(self.address.parse().unwrap(), options)
    }
}

/// The sequences of the next events, until there are so many.
pub(crate) async fn sequences(news: &mut NewsReader, count: usize) -> Vec<u64> {
    let read = async {
        let mut sequences = Vec::new();
        while sequences.len() < count {
            if let News::Delivery(Delivery::Event(event)) = news.next().await.unwrap() {
                sequences.push(event.position.sequence.0);
            }
        }
        sequences
    };
    patiently(read).await
}

pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it came to nothing")
}

async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    let mut start = [0; 16];
    let Ok(length) = socket.peek(&mut start).await else { return };
    if start[..length].starts_with(b"GET ") && shared.manners.refusal.is_none() {
        if !shared.manners.blocked.contains(&Transport::WebSocket) {
            serve_websocket(socket, shared).await;
        }
        return;
    }
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { answer_http(request, &shared).await }
    });
    // A blocked transport is an error of the service, which hangs up.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

#[expect(clippy::result_large_err, reason = "the library's own signature")]
async fn serve_websocket(socket: TcpStream, shared: Arc<Shared>) {
    let mut encoding = Encoding::Json;
    let look = |request: &server::Request, mut response: server::Response| {
        shared.look_at(request.headers());
        let name = request.headers()["sec-websocket-protocol"].clone();
        encoding = Encoding::of_subprotocol(name.to_str().unwrap()).unwrap();
        response.headers_mut().insert("sec-websocket-protocol", name);
        Ok(response)
    };
    let mut socket = tokio_tungstenite::accept_hdr_async(socket, look).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if message.is_close() {
            continue;
        }
        let is_text = message.is_text();
        assert_eq!(is_text, encoding == Encoding::Json);
        let (frames, is_cut) = shared.answer(&message.into_data(), encoding);
        for frame in frames {
            let message = match encoding {
                Encoding::Json => Message::text(String::from_utf8(frame).unwrap()),
                Encoding::Binary => Message::binary(frame),
            };
            socket.send(message).await.unwrap();
        }
        if is_cut {
            return;
        }
    }
}

async fn answer_http(
    request: Request<Incoming>,
    shared: &Shared,
) -> Result<Response<Body>, std::io::Error> {
    if let Some((code, message)) = shared.manners.refusal {
        let body = format!(r#"{{"code":{code},"message":"{message}"}}"#);
        return Ok(Response::builder().status(401).body(full(body.into())).unwrap());
    }
    let transport = match request.uri().path() {
        "/v1/stream" => Transport::Sse,
        _ => Transport::Poll,
    };
    if shared.manners.blocked.contains(&transport) {
        return Err(std::io::Error::other("blocked"));
    }
    shared.look_at(request.headers());
    let path = request.uri().path().to_owned();
    let session = request.headers().get("tidemark-session").cloned();
    let session = session.map(|name| name.to_str().unwrap().to_owned());
    let frame = request.into_body().collect().await.unwrap().to_bytes();
    match (path.as_str(), session) {
        ("/v1/send", Some(name)) => {
            let (frames, _) = shared.answer(&frame, Encoding::Json);
            let sessions = shared.sessions.lock().unwrap();
            frames.into_iter().for_each(|frame| sessions[&name].frames.send(frame).unwrap());
            Ok(Response::builder().status(204).body(full(Vec::new())).unwrap())
        }
        ("/v1/stream", None) => {
            let (name, frames) = shared.open(&frame);
            let events = stream::unfold(frames, async |mut frames| {
                let frame = String::from_utf8(frames.recv().await?).unwrap();
                let lines = frame.lines().map(|line| format!("data: {line}\n"));
                let event = lines.collect::<String>() + "\n";
                Some((Ok(Frame::data(Bytes::from(event))), frames))
            });
            let body = BodyExt::boxed_unsync(StreamBody::new(events));
            Ok(Response::builder().header("Tidemark-Session", name).body(body).unwrap())
        }
        ("/v1/poll", name) => {
            let name = name.unwrap_or_else(|| {
                let (name, frames) = shared.open(&frame);
                shared.sessions.lock().unwrap().get_mut(&name).unwrap().waiting = Some(frames);
                name
            });
            let taken = shared.sessions.lock().unwrap().get_mut(&name).unwrap().waiting.take();
            let mut frames = taken.expect("one poll at a time");
            let Some(frame) = frames.recv().await else {
                let body = br#"{"code":4005,"message":"no such session"}"#.to_vec();
                return Ok(Response::builder().status(410).body(full(body)).unwrap());
            };
            shared.sessions.lock().unwrap().get_mut(&name).unwrap().waiting = Some(frames);
            Ok(Response::builder().header("Tidemark-Session", name).body(full(frame)).unwrap())
        }
        other => panic!("no such request: {other:?}"),
    }
}

fn full(body: Vec<u8>) -> Body {
    BodyExt::boxed_unsync(Full::new(Bytes::from(body)))
}

impl Shared {
    fn look_at(&self, headers: &hyper::HeaderMap) {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let mut seen = self.seen.lock().unwrap();
        seen.origins.extend(text("origin"));
        seen.subprotocols.extend(text("sec-websocket-protocol"));
    }

    /// A session of SSE or polling.
    fn open(&self, hello: &[u8]) -> (String, mpsc::UnboundedReceiver<Vec<u8>>) {
        let (sender, frames) = mpsc::unbounded_channel();
        let (said, is_cut) = self.answer(hello, Encoding::Json);
        said.into_iter().for_each(|frame| sender.send(frame).unwrap());
        let name = format!("session-{}", self.seen.lock().unwrap().connections);
        // A cut one has no sender, so that its stream ends.
        let frames_in = if is_cut { mpsc::unbounded_channel().0 } else { sender };
        let session = Session { frames: frames_in, waiting: None };
        self.sessions.lock().unwrap().insert(name.clone(), session);
        (name, frames)
    }

    /// The frames that answer one, and whether the connection is cut after them.
    fn answer(&self, frame: &[u8], encoding: Encoding) -> (Vec<Vec<u8>>, bool) {
        let mut said = Vec::new();
        let mut cut = None;
        for message in encoding.decode_client(frame).unwrap() {
            match message {
                ClientMessage::Hello(hello) => {
                    let connection = self.seen.lock().unwrap().connections;
                    self.seen.lock().unwrap().connections += 1;
                    cut = self.manners.cut_after.get(connection).copied();
                    said.push(frame_of(encoding, &welcome()));
                    self.subscribe(hello.topics, cut, encoding, &mut said);
                }
                ClientMessage::Subscribe(subscribe) => {
                    self.subscribe(subscribe.topics, cut, encoding, &mut said);
                }
                ClientMessage::Request(request) => {
                    let outcome = Ok(Reply::Ping { server_time: UnixMillis(1) });
                    let answer = Answer { id: request.id, outcome };
                    said.push(frame_of(encoding, &ServerMessage::Response(answer)));
                }
                ClientMessage::Unsubscribe(_) | ClientMessage::Refresh(_) => {}
            }
        }
        (said, cut.is_some())
    }

    fn subscribe(
        &self,
        wishes: Vec<SubscribeTopic>,
        cut: Option<u64>,
        encoding: Encoding,
        said: &mut Vec<Vec<u8>>,
    ) {
        for wish in wishes {
            self.seen.lock().unwrap().positions.push(wish.position);
            let from = wish.position.unwrap_or(Position::new(Epoch(7), Sequence::START));
            let topic: Topic = wish.topic.to_string().parse().unwrap();
            let head = Sequence(self.manners.events);
            said.push(frame_of(
                encoding,
                &ServerMessage::Subscribed(Subscribed {
                    topic: topic.clone(),
                    position: from,
                    head,
                    lost: None,
                    alias: 0,
                    as_of: None,
                    snapshot: None,
                }),
            ));
            let last = cut.map_or(head.0, |cut| head.0.min(from.sequence.0 + cut));
            for sequence in from.sequence.0 + 1..=last {
                let event = event(&topic, sequence);
                said.push(frame_of(encoding, &ServerMessage::Event(event)));
            }
        }
    }
}

fn frame_of(encoding: Encoding, message: &ServerMessage) -> Vec<u8> {
    let mut frame = Vec::new();
    encoding.append_server(message, &mut frame);
    frame
}

fn event(topic: &Topic, sequence: u64) -> Event {
    Event {
        topic: topic.clone(),
        position: Position::new(Epoch(7), Sequence(sequence)),
        at: UnixMillis(1),
        source: "mock".into(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Notice(Notice { severity: Severity::Info, text: "hello".into() }),
    }
}

fn welcome() -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        protocol: VERSION,
        relay: "mock".into(),
        session: String::new(),
        user: "somebody".into(),
        server_time: UnixMillis(1),
        heartbeat_ms: 30_000,
        dead_after_ms: 60_000,
        limits: ConnectionLimits {
            frame_bytes_max: 65_536,
            topics_max: 100,
            messages_per_s_max: 100,
        },
        ends_at: None,
        delayed_ms: None,
    })
}
