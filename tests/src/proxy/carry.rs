//! Carrying the bytes of one connection.

use std::io;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{Mutex, watch};

use super::request::{HEAD_BYTES_MAX, Head};
use super::weather::{Fault, Weather};
use super::{Requests, Verdict};

/// Larger than a frame of ours can be, so that a read gives whole frames.
const BUFFER_BYTES: usize = 128 * 1024;

const FORBIDDEN: &[u8] =
    b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Orderly,
    Broken,
}

/// Carries both ways until one of them ends.
pub(super) async fn both_ways(
    client: &mut TcpStream,
    server: &mut TcpStream,
    weather: watch::Receiver<Weather>,
    requests: &Requests,
) -> Ended {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    // Refusals are written beside what the server says.
    let to_client = Mutex::new(to_client);
    let ended = tokio::select! {
        ended = carry_requests(from_client, to_server, &to_client, &weather, requests) => ended,
        ended = carry_answers(from_server, &to_client, weather.clone(), requests) => ended,
    };
    ended.map_or(Ended::Broken, |()| Ended::Orderly)
}

/// Requests go through one by one, so that each can be blocked; after an upgrade, bytes do.
async fn carry_requests(
    mut client: ReadHalf<'_>,
    mut server: WriteHalf<'_>,
    to_client: &Mutex<WriteHalf<'_>>,
    weather: &watch::Receiver<Weather>,
    requests: &Requests,
) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        let head = Head::read(&read);
        let missing = match &head {
            Some(head) => head.request_bytes().saturating_sub(read.len()),
            None => HEAD_BYTES_MAX.saturating_sub(read.len()).min(1),
        };
        if missing > 0 {
            if client.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
            continue;
        }
        // Without a head, what came is no HTTP.
        let Some(head) = head else { return Ok(()) };
        if weather.borrow().blocks(&head.path) {
            requests.note(&head.path, Verdict::Blocked);
            return to_client.lock().await.write_all(FORBIDDEN).await;
        }
        requests.note(&head.path, Verdict::Passed);
        if head.is_upgrade {
            server.write_all(&read).await?;
            return tokio::io::copy(&mut client, &mut server).await.map(|_| ());
        }
        let after = read.split_off(head.request_bytes());
        server.write_all(&read).await?;
        read = after;
    }
}

/// Bytes go through as the weather lets them.
async fn carry_answers(
    mut server: ReadHalf<'_>,
    to_client: &Mutex<WriteHalf<'_>>,
    mut weather: watch::Receiver<Weather>,
    requests: &Requests,
) -> io::Result<()> {
    let half_closes = weather.borrow().half_closes;
    let mut buffer = vec![0; BUFFER_BYTES];
    for number in 1_u32.. {
        let read = tokio::select! {
            read = server.read(&mut buffer) => Some(read?),
            () = half_closed(&mut weather, half_closes) => None,
        };
        let Some(length) = read else {
            to_client.lock().await.shutdown().await?;
            return std::future::pending().await;
        };
        if length == 0 {
            return Ok(());
        }
        let piece = &buffer[..length];
        let fault = weather.borrow().fault;
        match fault {
            Fault::Delay(delay) => tokio::time::sleep(delay).await,
            Fault::Stall => {
                let _ = weather.wait_for(|now| now.fault != Fault::Stall).await;
            }
            _ => {}
        }
        if fault.breaks(piece) {
            requests.faults.fetch_add(1, Ordering::Relaxed);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let [first, second] = fault.apply(number, piece);
        if first.len() + second.len() != piece.len() {
            requests.faults.fetch_add(1, Ordering::Relaxed);
        }
        let mut client = to_client.lock().await;
        client.write_all(first).await?;
        client.write_all(second).await?;
    }
    Ok(())
}

async fn half_closed(weather: &mut watch::Receiver<Weather>, before: u32) {
    // It fails only when the proxy is gone, and with it everything that it carries.
    let _ = weather.wait_for(|now| now.half_closes != before).await;
}
