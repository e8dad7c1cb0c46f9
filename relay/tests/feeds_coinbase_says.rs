//! Everything that Coinbase Exchange is known to send is read to the right update; what belongs to
//! Coinbase Advanced Trade is refused by name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/vectors.rs"]
mod vectors;

use tidemark_relay::feeds::coinbase::{Coinbase, ENDPOINT};
use tidemark_relay::feeds::{BadMessage, Change, Origin, Output, Venue};
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::{Side, Symbol};
use tidemark_shared::session::Now;

const SYMBOLS: [&str; 5] = ["SKL-USD", "SKL-BTC", "BAND-GBP", "ETH-USD", "BTC-USD"];

fn told(frame: &str) -> String {
    let now = Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) };
    let listed = SYMBOLS.map(|name| (name.parse::<Symbol>().unwrap(), name.to_owned()));
    let mut venue = Coinbase::new(ENDPOINT, listed.into_iter().collect());
    let mut out = Vec::new();
    match venue.handle(frame, now, &mut out) {
        Err(BadMessage::OtherProduct { product }) => format!("refused: {product}"),
        Err(other) => panic!("{other}: {frame}"),
        Ok(()) if out.is_empty() => "nothing".to_owned(),
        Ok(()) => out.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn one(output: &Output) -> String {
    match output {
        Output::Happened { symbol, at, origin, change } => {
            let origin = if *origin == Origin::Snapshot { "old " } else { "" };
            let at = at.unwrap().0;
            match change {
                Change::Trade { price, size, side, id } => {
                    let side = if *side == Some(Side::Buy) { "buy" } else { "sell" };
                    format!("{origin}{symbol} {side} {size} for {price} #{} @{at}", id.unwrap())
                }
                Change::Book { bid, ask } => format!("{origin}{symbol} {bid}/{ask} @{at}"),
                Change::Day { reference, high, low, volume, last } => format!(
                    "{origin}{symbol} day {} {} {} {} {} @{at}",
                    reference.unwrap(),
                    high.unwrap(),
                    low.unwrap(),
                    last.unwrap(),
                    volume.unwrap()
                ),
                Change::Phase(phase) => format!("{symbol} {phase:?}"),
            }
        }
        Output::Failed { fault, .. } => format!("failed: {fault:?}"),
        Output::Numbered { symbol, last_trade } => format!("{symbol} has #{last_trade}"),
        other => format!("{other:?}"),
    }
}

#[rustfmt::skip]
const TOLD: [(&str, &str); 13] = [
    ("ex_match.json", "SKL-USD buy 2631.4 for 0.7916 #1568270 @1618677817314"),
    ("ex_last_match.json", "old BAND-GBP buy 0.04 for 14.7775 #881613 @1618677810244"),
    ("ex_ticker.json", "old BAND-GBP day 14.6647 16.55 14.3691 14.7775 94381.28000000 @1618677810244; old BAND-GBP 14.7550/14.8060 @1618677810244"),
    ("ex_ticker_same_trade.json", "old SKL-USD day 0.7055 0.8098 0.6915 0.7916 34224896.90000000 @1618677817314; old SKL-USD 0.7910/0.7916 @1618677817314"),
    ("ex_heartbeat.json", "ETH-USD has #278953096"),
    ("ex_l2update.json", "nothing"),
    ("ex_subscribe_request.json", "nothing"),
    ("ex_subscriptions_ack.json", "nothing"),
    ("err_ex_bad_product.json", "failed: Passing"),
    ("err_ex_heartbeat_needs_product.json", "failed: Passing"),
    ("err_ex_l2_auth.json", "failed: Lasting"),
    // Not one frame; read line by line below.
    ("ex_session_ticker_match_30s.txt", ""),
    ("err_adv_rest_429.json", "refused: Coinbase Advanced Trade"),
];

#[test]
fn every_known_frame_comes_to_what_it_says() {
    let Some(folder) = vectors::vectors("feeds/coinbase") else { return };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let known = TOLD.iter().find(|(known, _)| *known == name).map(|(_, told)| *told);
        let expected = match known {
            Some("") => continue,
            Some(expected) => expected,
            None if name.starts_with("adv_") => "refused: Coinbase Advanced Trade",
            None => panic!("{name} is not in the table"),
        };
        let told = told(&std::fs::read_to_string(&path).unwrap());
        if told != expected {
            wrong.push(format!("{name}: {told}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
