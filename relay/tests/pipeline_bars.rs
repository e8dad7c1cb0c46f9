//! When bars are published.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use tidemark_relay::feeds::{Change, Origin, Report, Update};
use tidemark_relay::pipeline::{Market, Output};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Interval, Symbol};
use tidemark_shared::protocol::{Payload, Topic};

/// The start of a minute.
const NOON: i64 = 1_763_000_040_000;

#[test]
fn nobody_reads_and_nothing_is_published_but_history_is_kept() {
    let mut market = Market::default();
    for second in 0..100 {
        assert_eq!(bars(&trade(&mut market, second * 1_000, "100")), []);
    }
    market.released(&minutes(), at(0));
    assert_eq!(closes(&market).len(), 2);
}

#[test]
fn the_first_reader_gets_the_newest_bar_at_once() {
    let mut market = Market::default();
    trade(&mut market, 0, "100");
    let [bar] = &bars(&market.wanted(&minutes(), at(1)))[..] else { panic!("no bar") };
    assert_eq!((bar.start, bar.closed), (at(0), false));
    market.released(&minutes(), at(0));
    assert_eq!(bars(&trade(&mut market, 1_000, "101")), []);
}

#[test]
fn a_reader_who_came_before_the_first_trade_gets_it() {
    let mut market = Market::default();
    assert_eq!(market.wanted(&minutes(), at(0)), Output::default());
    assert_eq!(bars(&trade(&mut market, 0, "100")).len(), 1);
}

#[test]
fn a_forming_bar_is_published_at_most_four_times_a_second() {
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    let mut published = 0;
    for tenth in 0..100 {
        published += bars(&trade(&mut market, tenth * 10, "100")).len();
    }
    assert_eq!(published, 4);
    // The last trades were held back, and are not forgotten.
    let [bar] = &bars(&market.advance(at(1_000)))[..] else { panic!("nothing was held back") };
    assert_eq!((bar.trades, bar.closed), (100, false));
    assert_eq!(bars(&market.advance(at(2_000))), []);
}

#[test]
fn a_bar_that_closes_is_published_always() {
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    trade(&mut market, 59_990, "100");
    trade(&mut market, 59_995, "101");
    let published = bars(&trade(&mut market, 60_000, "102"));
    let closed: Vec<_> = published.iter().filter(|bar| bar.closed).collect();
    assert_eq!(closed.len(), 1);
    assert_eq!((closed[0].start, closed[0].close.to_string()), (at(0), "101".to_owned()));
}

#[test]
fn time_closes_a_bar_a_grace_after_its_end() {
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    trade(&mut market, 1_000, "100");
    alive(&mut market, at(61_000));
    assert_eq!(bars(&market.advance(at(61_999))), []);
    let [bar] = &bars(&market.advance(at(62_000)))[..] else { panic!("it did not close") };
    assert!(bar.closed);
}

#[test]
fn an_empty_minute_is_flat_while_the_venue_is_heard() {
    let mut market = Market::default();
    trade(&mut market, 1_000, "100");
    for second in (5..130).step_by(5) {
        alive(&mut market, at(second * 1_000));
    }
    market.advance(at(130_000));
    assert_eq!(closes(&market), ["100", "100"]);
    trade(&mut market, 185_000, "101");
    assert_eq!(closes(&market), ["100", "100", "101"], "the third minute is not known");
}

#[test]
fn a_feed_that_is_away_is_a_hole_and_not_a_flat_line() {
    let mut market = Market::default();
    trade(&mut market, 1_000, "100");
    market.advance(at(200_000));
    let history = market.bars(&aapl(), Interval::Minute1, None, None).unwrap();
    assert!(!history.bars[0].closed, "nobody knows whether there were more trades");
    trade(&mut market, 240_000, "101");
    assert_eq!(closes(&market), ["100", "101"]);
}

