//! What clients may ask of the market, and what they are refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use tidemark_relay::feeds::{Change, Origin, Report, Update};
use tidemark_relay::pipeline::Market;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{AssetClass, Instrument, Interval, Symbol};
use tidemark_shared::protocol::{
    Encoding, ErrorCode, FRAME_BYTES_MAX, Method, Reply, RequestId, Response, ServerMessage,
};

const NOON: i64 = 1_763_000_040_000;

#[test]
fn an_exact_symbol_comes_before_its_namesakes() {
    let market = Market::new(vec![
        instrument("META", "Meta Platforms", &[]),
        instrument("TA", "TravelCenters", &[]),
        instrument("TAP", "Molson Coors", &[]),
        instrument("TSLA", "Tesla", &["table"]),
    ]);
    assert_eq!(search(&market, "ta"), ["TA", "TAP", "TSLA", "META"]);
    assert_eq!(search(&market, "  coors "), ["TAP"]);
    assert_eq!(search(&market, ""), ["META", "TA", "TAP", "TSLA"]);
    assert_eq!(search(&market, "nothing like it"), Vec::<String>::new());
}

#[test]
fn korean_names_and_other_spellings_are_found() {
    let market = Market::new(vec![
        instrument("005930", "삼성전자", &["Samsung Electronics", "三星"]),
        instrument("000660", "SK하이닉스", &[]),
    ]);
    assert_eq!(search(&market, "삼성"), ["005930"]);
    assert_eq!(search(&market, "sk하이"), ["000660"]);
    assert_eq!(search(&market, "하이닉스"), ["000660"]);
    assert_eq!(search(&market, "ELECTRONICS"), ["005930"]);
    assert_eq!(search(&market, "0059"), ["005930"]);
}

#[test]
fn a_search_says_how_many_there_are_beyond_its_limit() {
    let market = Market::new((0..500).map(|n| instrument(&format!("X{n}"), "X", &[])).collect());
    let list = market.instruments("x", Some(3)).unwrap();
    assert_eq!((list.instruments.len(), list.total), (3, 500));
}

#[test]
fn an_unknown_symbol_is_not_found_and_a_silent_one_is_unavailable() {
    let market = Market::new(vec![instrument("AAPL", "Apple", &[])]);
    let code = |symbol: &str| market.price(&symbol.parse().unwrap()).unwrap_err().code;
    assert_eq!(code("MSFT"), ErrorCode::NotFound);
    assert_eq!(code("AAPL"), ErrorCode::Unavailable);
    assert!(market.price(&aapl()).unwrap_err().retry_after_ms.is_some());
    assert!(market.bars(&aapl(), Interval::Day1, None, None).unwrap().bars.is_empty());
    assert!(market.ticks(&aapl(), None).unwrap().ticks.is_empty());
    let unknown: Symbol = "MSFT".parse().unwrap();
    assert_eq!(market.ticks(&unknown, None).unwrap_err().code, ErrorCode::NotFound);
    let refused = market.bars(&unknown, Interval::Day1, None, None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
}

#[test]
fn asking_for_nothing_or_too_much_is_refused() {
    let market = busy_market("100");
    let codes = [
        market.bars(&aapl(), Interval::Second1, None, Some(0)).unwrap_err().code,
        market.ticks(&aapl(), Some(0)).unwrap_err().code,
        market.instruments("", Some(0)).unwrap_err().code,
        market.instruments(&"x".repeat(200), None).unwrap_err().code,
    ];
    assert_eq!(codes, [ErrorCode::InvalidParameters; 4]);
}

#[test]
fn history_is_read_page_by_page_without_holes() {
    let market = busy_market("100");
    let mut before = None;
    let mut pages = Vec::new();
    loop {
        let page = market.bars(&aapl(), Interval::Second1, before, Some(100)).unwrap().bars;
        let Some(first) = page.first() else { break };
        before = Some(first.start);
        pages.push(page);
    }
    let starts: Vec<_> = pages.iter().rev().flatten().map(|bar| bar.start.0).collect();
    assert_eq!(starts.len(), 900);
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == 1_000));
}

