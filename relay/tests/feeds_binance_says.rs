//! Everything that Binance is known to send is read to the right update, or refused with a type.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/vectors.rs"]
mod vectors;

use tidemark_relay::feeds::binance::{Binance, ENDPOINT};
use tidemark_relay::feeds::{BadMessage, Change, Output, Venue};
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::{Side, Symbol};
use tidemark_shared::session::Now;

const SYMBOLS: [&str; 7] =
    ["BTCUSDT", "BNBBTC", "BNBUSDT", "ETHUSDT", "NKNUSDT", "OMGBUSD", "BELBTC"];

fn read(frame: &str) -> Result<Vec<Output>, BadMessage> {
    let now = Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) };
    let listed = SYMBOLS.map(|name| (name.parse::<Symbol>().unwrap(), name.to_owned()));
    let mut venue = Binance::new(ENDPOINT, listed.into_iter().collect());
    let mut out = Vec::new();
    venue.handle(frame, now, &mut out).map(|()| out)
}

/// What a frame comes to, in one line.
fn told(frame: &str) -> String {
    match read(frame) {
        Err(BadMessage::Malformed { .. }) => "refused: malformed".to_owned(),
        Err(BadMessage::Unrecognised { .. }) => "refused: unrecognised".to_owned(),
        Err(other) => panic!("{other}"),
        Ok(outputs) if outputs.is_empty() => "nothing".to_owned(),
        Ok(outputs) => outputs.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn one(output: &Output) -> String {
    match output {
        Output::Happened { symbol, at, change, .. } => {
            let at = at.map_or_else(String::new, |at| format!(" @{}", at.0));
            match change {
                Change::Trade { price, size, side, id } => {
                    let side = if *side == Some(Side::Buy) { "buy" } else { "sell" };
                    format!("{symbol} {side} {size} for {price} #{}{at}", id.unwrap())
                }
                Change::Book { bid, ask } => format!("{symbol} {bid}/{ask}{at}"),
                Change::Day { reference, high, low, volume, last } => format!(
                    "{symbol} day {} {} {} {} {}{at}",
                    reference.unwrap(),
                    high.unwrap(),
                    low.unwrap(),
                    last.unwrap(),
                    volume.unwrap()
                ),
                Change::Phase(phase) => format!("{symbol} {phase:?}"),
            }
        }
        Output::Moving => "moving".to_owned(),
        Output::Failed { fault, .. } => format!("failed: {fault:?}"),
        other => format!("{other:?}"),
    }
}

#[rustfmt::skip]
const TOLD: [(&str, &str); 43] = [
    ("doc_aggtrade.json", "BNBBTC sell 100 for 0.001 #12345 @1672515782136"),
    ("doc_avg_price.json", "nothing"),
    ("doc_block_trade.json", "nothing"),
    ("doc_book_ticker.json", "BNBUSDT 25.35190000/25.36520000"),
    ("doc_depth_update.json", "nothing"),
    ("doc_kline.json", "nothing"),
    ("doc_list_subscriptions_request.json", "refused: unrecognised"),
    ("doc_list_subscriptions_response.json", "nothing"),
    ("doc_mini_ticker.json", "BNBBTC day 0.0010 0.0025 0.0010 0.0025 10000 @1672515782136"),
    ("doc_partial_depth.json", "refused: unrecognised"),
    ("doc_reference_price.json", "nothing"),
    ("doc_rolling_ticker_1h.json", "nothing"),
    ("doc_server_shutdown_combined.json", "moving"),
    ("doc_server_shutdown_raw.json", "moving"),
    ("doc_set_property_request.json", "refused: unrecognised"),
    ("doc_subscribe_ack.json", "nothing"),
    ("doc_subscribe_request.json", "refused: unrecognised"),
    ("doc_ticker_24h.json", "BNBBTC day 0.0010 0.0025 0.0010 0.0025 10000 @1672515782136"),
    ("doc_trade.json", "BNBBTC sell 100 for 0.001 #12345 @1672515782136"),
    ("doc_unsubscribe_request.json", "refused: unrecognised"),
    ("err_invalid_json.json", "failed: Passing"),
    ("err_invalid_request_flat.json", "failed: Passing"),
    ("err_nested_invalid_stream.json", "nothing"),
    ("err_nested_null_id.json", "failed: Passing"),
    ("err_rest_invalid_symbol.json", "failed: Passing"),
    ("err_unknown_property.json", "nothing"),
    ("rec_2024_bookTicker.json", "BTCUSDT 61685.99000000/61686.00000000"),
    ("rec_2024_depth.json", "nothing"),
    ("rec_2024_trade.json", "BTCUSDT sell 0.00017000 for 61685.99000000 #3735693016 @1723161601437"),
    ("rec_agg_trade_nautilus.json", "ETHUSDT buy 0.34305000 for 1632.46000000 #226532 @1675759520847"),
    ("rec_aggtrade_combined.json", "NKNUSDT buy 58.00000000 for 0.35280000 #15683430 @1633998523963"),
    ("rec_bookticker_combined.json", "NKNUSDT 0.35210000/0.35260000"),
    ("rec_depth_update_combined.json", "nothing"),
    ("rec_kline_closed_combined.json", "nothing"),
    ("rec_kline_empty_minute.json", "nothing"),
    ("rec_kline_open_combined.json", "nothing"),
    ("rec_ticker_book_nautilus.json", "ETHUSDT 4507.24000000/4507.25000000 @1646199228123"),
    ("rec_trade_nautilus.json", "ETHUSDT sell 0.43870000 for 4149.74000000 #705291099 @1639351062243"),
    ("rest_agg_trades.json", "refused: malformed"),
    ("rest_klines.json", "refused: malformed"),
    ("rest_ticker_24hr.json", "refused: unrecognised"),
    // Not one frame each; read line by line below.
    ("rec_2024_first200_lines.txt", ""),
    ("rec_omgbusd_aggtrade_kline_sequence.jsonl", ""),
];

#[test]
fn every_known_frame_comes_to_what_it_says() {
    let Some(folder) = vectors::vectors("feeds/binance") else { return };
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, expected)) = TOLD.iter().find(|(known, _)| *known == name) else {
            panic!("{name} is not in the table");
        };
        if !expected.is_empty() {
            let told = told(&std::fs::read_to_string(&path).unwrap());
            if told != *expected {
                wrong.push(format!("{name}: {told}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn recorded_sessions_are_read_line_by_line() {
    let Some(path) = vectors::vectors("feeds/binance/rec_omgbusd_aggtrade_kline_sequence.jsonl")
    else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let trades = text.lines().filter(|line| told(line).contains('#')).count();
    let rest = text.lines().filter(|line| told(line) == "nothing").count();
    assert!(trades >= 8 && trades + rest == text.lines().count());
}
