use proptest::prelude::*;
use tidemark_shared::clock::UnixMillis;

use super::*;

fn now() -> Now {
    Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) }
}

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn venue(names: &[&str]) -> Binance {
    let listed = symbols(names).into_iter().map(|symbol| (symbol.clone(), symbol.into()));
    Binance::new(ENDPOINT, listed.collect())
}

fn said(venue: &mut Binance, frame: &str) -> Vec<Output> {
    let mut out = Vec::new();
    venue.handle(frame, now(), &mut out).unwrap();
    out
}

#[test]
fn three_streams_are_asked_for_in_lower_case() {
    let mut out = Vec::new();
    venue(&["BTCUSDT"]).subscribe(&symbols(&["BTCUSDT"]), now(), &mut out);
    let [Output::Send(text)] = out.as_slice() else { panic!("{out:?}") };
    let request: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(request["method"], "SUBSCRIBE");
    assert_eq!(
        request["params"],
        json!(["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@miniTicker"])
    );
}

#[test]
fn a_refused_request_is_halved_until_the_guilty_symbol_stands_alone() {
    let all = ["AAA", "BBB", "CCC", "DDD", "BADBAD"];
    let mut venue = venue(&all);
    let mut waiting = Vec::new();
    venue.subscribe(&symbols(&all), now(), &mut waiting);
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    while let Some(output) = waiting.pop() {
        match output {
            Output::Send(text) => {
                let request: serde_json::Value = serde_json::from_str(&text).unwrap();
                let id = &request["id"];
                let answer = match text.contains("badbad") {
                    true => json!({"error": {"code": 2, "msg": "invalid stream"}, "id": id}),
                    false => json!({"result": null, "id": id}),
                };
                waiting.extend(said(&mut venue, &answer.to_string()));
            }
            Output::Acknowledged(symbols) => accepted.extend(symbols),
            Output::Refused { symbol, .. } => refused.push(symbol),
            other => panic!("{other:?}"),
        }
    }
    accepted.sort();
    assert_eq!(accepted, symbols(&["AAA", "BBB", "CCC", "DDD"]));
    assert_eq!(refused, symbols(&["BADBAD"]));
    assert!(venue.unanswered.is_empty());
}

#[test]
fn a_symbol_that_is_accepted_and_silent_is_named_once() {
    let mut venue = venue(&["BTCUSDT", "NOSUCH"]);
    let mut out = Vec::new();
    venue.subscribe(&symbols(&["BTCUSDT", "NOSUCH"]), now(), &mut out);
    said(&mut venue, r#"{"result":null,"id":1}"#);
    said(&mut venue, r#"{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}"#);
    let late = Now { moment: venue.next_deadline().unwrap(), ..now() };
    out.clear();
    venue.handle_timer(late, &mut out);
    assert_eq!(out, [Output::Silent("NOSUCH".parse().unwrap())]);
    assert_eq!(venue.next_deadline(), None);
}

#[test]
fn a_request_without_answer_ends_the_connection() {
    let mut venue = venue(&["BTCUSDT"]);
    let mut out = Vec::new();
    venue.subscribe(&symbols(&["BTCUSDT"]), now(), &mut out);
    out.clear();
    venue.handle_timer(Now { moment: venue.next_deadline().unwrap(), ..now() }, &mut out);
    assert!(matches!(out.as_slice(), [Output::Failed { fault: Fault::Passing, .. }]));
}

#[test]
fn times_in_microseconds_are_recognised() {
    let mut venue = venue(&["BTCUSDT"]);
    for time in ["1723161601437", "1723161601437123"] {
        let frame = format!(
            r#"{{"e":"trade","E":{time},"s":"BTCUSDT","t":1,"p":"1.50","q":"2","T":{time},"m":true}}"#
        );
        let said = said(&mut venue, &frame);
        let [Output::Happened { at, .. }] = said.as_slice() else { panic!("{said:?}") };
        assert_eq!(*at, Some(UnixMillis(1_723_161_601_437)));
    }
}

#[test]
fn single_and_aggregated_trades_are_not_counted_both() {
    let mut venue = venue(&["BTCUSDT"]);
    let trade = r#"{"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"1","q":"2","T":1,"m":true}"#;
    let aggregated = r#"{"e":"aggTrade","E":1,"s":"BTCUSDT","a":3,"p":"1","q":"2","T":1,"m":true}"#;
    assert_eq!(said(&mut venue, trade).len(), 1);
    assert_eq!(said(&mut venue, aggregated).len(), 0);
    assert_eq!(said(&mut venue, trade).len(), 1);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = venue(&["BTCUSDT"]).handle(&text, now(), &mut Vec::new());
    }

    #[test]
    fn no_mangled_frame_makes_the_reader_panic(
        which in 0_usize..6,
        at in 0_usize..200,
        bytes in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let frames = [
            r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161601438,"s":"BTCUSDT","t":3735693016,"p":"61685.99000000","q":"0.00017000","T":1723161601437,"m":true,"M":true}}"#,
            r#"{"u":400900217,"s":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}"#,
            r#"{"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18"}"#,
            r#"{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":1}"#,
            r#"{"result":null,"id":1}"#,
            r#"{"code":-1121,"msg":"Invalid symbol."}"#,
        ];
        let mut mangled = frames[which].as_bytes().to_vec();
        let at = at.min(mangled.len());
        mangled.splice(at..at, bytes);
        let text = String::from_utf8_lossy(&mangled);
        let _ = venue(&["BTCUSDT"]).handle(&text, now(), &mut Vec::new());
    }
}
