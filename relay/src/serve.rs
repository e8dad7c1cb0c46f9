//! The accept loop: counts connections, gives each its time, and hands requests to the router.
//!
//! hyper's own server would keep a socket that never says anything; this one closes it.

pub mod forwarded;
mod occupancy;
mod slow_body;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use serde::Serialize;
use tidemark_shared::protocol::{CloseCode, Limit, WireError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tower::ServiceExt;

use self::forwarded::{is_trusted, origin_of};
pub use self::occupancy::{Crowd, Occupancy, Place};
use self::slow_body::TimedBody;
use crate::auth::Masked;
use crate::tls::TlsDoor;

/// Largest head of a request. Browsers send about one KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The kernel's send buffer of each connection. It bounds how much an unread socket costs the
/// machine, and how old a quote can get in it; enough for 10 Mbit/s over 100 ms.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// After the machine ran out of sockets: the wait before the next one is accepted.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Sockets that are turned away are told why, so many at a time; more are closed without a word.
const TURNED_AWAY_AT_ONCE_MAX: usize = 256;

/// Who is turned away has so long to take the answer.
const TURNED_AWAY_WITHIN: Duration = Duration::from_secs(1);

/// How many connections are taken, and how long each may take for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// In total.
    pub connections_max: usize,
    /// From one address.
    pub connections_per_address_max: usize,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// A request's headers must be there within this time: silent and slow sockets are closed.
    pub headers_within: Duration,
    /// A request's body must be there within this time.
    pub body_within: Duration,
    /// An answer of which nothing is taken for so long is given up.
    pub taken_within: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        ServeLimits {
            connections_max: 1_000,
            connections_per_address_max: 250,
            trusted_proxies: Vec::new(),
            headers_within: Duration::from_secs(5),
            body_within: Duration::from_secs(10),
            taken_within: Duration::from_secs(60),
        }
    }
}

/// Goes with every request: where it comes from, and the places that connections take.
#[derive(Clone, Debug)]
pub struct Caller {
    address: IpAddr,
    by: By,
    occupancy: Arc<Occupancy>,
    slot: Slot,
}

/// The way a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// From who asks; the socket is counted for the address.
    Itself,
    /// From a proxy; the socket is counted for nobody.
    Proxy,
}

impl Caller {
    /// Where the request comes from: the other end's address, or the one that a trusted proxy names.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// A WebSocket takes the socket over. It is counted until what is given here is dropped.
    ///
    /// # Errors
    /// A refusal, when too many come from the address for which a proxy asks.
    pub fn keep_socket(&self) -> Result<Option<oneshot::Sender<()>>, WireError> {
        let behind = self.place_behind_proxy()?;
        Ok(self.slot.take(behind))
    }

    /// A stream of answers begins, which keeps the socket busy. Who comes by a proxy is counted as
    /// long as what is given here lives.
    ///
    /// # Errors
    /// As [`Caller::keep_socket`].
    pub fn place_of_stream(&self) -> Result<Option<Place>, WireError> {
        self.place_behind_proxy()
    }

    /// A session begins that keeps no socket. It is counted as a connection of its own.
    ///
    /// # Errors
    /// A refusal, when there are too many connections.
    pub fn place_of_session(&self) -> Result<Place, WireError> {
        self.occupancy.enter(self.address)
    }

    fn place_behind_proxy(&self) -> Result<Option<Place>, WireError> {
        match self.by {
            By::Itself => Ok(None),
            By::Proxy => self.occupancy.enter_behind_proxy(self.address).map(Some),
        }
    }
}

/// Who takes the socket over takes this along, so that the connection's place is kept until that
/// one lets go.
#[derive(Clone, Debug)]
struct Slot(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    sender: Option<oneshot::Sender<()>>,
    /// For whom a proxy asks.
    behind: Option<Place>,
}

impl Slot {
    fn new(sender: oneshot::Sender<()>) -> Self {
        Slot(Arc::new(Mutex::new(Held { sender: Some(sender), behind: None })))
    }

