//! A venue that refuses for good is not asked again, and users are told why.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/collected.rs"]
mod collected;

use std::net::Ipv4Addr;

use collected::{Collected, instruments};
use tidemark_relay::feeds::{FeedConfig, Source, VenueConfig};
use tidemark_shared::market::FeedState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_venue_not_served_in_this_country_is_not_asked_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("ws://{}/stream", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let refusal = "HTTP/1.1 451 Unavailable For Legal Reasons\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(refusal.as_bytes()).await.unwrap();
        }
    });
    let feed = FeedConfig {
        name: "binance".into(),
        grace_s: 0,
        always: Vec::new(),
        source: Source::Binance(VenueConfig {
            endpoint: Some(url),
            instruments: instruments(&["BTCUSDT"]),
        }),
    };
    let mut collected = Collected::start(&[feed], &["price:BTCUSDT"]);
    collected
        .until(|seen| {
            seen.statuses.get("binance").is_some_and(|status| status.state == FeedState::Stopped)
        })
        .await;
    assert!(collected.trades("BTCUSDT").is_empty());
    let status = &collected.statuses["binance"];
    assert!(status.last_error.as_ref().unwrap().contains("451"));
    assert_eq!(status.next_attempt, None);
    drop(collected.demand);
    collected.feeds.shutdown().await;
}

/// A TLS address is dialled without a panic, and a venue without TLS is tried again.
#[tokio::test]
async fn a_venue_that_speaks_no_tls_is_tried_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("wss://{}/stream", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"no TLS here\r\n").await;
        }
    });
    let feed = FeedConfig {
        name: "coinbase".into(),
        grace_s: 0,
        always: vec!["BTC-USD".parse().unwrap()],
        source: Source::Coinbase(VenueConfig {
            endpoint: Some(url),
            instruments: instruments(&["BTC-USD"]),
        }),
    };
    let mut collected = Collected::start(&[feed], &[]);
    collected
        .until(|seen| {
            seen.statuses.get("coinbase").is_some_and(|status| status.state == FeedState::Broken)
        })
        .await;
    let status = &collected.statuses["coinbase"];
    assert!(status.next_attempt.is_some());
    assert_ne!(status.last_error.as_deref(), Some("no connection in time"));
    collected.feeds.shutdown().await;
}

/// A venue, or whoever speaks in its place, cannot make the relay connect to somewhere else.
#[tokio::test]
async fn a_venue_that_sends_us_elsewhere_is_not_followed() {
    let inside = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let elsewhere = format!("ws://{}/stream", inside.local_addr().unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("ws://{}/stream", listener.local_addr().unwrap());
    let (asked, mut asked_again) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let answer =
                format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = asked.send(());
        }
    });
    let feed = FeedConfig {
        name: "binance".into(),
        grace_s: 0,
        always: vec!["BTCUSDT".parse().unwrap()],
        source: Source::Binance(VenueConfig {
            endpoint: Some(url),
            instruments: instruments(&["BTCUSDT"]),
        }),
    };
    let mut collected = Collected::start(&[feed], &[]);
    let says_so = |seen: &Collected| {
        let error = seen.statuses.get("binance").and_then(|status| status.last_error.clone());
        error.is_some_and(|error| error.contains("302"))
    };
    collected.until(says_so).await;
    // It is asked again where the operator says, and what it names has heard of nobody meanwhile.
    for _ in 0..2 {
        asked_again.recv().await.unwrap();
    }
    collected.feeds.shutdown().await;
    let nobody = tokio::select! {
        biased;
        _ = inside.accept() => false,
        () = std::future::ready(()) => true,
    };
    assert!(nobody, "the relay has followed a redirect");
}
