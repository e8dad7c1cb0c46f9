//! A bad network: a TCP proxy on loopback between a client and a relay.
//!
//! It can refuse, cut, half-close, delay and stall connections, block some addresses as a
//! company's firewall does, and lose, repeat or garble what it carries. It reads of HTTP only
//! what blocking needs; past an upgrade it carries bytes.
//!
//! What must never be here: knowledge of our protocol.

mod carry;
mod request;
mod weather;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::weather::Weather;
pub use self::weather::{Door, Fault};

/// A running proxy. It ends, and cuts what it carries, when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    requests: Arc<Requests>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts one in front of a server, in good weather.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(server: SocketAddr) -> io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (weather, _) = watch::channel(Weather::default());
        let requests = Arc::new(Requests::default());
        let accepting =
            tokio::spawn(accept(listener, server, weather.clone(), Arc::clone(&requests)));
        Ok(Proxy { address, weather, requests, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens or closes the door for new connections.
    pub fn set_door(&self, door: Door) {
        self.weather.send_modify(|weather| weather.door = door);
    }

    /// Answers 403 to requests whose path begins with one of these; none: lets all pass.
    pub fn block(&self, paths: &[&str]) {
        let blocked = paths.iter().map(|path| (*path).to_owned()).collect();
        self.weather.send_modify(|weather| weather.blocked = blocked);
    }

    /// Sets what happens to the bytes on their way from the server.
    pub fn set_fault(&self, fault: Fault) {
        self.weather.send_modify(|weather| weather.fault = fault);
    }

    /// Breaks every connection, as an unplugged router does when it comes back.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }

    /// Ends every connection's way from the server, and leaves the way to it open.
    pub fn half_close(&self) {
        self.weather.send_modify(|weather| weather.half_closes += 1);
    }

    /// How many requests for paths that begin so have passed.
    #[must_use]
    pub fn passed(&self, path: &str) -> usize {
        self.requests.of(path, Verdict::Passed)
    }

    /// How many requests for paths that begin so were blocked.
    #[must_use]
    pub fn blocked(&self, path: &str) -> usize {
        self.requests.of(path, Verdict::Blocked)
    }

    /// How often something was lost, repeated or garbled.
    #[must_use]
    pub fn faults(&self) -> u32 {
        self.requests.faults.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

/// What the proxy has seen, for scenarios that want proof that something happened.
#[derive(Debug, Default)]
struct Requests {
    seen: Mutex<Vec<(String, Verdict)>>,
    faults: AtomicU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Blocked,
}

impl Requests {
    fn note(&self, path: &str, verdict: Verdict) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((path.to_owned(), verdict));
    }

    fn of(&self, prefix: &str, wanted: Verdict) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|(path, verdict)| path.starts_with(prefix) && *verdict == wanted).count()
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    weather: watch::Sender<Weather>,
    requests: Arc<Requests>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let weather = weather.subscribe();
        let requests = Arc::clone(&requests);
        tokio::spawn(serve(client, server, weather, requests));
    }
}

async fn serve(
    mut client: TcpStream,
    server: SocketAddr,
    mut weather: watch::Receiver<Weather>,
    requests: Arc<Requests>,
) {
    let (door, cuts) = {
        let weather = weather.borrow();
        (weather.door, weather.cuts)
    };
    let seen = weather.clone();
    let carrying = async {
        match door {
            Door::Open => match TcpStream::connect(server).await {
                Ok(mut server) => carry::both_ways(&mut client, &mut server, seen, &requests).await,
                // Nobody is there: the client sees what it would see without us.
                Err(_) => carry::Ended::Broken,
            },
            Door::Refusing => carry::Ended::Broken,
            Door::Silent => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = carrying => ended,
        _ = weather.wait_for(|weather| weather.cuts != cuts) => carry::Ended::Broken,
    };
    if ended == carry::Ended::Broken {
        // A reset instead of an orderly end.
        let _ = client.set_zero_linger();
    }
}
