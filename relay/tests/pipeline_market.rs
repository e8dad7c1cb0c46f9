//! What comes out of the market when feeds speak.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use tidemark_relay::feeds::{Change, Origin, Report, Update};
use tidemark_relay::pipeline::{Market, Output, Rejection, Touch};
use tidemark_relay::publication::Publication;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{
    Bar, FeedState, FeedStatus, Interval, Phase, Quote, Side, Symbol, Tick,
};
use tidemark_shared::protocol::{Overview, Payload, Topic};

const NOON: i64 = 1_763_000_040_000;

#[test]
fn a_trade_becomes_a_quote() {
    let mut market = Market::default();
    let out = market.ingest(trade(0, "100.50", "2", 1), at(5));
    let [publication] = &out.publications[..] else { panic!("{out:?}") };
    assert_eq!(publication.topic, Topic::price(&aapl()));
    assert_eq!(publication.source, "venue");
    let quote = quote(publication);
    assert_eq!((quote.price.to_string(), quote.time), ("100.50".to_owned(), at(0)));
    assert_eq!((quote.side, quote.phase), (Some(Side::Buy), Phase::Open));
}

#[test]
fn book_day_and_phase_join_the_price_even_when_they_came_before_it() {
    let mut market = Market::default();
    for change in [book("99", "101"), day("90", "110"), Change::Phase(Phase::Pre)] {
        assert_eq!(market.ingest(live(0, change), at(0)), Output::default());
    }
    let out = market.ingest(trade(1, "100", "2", 1), at(1));
    let quote = quote(&out.publications[0]);
    assert_eq!((quote.bid, quote.ask), (Some(price("99")), Some(price("101"))));
    assert_eq!((quote.low, quote.high), (Some(price("90")), Some(price("110"))));
    assert_eq!(quote.phase, Phase::Pre);
}

#[test]
fn a_side_of_the_book_that_is_zero_is_no_price() {
    let mut market = Market::default();
    market.ingest(trade(0, "100", "1", 1), at(0));
    let out = market.ingest(live(1, book("99", "0")), at(1));
    assert_eq!(quote(&out.publications[0]).ask, None);
}

#[test]
fn a_price_outside_the_day_stretches_the_day() {
    let mut market = Market::default();
    market.ingest(live(0, day("90", "110")), at(0));
    let out = market.ingest(trade(1, "120", "1", 1), at(1));
    assert_eq!(quote(&out.publications[0]).high, Some(price("120")));
}

#[test]
fn an_unchanged_quote_is_not_published_again_but_known_to_be_true() {
    let mut market = Market::default();
    market.ingest(live(0, polled("100")), at(0));
    let out = market.ingest(live(5_000, polled("100")), at(5_000));
    assert_eq!(out.publications, []);
    assert_eq!(out.touches, [Touch { topic: Topic::price(&aapl()), as_of: at(5_000) }]);
}

#[test]
fn a_venue_that_is_heard_keeps_its_prices_fresh() {
    let mut market = Market::default();
    market.ingest(trade(0, "100", "1", 1), at(0));
    let symbols = vec![aapl(), "MSFT".parse().unwrap()];
    let out = market.ingest(Report::Alive { feed: "venue".into(), symbols, heard: at(9) }, at(10));
    assert_eq!(out.touches, [Touch { topic: Topic::price(&aapl()), as_of: at(9) }]);
}

#[test]
fn a_trade_told_twice_counts_once() {
    let mut market = Market::default();
    market.ingest(trade(0, "100", "2", 7), at(0));
    assert_eq!(market.ingest(trade(0, "100", "2", 7), at(1)), Output::default());
    assert_eq!(volume(&market), "2");
    assert_eq!(rejected(&market, Rejection::Duplicate), 1);
    assert_eq!(market.dead_letters().count(), 0);
}

#[test]
fn a_late_trade_counts_as_volume_but_does_not_move_the_price_back() {
    let mut market = Market::default();
    market.ingest(trade(5_000, "100", "2", 2), at(5_000));
    market.ingest(trade(1_000, "90", "3", 1), at(5_001));
    assert_eq!(market.price(&aapl()).unwrap().0.price, price("100"));
    assert_eq!(volume(&market), "5");
    let times: Vec<_> = ticks(&market).iter().map(|tick| tick.time).collect();
    assert_eq!(times, [at(1_000), at(5_000)]);
}