    fn take(&self, behind: Option<Place>) -> Option<oneshot::Sender<()>> {
        let mut held = self.lock();
        held.behind = behind;
        held.sender.take()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until `stop` changes, then takes no more connections and returns. With a `door`, every
/// connection goes through TLS.
pub async fn serve(
    listener: TcpListener,
    door: Option<TlsDoor>,
    router: Router,
    occupancy: Arc<Occupancy>,
    mut stop: watch::Receiver<()>,
) {
    let turning_away = Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        match accepted {
            Ok((stream, peer)) => match enter(&occupancy, peer.ip()) {
                Ok(place) => {
                    let visit = Visit { peer, place, occupancy: Arc::clone(&occupancy) };
                    tokio::spawn(serve_one(stream, door.clone(), router.clone(), visit));
                }
                // Through TLS it would cost more to say why than to take the connection.
                Err(_) if door.is_some() => drop(stream),
                Err(error) => {
                    if let Ok(permit) = Arc::clone(&turning_away).try_acquire_owned() {
                        tokio::spawn(turn_away(stream, error, permit));
                    }
                }
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

fn enter(occupancy: &Arc<Occupancy>, peer: IpAddr) -> Result<Place, WireError> {
    match is_trusted(peer, &occupancy.limits().trusted_proxies) {
        true => occupancy.enter_proxy(),
        false => occupancy.enter(peer),
    }
}

/// Somebody who was let in.
struct Visit {
    peer: SocketAddr,
    place: Place,
    occupancy: Arc<Occupancy>,
}

async fn serve_one(stream: TcpStream, door: Option<TlsDoor>, router: Router, visit: Visit) {
    let socket = socket2::SockRef::from(&stream);
    // None of these is needed to be right; they make it quick, and end answers that nobody takes.
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    let _ = socket.set_tcp_user_timeout(Some(visit.occupancy.limits().taken_within));
    match door {
        None => answer(stream, router, visit).await,
        Some(door) => {
            if let Some(stream) = door.open(stream, visit.peer).await {
                answer(stream, router, visit).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn answer<S>(stream: S, router: Router, visit: Visit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Visit { peer, place, occupancy } = visit;
    let limits = occupancy.limits();
    let (headers_within, body_within) = (limits.headers_within, limits.body_within);
    let (sender, ended) = oneshot::channel::<()>();
    let slot = Slot::new(sender);
    let requests = slot.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        tracing::trace!(%peer, method = %request.method(), uri = %Masked(request.uri()), "asked");
        let caller = caller(peer.ip(), request.headers(), &occupancy, &requests);
        request.extensions_mut().insert(caller);
        router.clone().oneshot(request.map(|body| Body::new(TimedBody::new(body, body_within))))
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(headers_within)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
    // Unless a shard has taken the socket over, nobody holds the sender now.
    slot.lock().sender = None;
    let _ = ended.await;
    drop((slot, place));
}

fn caller(peer: IpAddr, headers: &HeaderMap, occupancy: &Arc<Occupancy>, slot: &Slot) -> Caller {
    let trusted = &occupancy.limits().trusted_proxies;
    let by = match is_trusted(peer, trusted) {
        true => By::Proxy,
        false => By::Itself,
    };
    let address = origin_of(peer, headers, trusted);
    Caller { address, by, occupancy: Arc::clone(occupancy), slot: slot.clone() }
}

/// Says why, in a form that a browser's `fetch` can read, and closes.
async fn turn_away(mut stream: TcpStream, error: WireError, _permit: OwnedSemaphorePermit) {
    let body = RefusalBody::new(CloseCode::Overloaded, &error);
    let body = serde_json::to_string(&body).unwrap_or_default();
    let retry_after_s = error.retry_after_ms.unwrap_or(0).div_ceil(1_000).max(1);
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: {retry_after_s}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let told = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // What is closed with something unread is reset, and some systems then throw the answer away.
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = tokio::time::timeout(TURNED_AWAY_WITHIN, told).await;
}

/// A refusal as the body of an answer.
#[derive(Debug, Serialize)]
pub struct RefusalBody<'a> {
    code: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a Limit>,
}

impl<'a> RefusalBody<'a> {
    /// What a WebSocket would be closed with, and why.
    #[must_use]
    pub fn new(code: CloseCode, error: &'a WireError) -> Self {
        let WireError { message, retry_after_ms, limit, .. } = error;
        let (retry_after_ms, limit) = (*retry_after_ms, limit.as_ref());
        RefusalBody { code: code.number(), message, retry_after_ms, limit }
    }
}
