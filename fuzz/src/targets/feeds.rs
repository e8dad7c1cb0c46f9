//! What venues send, one frame a line; and recorded sessions of theirs.

use std::io::Cursor;
use std::time::Duration;

use tidemark_relay::feeds::binance::{self, Binance};
use tidemark_relay::feeds::coinbase::{self, Coinbase};
use tidemark_relay::feeds::{Listings, Output, Recording, Venue};
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::market::Symbol;
use tidemark_shared::session::Now;

const SYMBOLS: [&str; 4] = ["BTCUSDT", "BNBBTC", "BTC-USD", "ETH-USD"];

pub(super) fn binance(data: &[u8]) {
    says(&mut Binance::new(binance::ENDPOINT, listings()), data);
}

pub(super) fn coinbase(data: &[u8]) {
    says(&mut Coinbase::new(coinbase::ENDPOINT, listings()), data);
}

/// A session that is read twice is read the same, and its times are times.
pub(super) fn recording(data: &[u8]) {
    let read = || {
        let mut recording = Recording::of(Cursor::new(data.to_vec()));
        let frames: Vec<_> = recording.by_ref().map(Result::unwrap).collect();
        (frames, recording.passed_over())
    };
    let (frames, passed_over) = read();
    assert_eq!(read(), (frames.clone(), passed_over));
    let lines = data.split(|byte| *byte == b'\n').count() as u64;
    assert!(frames.len() as u64 + passed_over <= lines);
    assert!(frames.iter().all(|frame| frame.at >= UnixMillis(0)));
}

fn symbols() -> Vec<Symbol> {
    SYMBOLS.iter().map(|name| name.parse().unwrap()).collect()
}

fn listings() -> Listings {
    symbols().into_iter().map(|symbol| (symbol.clone(), symbol.to_string())).collect()
}

fn says(venue: &mut dyn Venue, data: &[u8]) {
    let symbols = symbols();
    let mut now = Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) };
    let mut out = Vec::new();
    venue.subscribe(&symbols, now, &mut out);
    // A frame is text, or it does not come here; and a recorded one may be spread over lines.
    let Ok(text) = std::str::from_utf8(data) else { return };
    for frame in std::iter::once(text).chain(text.split('\n')) {
        if let Err(error) = venue.handle(frame, now, &mut out) {
            assert!(!error.to_string().is_empty());
        }
        now.moment = now.moment + Duration::from_millis(100);
        if venue.next_deadline().is_some_and(|next| next <= now.moment) {
            venue.handle_timer(now, &mut out);
        }
    }
    now.moment = now.moment + Duration::from_secs(3_600);
    venue.handle_timer(now, &mut out);
    assert!(
        venue.next_deadline().is_none_or(|next| next > now.moment),
        "the timer did not move on"
    );
    for output in &out {
        match output {
            Output::Happened { symbol, .. }
            | Output::Numbered { symbol, .. }
            | Output::Refused { symbol, .. }
            | Output::Silent(symbol) => assert!(symbols.contains(symbol), "{symbol}: of whom?"),
            Output::Acknowledged(accepted) => {
                assert!(accepted.iter().all(|symbol| symbols.contains(symbol)));
            }
            Output::Send(_) | Output::Moving | Output::Failed { .. } => {}
        }
    }
}