#[test]
fn a_snapshot_fills_an_empty_screen_and_is_no_volume() {
    let mut market = Market::default();
    let out = market.ingest(snapshot(trade(-90_000, "95", "9", 1)), at(0));
    assert_eq!(quote(&out.publications[0]).price, price("95"));
    assert!(ticks(&market).is_empty());
    assert!(market.bars(&aapl(), Interval::Minute1, None, None).unwrap().bars.is_empty());
}

#[test]
fn a_snapshot_never_moves_the_price_back_in_time() {
    let mut market = Market::default();
    market.ingest(trade(0, "100", "1", 1), at(0));
    assert_eq!(market.ingest(snapshot(trade(-90_000, "95", "9", 0)), at(1)), Output::default());
    assert_eq!(market.price(&aapl()).unwrap().0.price, price("100"));
}

#[test]
fn nonsense_is_counted_by_reason_and_kept_for_inspection() {
    let nonsense = [
        (trade(0, "0", "1", 1), Rejection::PriceNotPositive),
        (trade(0, "-1", "1", 1), Rejection::PriceNotPositive),
        (trade(0, "9e20", "1", 1), Rejection::PriceTooLarge),
        (trade(0, "1", "-1", 1), Rejection::SizeNegative),
        (trade(0, "1", "9e20", 1), Rejection::SizeTooLarge),
        (trade(120_000, "1", "1", 1), Rejection::FromTheFuture),
        (trade(-NOON, "1", "1", 1), Rejection::NoTime),
        (live(0, book("101", "100")), Rejection::CrossedBook),
        (live(0, day("110", "90")), Rejection::HighBelowLow),
    ];
    for (report, reason) in nonsense {
        let mut market = Market::default();
        assert_eq!(market.ingest(report.clone(), at(0)), Output::default(), "{report:?}");
        assert_eq!(rejected(&market, reason), 1, "{report:?}");
        let letter = market.dead_letters().next().expect("it is kept");
        assert_eq!((letter.rejection, Report::Update(letter.update.clone())), (reason, report));
        assert!(market.price(&aapl()).is_err());
    }
}

#[test]
fn the_dead_letters_are_bounded() {
    let mut market = Market::default();
    for _ in 0..1_000 {
        market.ingest(trade(0, "0", "1", 1), at(0));
    }
    assert_eq!(rejected(&market, Rejection::PriceNotPositive), 1_000);
    assert_eq!(market.dead_letters().count(), 256);
}

#[test]
fn a_flood_of_symbols_is_bounded() {
    let mut market = Market::default();
    for number in 0..5_000 {
        let Report::Update(mut update) = trade(0, "1", "1", 1) else { unreachable!() };
        update.symbol = format!("X{number}").parse().unwrap();
        market.ingest(Report::Update(update), at(0));
    }
    assert_eq!(market.figures().symbols, 4_096);
    assert_eq!(rejected(&market, Rejection::TooManySymbols), 904);
}

#[test]
fn the_state_of_a_feed_is_published_when_it_changes() {
    let mut market = Market::default();
    let out = market.ingest(Report::Status(status("venue")), at(0));
    assert_eq!(out.publications[0].topic, Topic::feed("venue").unwrap());
    assert_eq!(out.publications[0].payload, Payload::Feed(status("venue")));
    assert_eq!(market.ingest(Report::Status(status("venue")), at(1)), Output::default());
    assert_eq!(market.feeds().count(), 1);
    assert_eq!(market.ingest(Report::Status(status("no name")), at(2)), Output::default());
    assert_eq!(rejected(&market, Rejection::InvalidFeedName), 1);
}

#[test]
fn the_overview_names_risers_and_fallers_at_most_once_a_second() {
    let mut market = Market::default();
    for (symbol, last) in [("UP", "110"), ("TOP", "150"), ("DOWN", "90"), ("EVEN", "100")] {
        let Report::Update(mut update) = live(0, with_reference(last)) else { unreachable!() };
        update.symbol = symbol.parse().unwrap();
        market.ingest(Report::Update(update), at(0));
    }
    let overview = overview(&market.advance(at(0))).expect("the first is due at once");
    assert_eq!((overview.priced, overview.up, overview.down), (4, 2, 1));
    let gainers: Vec<_> = overview.gainers.iter().map(|mover| mover.symbol.as_str()).collect();
    assert_eq!(gainers, ["TOP", "UP"]);
    assert_eq!(overview.losers[0].symbol.as_str(), "DOWN");

    market.ingest(trade(10, "100", "1", 1), at(10));
    assert_eq!(crate::overview(&market.advance(at(999))), None);
    assert_eq!(crate::overview(&market.advance(at(1_000))).unwrap().priced, 5);
    assert_eq!(crate::overview(&market.advance(at(2_000))), None, "nothing changed");
}