#[test]
fn the_last_trades_are_kept_and_the_newest_are_answered() {
    let market = busy_market("100");
    let ticks = market.ticks(&aapl(), Some(3)).unwrap().ticks;
    let seconds: Vec<_> = ticks.iter().map(|tick| (tick.time.0 - NOON) / 1_000).collect();
    assert_eq!(seconds, [1_997, 1_998, 1_999]);
}

#[test]
fn the_longest_answers_fit_into_a_frame() {
    let market = busy_market("100000000000000.12345678901");
    let instruments =
        (0..2_000).map(|n| instrument(&format!("X{n}"), &"\u{1}".repeat(100), &["\"\"\""]));
    let list = Market::new(instruments.collect());
    let (symbol, limit) = (aapl(), Some(u32::MAX));
    let asked = [
        (&market, Method::Ticks { symbol: symbol.clone(), limit }, 400),
        (&market, Method::Bars { symbol, interval: Interval::Second1, before: None, limit }, 200),
        (&list, Method::Instruments { search: String::new(), limit }, 50),
    ];
    for (market, method, at_least) in asked {
        let reply = market.answer(&method).expect("it is the market's").unwrap();
        let count = match &reply {
            Reply::Ticks(history) => history.ticks.len(),
            Reply::Bars(history) => history.bars.len(),
            Reply::Instruments(list) => list.instruments.len(),
            other => panic!("{other:?}"),
        };
        assert!(count >= at_least, "only {count} were answered to {method:?}");
        let id = RequestId(u64::MAX);
        let message = ServerMessage::Response(Response { id, outcome: Ok(reply) });
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut frame = Vec::new();
            encoding.append_server(&message, &mut frame);
            assert!(frame.len() < FRAME_BYTES_MAX, "{} bytes for {method:?}", frame.len());
        }
    }
}

#[test]
fn what_is_not_about_the_market_is_left_to_others() {
    assert!(Market::default().answer(&Method::Ping {}).is_none());
    assert!(Market::default().answer(&Method::Orders {}).is_none());
}

#[test]
fn topics_without_a_source_are_not_admitted() {
    let market = Market::new(vec![instrument("AAPL", "Apple", &[])]);
    for good in ["price:AAPL", "bars:1m:AAPL", "market:overview", "feed:*", "feed:venue"] {
        assert_eq!(market.admit(&good.parse().unwrap()), Ok(()), "{good}");
    }
    for bad in ["price:MSFT", "bars:1m:MSFT", "order:*", "trending", "sentiment:AAPL"] {
        let refused = market.admit(&bad.parse().unwrap()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotFound, "{bad}");
    }
}

/// A market in which AAPL traded once a second for 2,000 seconds.
fn busy_market(price: &str) -> Market {
    let mut market = Market::default();
    for second in 0..2_000 {
        let time = UnixMillis(NOON + second * 1_000);
        let change = Change::Trade {
            price: price.parse().unwrap(),
            size: "12345678901234567.12345678901".parse().unwrap(),
            side: None,
            id: None,
        };
        let update = Update {
            symbol: aapl(),
            feed: "venue".into(),
            venue_time: time,
            received: time,
            origin: Origin::Live,
            change,
        };
        market.ingest(Report::Update(update), time);
    }
    market
}

fn aapl() -> Symbol {
    "AAPL".parse().unwrap()
}

fn instrument(symbol: &str, name: &str, aliases: &[&str]) -> Instrument {
    Instrument {
        symbol: symbol.parse().unwrap(),
        name: name.to_owned(),
        asset_class: AssetClass::Equity,
        currency: "USD".to_owned(),
        price_digits: 2,
        feed: "venue".to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
    }
}

fn search(market: &Market, text: &str) -> Vec<String> {
    let list = market.instruments(text, None).unwrap();
    list.instruments.iter().map(|found| found.symbol.to_string()).collect()
}
