use proptest::prelude::*;
use tidemark_shared::clock::UnixMillis;

use super::*;

fn now() -> Now {
    Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) }
}

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn venue(names: &[&str]) -> Coinbase {
    let listed = symbols(names).into_iter().map(|symbol| (symbol.clone(), symbol.into()));
    Coinbase::new(ENDPOINT, listed.collect())
}

fn said(venue: &mut Coinbase, frame: &str) -> Vec<Output> {
    let mut out = Vec::new();
    venue.handle(frame, now(), &mut out).unwrap();
    out
}

#[test]
fn a_product_that_there_is_not_does_not_keep_the_others_out() {
    let all = ["BTC-USD", "GIBBERISH-USD", "ETH-USD"];
    let mut venue = venue(&all);
    venue.subscribe(&symbols(&all), now(), &mut Vec::new());
    let refusal = r#"{"type":"error","message":"Failed to subscribe","reason":"GIBBERISH-USD is not a valid product"}"#;
    let out = said(&mut venue, refusal);
    let [Output::Refused { symbol, .. }, Output::Send(again)] = out.as_slice() else {
        panic!("{out:?}")
    };
    assert_eq!(symbol.as_str(), "GIBBERISH-USD");
    assert!(again.contains("BTC-USD") && again.contains("ETH-USD"));
    assert!(!again.contains("GIBBERISH"));
}

#[test]
fn a_symbol_is_accepted_when_all_its_channels_are() {
    let mut venue = venue(&["BTC-USD", "ETH-USD"]);
    venue.subscribe(&symbols(&["BTC-USD", "ETH-USD"]), now(), &mut Vec::new());
    let half =
        r#"{"type":"subscriptions","channels":[{"name":"ticker","product_ids":["BTC-USD"]}]}"#;
    assert!(said(&mut venue, half).is_empty());
    let whole = r#"{"type":"subscriptions","channels":[
        {"name":"ticker","product_ids":["BTC-USD","ETH-USD"]},
        {"name":"matches","product_ids":["BTC-USD"]},
        {"name":"heartbeat","product_ids":["BTC-USD","ETH-USD"]}]}"#;
    assert_eq!(said(&mut venue, whole), [Output::Acknowledged(symbols(&["BTC-USD"]))]);
}

#[test]
fn a_match_tells_the_maker_s_side_and_we_the_taker_s() {
    let mut venue = venue(&["SKL-USD"]);
    let matched = r#"{"type":"match","trade_id":1,"side":"sell","size":"2631.4","price":"0.7916","product_id":"SKL-USD","sequence":2,"time":"2021-04-17T16:43:37.314473Z"}"#;
    let out = said(&mut venue, matched);
    let [Output::Happened { change: Change::Trade { side, .. }, .. }] = out.as_slice() else {
        panic!("{out:?}")
    };
    assert_eq!(*side, Some(Side::Buy));
}

#[test]
fn an_unknown_last_trade_is_not_trade_zero() {
    let mut venue = venue(&["ETH-USD"]);
    let beat = |last| {
        format!(
            r#"{{"type":"heartbeat","last_trade_id":{last},"product_id":"ETH-USD","sequence":2,"time":"2022-05-20T21:22:34.751219Z"}}"#
        )
    };
    assert!(said(&mut venue, &beat(0)).is_empty());
    let symbol = "ETH-USD".parse().unwrap();
    assert_eq!(said(&mut venue, &beat(7)), [Output::Numbered { symbol, last_trade: 7 }]);
}

#[test]
fn the_first_ticker_after_a_subscription_may_be_old() {
    let mut venue = venue(&["BAND-GBP"]);
    let ticker = r#"{"type":"ticker","sequence":1,"product_id":"BAND-GBP","price":"14.7775","open_24h":"14.6647","volume_24h":"94381.28","low_24h":"14.3691","high_24h":"16.55","best_bid":"","best_ask":"14.8060","side":"buy","time":"2021-04-17T16:43:30.244075Z","trade_id":881613,"last_size":"0.04"}"#;
    let origins: Vec<_> = [ticker, ticker]
        .into_iter()
        .flat_map(|frame| said(&mut venue, frame))
        .map(|output| match output {
            Output::Happened { origin, .. } => origin,
            other => panic!("{other:?}"),
        })
        .collect();
    // One side of the book is empty, so there is no book.
    assert_eq!(origins, [Origin::Snapshot, Origin::Live]);
}

#[test]
fn a_demand_for_a_login_is_not_argued_with() {
    let mut venue = venue(&["BTC-USD"]);
    let refusal = r#"{"type":"error","message":"Failed to subscribe","reason":"level2, level3, and full channels now require authentication."}"#;
    assert!(matches!(
        said(&mut venue, refusal).as_slice(),
        [Output::Failed { fault: Fault::Lasting, .. }]
    ));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = venue(&["BTC-USD"]).handle(&text, now(), &mut Vec::new());
    }

    #[test]
    fn no_mangled_frame_makes_the_reader_panic(
        which in 0_usize..5,
        at in 0_usize..200,
        bytes in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let frames = [
            r#"{"type":"match","trade_id":1,"side":"sell","size":"2631.4","price":"0.7916","product_id":"BTC-USD","sequence":2,"time":"2021-04-17T16:43:37.314473Z"}"#,
            r#"{"type":"ticker","product_id":"BTC-USD","price":"14.77","open_24h":"14.6","volume_24h":"94381.28","low_24h":"14.3","high_24h":"16.5","best_bid":"1","best_ask":"2","time":"2021-04-17T16:43:30.244075Z"}"#,
            r#"{"type":"heartbeat","last_trade_id":5,"product_id":"BTC-USD","sequence":2,"time":"2022-05-20T21:22:34.751219Z"}"#,
            r#"{"type":"subscriptions","channels":[{"name":"ticker","product_ids":["BTC-USD"]}]}"#,
            r#"{"type":"error","message":"Failed to subscribe","reason":"X is not a valid product"}"#,
        ];
        let mut mangled = frames[which].as_bytes().to_vec();
        let at = at.min(mangled.len());
        mangled.splice(at..at, bytes);
        let text = String::from_utf8_lossy(&mangled);
        let _ = venue(&["BTC-USD"]).handle(&text, now(), &mut Vec::new());
    }
}
