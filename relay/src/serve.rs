//! The accept loop: counts connections, gives each its time, and hands requests to the router.
//!
//! hyper's own server would keep a socket that never says anything; this one closes it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tower::ServiceExt;

use crate::auth::Masked;

/// A request's headers must be there within this time: silent and slow sockets are closed.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// Largest head of a request. Browsers send about one KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The kernel's send buffer of each connection. It bounds how much an unread socket costs the
/// machine, and how old a quote can get in it; enough for 10 Mbit/s over 100 ms.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// After the machine ran out of sockets: the wait before the next one is accepted.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How many connections are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// In total.
    pub connections_max: usize,
    /// From one address.
    pub connections_per_address_max: usize,
    /// Of one user.
    pub connections_per_user_max: usize,
    /// Messages a second of one user's connections together.
    pub user_messages_per_s_max: u32,
    /// Bytes a second of one user's connections together.
    pub user_bytes_per_s_max: u32,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ServeLimits {
    fn default() -> Self {
        ServeLimits {
            connections_max: 1_000,
            connections_per_address_max: 250,
            connections_per_user_max: 10,
            user_messages_per_s_max: 200,
            user_bytes_per_s_max: 1024 * 1024,
            trusted_proxies: Vec::new(),
        }
    }
}

/// How many connections there are.
#[derive(Debug, Default)]
pub struct Occupancy {
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Occupancy {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.lock().total
    }

    fn enter(self: &Arc<Self>, address: IpAddr, limits: &ServeLimits) -> Option<Place> {
        let mut places = self.lock();
        let from_here = places.by_address.get(&address).copied().unwrap_or(0);
        if places.total >= limits.connections_max || from_here >= limits.connections_per_address_max
        {
            return None;
        }
        places.total += 1;
        places.by_address.insert(address, from_here + 1);
        Some(Place { occupancy: Arc::clone(self), address })
    }

    fn leave(&self, address: IpAddr) {
        let mut places = self.lock();
        places.total = places.total.saturating_sub(1);
        if let Some(count) = places.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                places.by_address.remove(&address);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place; dropping it frees the place.
#[derive(Debug)]
struct Place {
    occupancy: Arc<Occupancy>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.occupancy.leave(self.address);
    }
}

/// Goes with every request: who takes the socket over takes it along, so that the connection's
/// place is kept until that one lets go.
#[derive(Clone, Debug)]
pub struct Slot(Arc<Mutex<Option<oneshot::Sender<()>>>>);

impl Slot {
    /// Takes it. Whoever holds it keeps the connection counted until dropping it.
    pub fn take(&mut self) -> Option<oneshot::Sender<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Serves until `stop` changes, then takes no more connections and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    occupancy: Arc<Occupancy>,
    mut stop: watch::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        match accepted {
            Ok((stream, peer)) => match occupancy.enter(peer.ip(), &limits) {
                Some(place) => {
                    tokio::spawn(serve_one(stream, peer, router.clone(), place));
                }
                None => {
                    tokio::spawn(turn_away(stream));
                }
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, peer: SocketAddr, router: Router, place: Place) {
    let socket = socket2::SockRef::from(&stream);
    // Neither is needed to be right, both to be quick.
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    let (sender, ended) = oneshot::channel::<()>();
    let slot = Slot(Arc::new(Mutex::new(Some(sender))));
    let requests = slot.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        tracing::trace!(%peer, method = %request.method(), uri = %Masked(request.uri()), "asked");
        request.extensions_mut().insert(requests.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
    // Unless a shard has taken the socket over, nobody holds the sender now.
    drop(slot);
    let _ = ended.await;
    drop(place);
}

/// Says why, in a form that a browser's `fetch` can read, and closes.
async fn turn_away(mut stream: TcpStream) {
    const BODY: &str = r#"{"code":4004,"message":"the relay has all the connections it takes"}"#;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let _ = tokio::time::timeout(HEADERS_WITHIN, stream.write_all(answer.as_bytes())).await;
}
