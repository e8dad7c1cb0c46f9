//! Whatever feeds say, the market stays in its senses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::HashMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use tidemark_relay::feeds::{Change, Origin, Report, Update};
use tidemark_relay::pipeline::{Market, Output};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Interval, Phase, Price, Quantity, Quote, Symbol};
use tidemark_shared::protocol::{Payload, Topic};

const NOON: i64 = 1_763_000_040_000;

/// One thing that can happen to a market.
#[derive(Clone, Debug)]
enum Step {
    Report(Report),
    Advance,
    Wanted(Topic),
    Released(Topic),
}

proptest! {
    #[test]
    fn nothing_that_feeds_say_confuses_it(steps in prop::collection::vec((0..5_000_i64, step()), 1..200)) {
        let mut market = Market::default();
        let mut quotes: HashMap<Topic, Quote> = HashMap::new();
        let mut now = UnixMillis(NOON);
        for (pause_ms, step) in steps {
            now = UnixMillis(now.0 + pause_ms);
            let out = take(&mut market, step, now);
            for publication in out.publications {
                match publication.payload {
                    Payload::Quote(quote) => {
                        let before = quotes.insert(publication.topic, quote.clone());
                        let goes_back = before.as_ref().is_some_and(|b| b.time > quote.time);
                        prop_assert!(!goes_back, "a price went back in time: {quote:?}");
                        prop_assert_ne!(before, Some(quote), "published without news");
                    }
                    Payload::Bar(bar) => prop_assert!(is_sound(&bar), "{:?}", bar),
                    _ => {}
                }
            }
        }
        for symbol in ["A", "B"] {
            let symbol: Symbol = symbol.parse().unwrap();
            for interval in Interval::ALL {
                let Ok(history) = market.bars(&symbol, interval, None, Some(u32::MAX)) else { break };
                prop_assert!(history.bars.iter().all(is_sound));
                let mut pairs = history.bars.windows(2);
                prop_assert!(pairs.all(|pair| pair[0].start < pair[1].start && pair[0].closed));
            }
        }
    }
}

fn take(market: &mut Market, step: Step, now: UnixMillis) -> Output {
    match step {
        Step::Report(Report::Update(update)) => {
            let venue_time = UnixMillis(now.0.saturating_add(update.venue_time.0));
            market.ingest(Report::Update(Update { venue_time, received: now, ..update }), now)
        }
        Step::Report(report) => market.ingest(report, now),
        Step::Advance => market.advance(now),
        Step::Wanted(topic) => market.wanted(&topic, now),
        Step::Released(topic) => {
            market.released(&topic, now);
            Output::default()
        }
    }
}

fn is_sound(bar: &Bar) -> bool {
    let prices = [bar.open, bar.close];
    prices.iter().all(|price| bar.low <= *price && *price <= bar.high && *price > Price::ZERO)
        && bar.volume >= Quantity::ZERO
}

fn step() -> impl Strategy<Value = Step> {
    let interval = || prop::sample::select(Interval::ALL.to_vec());
    let topic =
        || (symbol(), interval()).prop_map(|(symbol, interval)| Topic::bars(&symbol, interval));
    prop_oneof![
        10 => update().prop_map(|update| Step::Report(Report::Update(update))),
        3 => Just(Step::Advance),
        1 => topic().prop_map(Step::Wanted),
        1 => topic().prop_map(Step::Released),
    ]
}

/// An update whose venue time is relative to when it comes in.
fn update() -> impl Strategy<Value = Update> {
    let ahead_ms = prop_oneof![
        8 => -100..100_i64,
        2 => -60_000..60_000_i64,
        1 => any::<i64>(),
    ];
    let origin = prop_oneof![4 => Just(Origin::Live), 1 => Just(Origin::Snapshot)];
    (symbol(), ahead_ms, origin, change()).prop_map(|(symbol, ahead_ms, origin, change)| Update {
        symbol,
        feed: "venue".into(),
        venue_time: UnixMillis(ahead_ms),
        received: UnixMillis(0),
        origin,
        change,
    })
}

fn symbol() -> impl Strategy<Value = Symbol> {
    prop::sample::select(vec!["A", "B"]).prop_map(|text| text.parse().unwrap())
}

fn change() -> impl Strategy<Value = Change> {
    let phase = prop::sample::select(vec![Phase::Open, Phase::Halted, Phase::Closed]);
    let maybe = || prop::option::of(price());
    prop_oneof![
        5 => (price(), size(), prop::option::of(0..50_u64))
            .prop_map(|(price, size, id)| Change::Trade { price, size, side: None, id }),
        2 => (price(), price()).prop_map(|(bid, ask)| Change::Book { bid, ask }),
        2 => (maybe(), maybe(), maybe(), prop::option::of(size()), maybe()).prop_map(
            |(reference, high, low, volume, last)| Change::Day { reference, high, low, volume, last }
        ),
        1 => phase.prop_map(Change::Phase),
    ]
}

fn price() -> impl Strategy<Value = Price> {
    decimal().prop_map(Price::new)
}

fn size() -> impl Strategy<Value = Quantity> {
    decimal().prop_map(Quantity::new)
}

/// Mostly usual numbers, sometimes the largest, the smallest and the negative ones.
fn decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        8 => (95..105_i64).prop_map(|number| Decimal::new(number, 0)),
        1 => (any::<i64>(), 0..28_u32).prop_map(|(number, scale)| Decimal::new(number, scale)),
        1 => prop::sample::select(vec![Decimal::MAX, Decimal::MIN, Decimal::ZERO]),
    ]
}
