//! The simulator and a replay: prices without an account and without the internet.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/collected.rs"]
mod collected;
#[path = "support/vectors.rs"]
mod vectors;

use collected::{Collected, instruments};
use tidemark_relay::feeds::{
    AtEnd, Change, FeedConfig, RecordedVenue, ReplayConfig, Source, catalogue,
};
use tidemark_relay::publication::Demand;
use tidemark_shared::market::FeedState;

#[tokio::test]
async fn a_newcomer_asks_for_a_price_and_sees_it_move() {
    let mut feed = FeedConfig::simulator();
    feed.grace_s = 0;
    let mut collected = Collected::start(&[feed], &["price:BTC-USD"]);
    collected.until(|seen| is(seen, "simulator", FeedState::Live)).await;
    collected.until(|seen| seen.trades("BTC-USD").len() >= 5).await;
    assert!(collected.updates.iter().all(|update| update.symbol.as_str() == "BTC-USD"));
    let unwanted = Demand::Released("price:BTC-USD".parse().unwrap());
    collected.demand.send(unwanted).unwrap();
    collected.until(|seen| is(seen, "simulator", FeedState::Idle)).await;
    let now = collected.updates.last().unwrap().received;
    let bars = collected.feeds.past().bars(&"BTC-USD".parse().unwrap(), now, 60);
    assert_eq!(bars.len(), 60);
    collected.feeds.shutdown().await;
}

#[tokio::test]
async fn a_recorded_session_is_played_whole_and_as_if_it_were_now() {
    let file = "replay/binance_btcusdt_20240809_5min_ws.txt.gz";
    let Some(path) = vectors::vectors(file) else { return };
    let feed = FeedConfig {
        name: "replay".into(),
        grace_s: 0,
        always: Vec::new(),
        source: Source::Replay(ReplayConfig {
            file: path,
            venue: RecordedVenue::Binance,
            speed: 1_000.0,
            at_end: AtEnd::Stop,
            instruments: instruments(&["BTCUSDT"]),
        }),
    };
    let mut collected = Collected::start(&[feed], &["bars:1m:BTCUSDT"]);
    collected.until(|seen| is(seen, "replay", FeedState::Stopped)).await;
    let trades = collected.trades("BTCUSDT");
    assert_eq!(trades.len(), 10_147);
    assert!(trades.windows(2).all(|pair| pair[1] == pair[0] + 1));
    for update in &collected.updates {
        assert!(update.venue_time <= update.received, "nothing comes from the future");
        assert!(update.received.since(update.venue_time).as_secs() < 60);
    }
    let status = &collected.statuses["replay"];
    assert_eq!((status.gaps, status.dead_letters), (0, 0));
    let books = |change: &Change| matches!(change, Change::Book { .. });
    let books = collected.updates.iter().filter(|update| books(&update.change)).count();
    assert_eq!(books, 45_134);
    collected.feeds.shutdown().await;
}

#[test]
fn two_feeds_cannot_carry_the_same_symbol() {
    let mut second = FeedConfig::simulator();
    second.name = "another".into();
    let error = catalogue(&[FeedConfig::simulator(), second]).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"feed "another": symbol 005930 is carried by feed "simulator" already"#
    );
}

fn is(seen: &Collected, feed: &str, state: FeedState) -> bool {
    seen.statuses.get(feed).is_some_and(|status| status.state == state)
}
