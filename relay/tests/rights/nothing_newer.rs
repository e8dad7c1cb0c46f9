//! "Nothing newer than a quarter of an hour leaves by any door": a market with random trades, asked
//! and listened to at random times.

use std::time::Duration;

use proptest::prelude::*;
use tidemark_relay::feeds::{Change, Report, Update};
use tidemark_relay::pipeline::{Keep, Market, Output};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Interval;
use tidemark_shared::protocol::{Class, Method, Payload, Reply};

use crate::house::{instrument, trade};

const DELAY: Duration = Duration::from_secs(60);
const START: i64 = 1_763_000_040_000;

#[derive(Clone, Debug)]
enum Deed {
    /// A trade whose venue's clock is off by so much.
    Trade {
        skew_ms: i64,
    },
    /// A price told without a trade.
    Day {
        skew_ms: i64,
    },
    /// The venue is alive.
    Alive,
    Want,
    Release,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (-3_000_i64..3_000).prop_map(|skew_ms| Deed::Trade { skew_ms }),
        2 => (-3_000_i64..3_000).prop_map(|skew_ms| Deed::Day { skew_ms }),
        2 => Just(Deed::Alive),
        1 => Just(Deed::Want),
        1 => Just(Deed::Release),
    ]
}

fn nothing_newer_is_published(out: &Output, now: UnixMillis) {
    let newest = now - DELAY;
    for publication in &out.publications {
        if publication.topic.class() == Class::Delayed {
            let Payload::Quote(quote) = &publication.payload else { panic!("no quote") };
            assert!(quote.time <= newest && publication.at <= newest);
        }
    }
    for touch in out.touches.iter().filter(|touch| touch.topic.class() == Class::Delayed) {
        assert!(touch.as_of <= newest);
    }
}

fn nothing_newer_is_answered(market: &Market, now: UnixMillis) {
    let newest = now - DELAY;
    let symbol = || "A".parse().unwrap();
    let mut methods = vec![
        Method::Price { symbol: symbol() },
        Method::Ticks { symbol: symbol(), limit: Some(1_000) },
    ];
    for interval in Interval::ALL {
        for before in [None, Some(now), Some(newest), Some(UnixMillis(i64::MAX))] {
            methods.push(Method::Bars { symbol: symbol(), interval, before, limit: Some(1_000) });
        }
    }
    for method in methods {
        match market.answer_late(&method, now) {
            Some(Ok(Reply::Price { quote, at, .. })) => {
                assert!(quote.time <= newest && at <= newest);
            }
            Some(Ok(Reply::Ticks(history))) => {
                assert!(history.ticks.iter().all(|tick| tick.time <= newest));
            }
            Some(Ok(Reply::Bars(history))) => {
                let length = history.interval.duration();
                assert!(history.bars.iter().all(|bar| bar.start + length <= newest));
            }
            Some(Err(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_newer_than_the_delay_leaves(
        deeds in prop::collection::vec((deed(), 0_u64..9_000, any::<bool>()), 1..120),
        keep in prop_oneof![Just(Keep::Every), Just(Keep::Read)],
    ) {
        let mut market = Market::new(vec![instrument("A")]).with_delay(DELAY, keep);
        let topic = "delayed:A".parse().unwrap();
        let (mut now, mut price) = (UnixMillis(START), 0);
        let mut came_out = 0;
        for (deed, wait_ms, asks) in deeds {
            now = now + Duration::from_millis(wait_ms);
            price += 1;
            let venue_time = |skew_ms: i64| UnixMillis(now.0 + skew_ms);
            let mut report = trade("A", &price.to_string(), now);
            let out = match deed {
                Deed::Want => market.wanted(&topic, now),
                Deed::Release => {
                    market.released(&topic, now);
                    Output::default()
                }
                Deed::Alive => {
                    let (feed, symbols) = ("test".to_owned(), vec!["A".parse().unwrap()]);
                    market.ingest(Report::Alive { feed, symbols, heard: now }, now)
                }
                Deed::Trade { skew_ms } => {
                    if let Report::Update(update) = &mut report {
                        update.venue_time = venue_time(skew_ms);
                    }
                    market.ingest(report, now)
                }
                Deed::Day { skew_ms } => {
                    let Report::Update(update) = report else { unreachable!() };
                    let last = Some(price.to_string().parse().unwrap());
                    let (reference, high, low, volume) = (last, None, None, None);
                    let change = Change::Day { reference, high, low, volume, last };
                    let venue_time = venue_time(skew_ms);
                    market.ingest(Report::Update(Update { venue_time, change, ..update }), now)
                }
            };
            nothing_newer_is_published(&out, now);
            let out = market.advance(now);
            nothing_newer_is_published(&out, now);
            came_out += out.publications.iter().filter(|it| it.topic == topic).count();
            if asks {
                nothing_newer_is_answered(&market, now);
            }
        }
        // And in the end it does come out, where it was kept.
        let later = now + DELAY + Duration::from_secs(10);
        let out = market.advance(later);
        nothing_newer_is_published(&out, later);
        came_out += out.publications.iter().filter(|it| it.topic == topic).count();
        let is_priced = market.price(&"A".parse().unwrap()).is_ok();
        prop_assert!(keep == Keep::Read || !is_priced || came_out > 0);
    }
}