#[test]
fn a_closed_bar_that_a_late_trade_amends_is_published_again() {
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    trade(&mut market, 59_000, "100");
    trade(&mut market, 61_000, "100");
    let published = bars(&late_trade(&mut market, 59_500, "200", at(61_100)));
    let [bar] = &published[..] else { panic!("{published:?}") };
    assert_eq!((bar.start, bar.high.to_string(), bar.closed), (at(0), "200".to_owned(), true));
}

#[test]
fn a_trade_that_is_too_late_for_its_bar_is_counted() {
    let mut market = Market::default();
    trade(&mut market, 120_000, "100");
    late_trade(&mut market, 1_000, "200", at(120_001));
    assert_eq!(market.figures().late_ticks, 1);
    assert_eq!(closes(&market), ["100"]);
}

#[test]
fn a_feed_that_is_delayed_by_a_quarter_of_an_hour_closes_its_bars_by_its_own_clock() {
    const DELAY_MS: i64 = 900_000;
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    late_trade(&mut market, 1_000, "100", at(1_000 + DELAY_MS));
    alive(&mut market, at(60_000 + DELAY_MS));
    assert_eq!(bars(&market.advance(at(61_000 + DELAY_MS))), []);
    assert_eq!(bars(&market.advance(at(62_000 + DELAY_MS))).len(), 1);
}

#[test]
fn a_polled_price_makes_bars_without_volume_or_trades() {
    let mut market = Market::default();
    for (second, last) in [(0, "100"), (5, "104"), (10, "102")] {
        let last = Some(last.parse().unwrap());
        let change = Change::Day { reference: None, high: None, low: None, volume: None, last };
        report(&mut market, second * 1_000, change, at(second * 1_000));
    }
    let bar = market.bars(&aapl(), Interval::Minute1, None, None).unwrap().bars.remove(0);
    assert_eq!((bar.high.to_string(), bar.close.to_string()), ("104".to_owned(), "102".to_owned()));
    assert_eq!((bar.trades, bar.volume), (0, Default::default()));
}

#[test]
fn a_clock_that_is_set_back_does_not_silence_a_chart() {
    let mut market = Market::default();
    market.wanted(&minutes(), at(0));
    trade(&mut market, 10_000, "100");
    let out = late_trade(&mut market, 10_001, "101", at(9_000));
    assert_eq!(bars(&out).len(), 1);
}

fn aapl() -> Symbol {
    "AAPL".parse().unwrap()
}

fn minutes() -> Topic {
    Topic::bars(&aapl(), Interval::Minute1)
}

fn at(after_noon_ms: i64) -> UnixMillis {
    UnixMillis(NOON + after_noon_ms)
}

fn trade(market: &mut Market, after_noon_ms: i64, price: &str) -> Output {
    late_trade(market, after_noon_ms, price, at(after_noon_ms))
}

fn late_trade(market: &mut Market, after_noon_ms: i64, price: &str, now: UnixMillis) -> Output {
    let (price, size) = (price.parse().unwrap(), "1".parse().unwrap());
    report(market, after_noon_ms, Change::Trade { price, size, side: None, id: None }, now)
}

fn report(market: &mut Market, after_noon_ms: i64, change: Change, now: UnixMillis) -> Output {
    let update = Update {
        symbol: aapl(),
        feed: "venue".into(),
        venue_time: at(after_noon_ms),
        received: now,
        origin: Origin::Live,
        change,
    };
    market.ingest(Report::Update(update), now)
}

fn alive(market: &mut Market, heard: UnixMillis) {
    market.ingest(Report::Alive { feed: "venue".into(), symbols: vec![aapl()], heard }, heard);
}

fn bars(out: &Output) -> Vec<Bar> {
    let bars = out.publications.iter().filter_map(|publication| match &publication.payload {
        Payload::Bar(bar) => Some(bar.clone()),
        _ => None,
    });
    bars.collect()
}

fn closes(market: &Market) -> Vec<String> {
    let history = market.bars(&aapl(), Interval::Minute1, None, None).unwrap();
    history.bars.iter().map(|bar| bar.close.to_string()).collect()
}
