//! Thirty recorded seconds of Coinbase through a venue that cuts: matches arrive once and in order,
//! and the old trade shown to each new subscriber is never taken for a new one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/collected.rs"]
mod collected;
#[path = "support/mock_venue.rs"]
mod mock_venue;
#[path = "support/vectors.rs"]
mod vectors;

use std::collections::BTreeMap;
use std::time::Duration;

use collected::{Collected, instruments};
use mock_venue::{MockVenue, Step};
use tidemark_relay::feeds::{Change, FeedConfig, Origin, Recording, Source, VenueConfig};
use tokio_tungstenite::tungstenite::Message;

const PRODUCTS: [&str; 10] = [
    "SKL-USD", "SKL-BTC", "BAND-GBP", "NMR-EUR", "BAND-BTC", "YFI-BTC", "DASH-BTC", "NU-GBP",
    "CRV-EUR", "SKL-GBP",
];

#[tokio::test]
async fn matches_arrive_once_and_old_ones_are_only_shown() {
    let Some(path) = vectors::vectors("replay/cryptofeed_COINBASE.ws.28.0.txt.gz") else { return };
    let frames: Vec<String> =
        Recording::open(&path).unwrap().map(|frame| frame.unwrap().text).collect();
    let mut script = vec![Step::TurnAway(503)];
    let mut sent: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut matches = 0;
    for frame in frames {
        let parsed: serde_json::Value = serde_json::from_str(&frame).unwrap();
        // The recorder's own subscriptions were answered here; ours are answered by the venue.
        if parsed["type"] == "subscriptions" || parsed["type"] == "snapshot" {
            continue;
        }
        let again = shown_again(&parsed);
        script.push(Step::Send(Message::text(frame)));
        if parsed["type"] == "match" {
            let product = parsed["product_id"].as_str().unwrap().to_owned();
            sent.entry(product).or_default().push(parsed["trade_id"].as_u64().unwrap());
            matches += 1;
            if matches % 20 == 0 {
                // Back after the cut, the venue shows the trade that we have already.
                script.push(Step::Pause(Duration::from_millis(1)));
                script.extend([Step::Cut, Step::Send(Message::text(again))]);
            }
        }
    }
    let end = r#"{"type":"ticker","product_id":"SKL-USD","price":"424242","time":"2021-04-17T16:44:37.314473Z"}"#;
    script.push(Step::Send(Message::text(end)));
    let venue = MockVenue::start(coinbase_accepts, script).await;
    let feed = FeedConfig {
        name: "coinbase".into(),
        grace_s: 30,
        always: PRODUCTS.map(|product| product.parse().unwrap()).to_vec(),
        source: Source::Coinbase(VenueConfig {
            endpoint: Some(venue.url.clone()),
            instruments: instruments(&PRODUCTS),
        }),
    };
    let mut collected = Collected::start(&[feed], &[]);
    let last = "424242".parse().unwrap();
    let is_end =
        |change: &Change| matches!(change, Change::Day { last: Some(p), .. } if *p == last);
    collected
        .until(|collected| collected.updates.last().is_some_and(|update| is_end(&update.change)))
        .await;
    for product in PRODUCTS {
        let sent = sent.get(product).cloned().unwrap_or_default();
        assert_eq!(collected.trades(product), sent, "{product}");
    }
    let shown = |update: &&tidemark_relay::feeds::Update| {
        update.origin == Origin::Snapshot && matches!(update.change, Change::Trade { .. })
    };
    assert_eq!(collected.updates.iter().filter(shown).count(), PRODUCTS.len());
    assert_eq!(matches, 97);
    assert_eq!(venue.requests().len(), 1 + matches / 20, "asked for again after each cut");
    collected.feeds.shutdown().await;
}

/// The same trade as the venue shows it to a new subscriber.
fn shown_again(matched: &serde_json::Value) -> String {
    let mut shown = matched.clone();
    shown["type"] = "last_match".into();
    shown.to_string()
}

/// Coinbase's way of saying yes.
fn coinbase_accepts(request: &str) -> String {
    let request: serde_json::Value = serde_json::from_str(request).expect("a request is JSON");
    let channels: Vec<_> = request["channels"]
        .as_array()
        .expect("a list of channels")
        .iter()
        .map(|name| serde_json::json!({ "name": name, "product_ids": request["product_ids"] }))
        .collect();
    serde_json::json!({ "type": "subscriptions", "channels": channels }).to_string()
}
