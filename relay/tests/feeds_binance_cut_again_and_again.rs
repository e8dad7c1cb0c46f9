//! Five recorded minutes of Binance through a venue that cuts, pauses and talks rubbish: each trade
//! that was sent arrives once and in order, and what was missed while away is announced.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/collected.rs"]
mod collected;
#[path = "support/mock_venue.rs"]
mod mock_venue;
#[path = "support/vectors.rs"]
mod vectors;

use std::time::Duration;

use collected::{Collected, instruments};
use mock_venue::{MockVenue, Step};
use tidemark_relay::feeds::{FeedConfig, Recording, Source, VenueConfig};
use tokio_tungstenite::tungstenite::Message;

/// Frames between two cuts, and frames missed at each.
const CUT_EVERY: usize = 4_000;
const MISSED: usize = 100;

#[tokio::test]
async fn no_trade_is_lost_or_counted_twice_except_in_announced_holes() {
    let file = "replay/binance_btcusdt_20240809_5min_ws.txt.gz";
    let Some(path) = vectors::vectors(file) else { return };
    let frames = Recording::open(&path).unwrap().map(|frame| frame.unwrap().text);
    let mut script = vec![Step::TurnAway(503)];
    let mut sent = Vec::new();
    for (index, frame) in frames.enumerate() {
        if index % CUT_EVERY < MISSED && index > CUT_EVERY {
            continue; // happens while the client is away
        }
        sent.extend(trade_number(&frame));
        script.push(Step::Send(Message::text(frame)));
        match index % CUT_EVERY {
            500 => script.push(Step::Send(Message::text("{\"half\":"))),
            1_000 => script.push(Step::Send(Message::binary(vec![0xff; 16]))),
            1_500 => script.push(Step::Send(Message::Ping(vec![1].into()))),
            2_000 => script.push(Step::Pause(Duration::from_millis(20))),
            i if i == CUT_EVERY - 1 => script.push(Step::Cut),
            _ => {}
        }
    }
    let cuts = script.iter().filter(|step| matches!(step, Step::Cut)).count();
    let venue = MockVenue::start(binance_accepts, script).await;
    let feed = FeedConfig {
        name: "binance".into(),
        grace_s: 30,
        always: Vec::new(),
        source: Source::Binance(VenueConfig {
            endpoint: Some(venue.url.clone()),
            instruments: instruments(&["BTCUSDT"]),
        }),
    };
    let mut collected = Collected::start(&[feed], &["price:BTCUSDT"]);
    let last = *sent.last().unwrap();
    let mut seen = 0;
    collected
        .until(|collected| {
            // Looks only at what is new: this is asked after every report.
            let new = collected.updates.len();
            let done = collected.updates[seen..].iter().any(|update| number(update) == Some(last));
            seen = new;
            done
        })
        .await;
    let got = collected.trades("BTCUSDT");
    let holes = got.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert!(cuts >= 10 && holes >= 3, "{cuts} cuts, {holes} holes: the test tests something");
    assert_eq!(got.len(), sent.len());
    assert_eq!(got, sent);
    assert_eq!(venue.requests().len(), cuts + 1, "asked for again after each cut");
    let unreadable = collected.feeds.letter_boxes().of("binance").unwrap();
    assert!(unreadable.iter().any(|letter| letter.text == "{\"half\":"));
    collected.until(|c| c.statuses["binance"].gaps == holes as u64).await;
    collected.feeds.shutdown().await;
}

fn trade_number(frame: &str) -> Option<u64> {
    let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
    let data = &frame["data"];
    (data["e"] == "trade").then(|| data["t"].as_u64().unwrap())
}

fn number(update: &tidemark_relay::feeds::Update) -> Option<u64> {
    match update.change {
        tidemark_relay::feeds::Change::Trade { id, .. } => id,
        _ => None,
    }
}

/// Binance's way of saying yes.
fn binance_accepts(request: &str) -> String {
    let request: serde_json::Value = serde_json::from_str(request).expect("a request is JSON");
    serde_json::json!({ "result": null, "id": request["id"] }).to_string()
}
