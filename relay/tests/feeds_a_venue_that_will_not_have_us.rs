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