#[test]
fn history_known_at_the_start_is_answered() {
    let mut market = Market::default();
    let tick = Tick { time: at(-120_000), price: price("99"), size: "1".parse().unwrap() };
    let bar = Bar {
        start: at(-120_000),
        open: tick.price,
        high: tick.price,
        low: tick.price,
        close: tick.price,
        volume: tick.size,
        trades: 1,
        closed: true,
    };
    market.seed_ticks(&aapl(), vec![tick]);
    market.seed_bars(&aapl(), Interval::Minute1, vec![bar]);
    market.ingest(trade(0, "100", "1", 1), at(0));
    assert_eq!(ticks(&market).len(), 2);
    // Nobody knows what happened in the minute between.
    let closes: Vec<_> = minutes(&market).iter().map(|bar| bar.close.to_string()).collect();
    assert_eq!(closes, ["99", "100"]);
}

fn aapl() -> Symbol {
    "AAPL".parse().unwrap()
}

fn at(after_noon_ms: i64) -> UnixMillis {
    UnixMillis(NOON + after_noon_ms)
}

fn price(text: &str) -> tidemark_shared::market::Price {
    text.parse().unwrap()
}

fn live(after_noon_ms: i64, change: Change) -> Report {
    Report::Update(Update {
        symbol: aapl(),
        feed: "venue".into(),
        venue_time: at(after_noon_ms),
        received: at(after_noon_ms),
        origin: Origin::Live,
        change,
    })
}

fn snapshot(report: Report) -> Report {
    match report {
        Report::Update(update) => Report::Update(Update { origin: Origin::Snapshot, ..update }),
        other => other,
    }
}

fn trade(after_noon_ms: i64, price: &str, size: &str, id: u64) -> Report {
    let (price, size) = (price.parse().unwrap(), size.parse().unwrap());
    live(after_noon_ms, Change::Trade { price, size, side: Some(Side::Buy), id: Some(id) })
}

fn book(bid: &str, ask: &str) -> Change {
    Change::Book { bid: price(bid), ask: price(ask) }
}

fn day(low: &str, high: &str) -> Change {
    let (low, high) = (Some(price(low)), Some(price(high)));
    Change::Day { reference: None, high, low, volume: None, last: None }
}

fn polled(last: &str) -> Change {
    Change::Day { reference: None, high: None, low: None, volume: None, last: Some(price(last)) }
}

fn with_reference(last: &str) -> Change {
    let (reference, last) = (Some(price("100")), Some(price(last)));
    Change::Day { reference, high: None, low: None, volume: None, last }
}

fn status(feed: &str) -> FeedStatus {
    FeedStatus {
        feed: feed.into(),
        state: FeedState::Live,
        since: at(0),
        last_heard: None,
        next_attempt: None,
        last_error: None,
        symbols: 1,
        messages: 1,
        dead_letters: 0,
        gaps: 0,
    }
}

fn quote(publication: &Publication) -> &Quote {
    match &publication.payload {
        Payload::Quote(quote) => quote,
        other => panic!("no quote: {other:?}"),
    }
}

fn overview(out: &Output) -> Option<Overview> {
    out.publications.iter().find_map(|publication| match &publication.payload {
        Payload::Overview(overview) => Some(overview.clone()),
        _ => None,
    })
}

fn rejected(market: &Market, reason: Rejection) -> u64 {
    let figures = market.figures();
    figures.rejected.into_iter().find(|(one, _)| *one == reason).expect("all are counted").1
}

fn ticks(market: &Market) -> Vec<Tick> {
    market.ticks(&aapl(), Some(1_000)).unwrap().ticks
}

fn minutes(market: &Market) -> Vec<Bar> {
    market.bars(&aapl(), Interval::Minute1, None, None).unwrap().bars
}

fn volume(market: &Market) -> String {
    minutes(market).iter().map(|bar| bar.volume.value()).sum::<rust_decimal::Decimal>().to_string()
}
