//! "Two feeds carry the same share."

use proptest::prelude::*;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Price, Quantity, Quote, Tick};
use tidemark_shared::merge::market::{newest_quote, united_bars, united_ticks};

const DAY_MS: i64 = 86_400_000;

/// The same number written in two ways is among them.
fn digits() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["1", "1.0", "1.00", "2", "2.5"])
}

fn price() -> impl Strategy<Value = Price> {
    digits().prop_map(|text| text.parse().unwrap())
}

fn quantity() -> impl Strategy<Value = Quantity> {
    digits().prop_map(|text| text.parse().unwrap())
}

fn time() -> impl Strategy<Value = UnixMillis> {
    prop::sample::select(vec![0, 1, 2, DAY_MS - 1, DAY_MS, DAY_MS + 1]).prop_map(UnixMillis)
}

fn quote() -> impl Strategy<Value = Quote> {
    let rest = (prop::option::of(quantity()), prop::option::of(price()));
    (price(), time(), rest).prop_map(|(price, time, (volume, bid))| Quote {
        volume,
        bid,
        ..Quote::of_price(price, time)
    })
}

fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let bar = (time(), price(), quantity(), 0_u64..3, any::<bool>()).prop_map(
        |(start, price, volume, trades, closed)| Bar {
            start,
            open: price,
            high: price,
            low: price,
            close: price,
            volume,
            trades,
            closed,
        },
    );
    prop::collection::vec(bar, 0..6)
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let tick =
        (time(), price(), quantity()).prop_map(|(time, price, size)| Tick { time, price, size });
    prop::collection::vec(tick, 0..8)
}

/// To the last digit: two numbers may be the same and be written in two ways.
fn written<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}

/// It does not matter what comes first, what comes together, and what comes twice.
fn check_laws<T: std::fmt::Debug>(join: impl Fn(&T, &T) -> T, a: &T, b: &T, c: &T) {
    assert_eq!(written(&join(a, b)), written(&join(b, a)), "the order matters");
    let (left, right) = (join(&join(a, b), c), join(a, &join(b, c)));
    assert_eq!(written(&left), written(&right), "what comes together matters");
    let joined = join(a, b);
    assert_eq!(written(&join(&joined, b)), written(&joined), "the second time matters");
    assert_eq!(written(&join(&joined, &joined)), written(&joined), "the second time matters");
}

proptest! {
    #[test]
    fn quotes_join((a, b, c) in (quote(), quote(), quote())) {
        check_laws(newest_quote, &a, &b, &c);
        let joined = newest_quote(&a, &b);
        prop_assert_eq!(joined.time, a.time.max(b.time));
        prop_assert_eq!(newest_quote(&a, &a), a);
    }

    #[test]
    fn bars_join((a, b, c) in (bars(), bars(), bars())) {
        check_laws(|a: &Vec<Bar>, b: &Vec<Bar>| united_bars(a, b), &a, &b, &c);
        let joined = united_bars(&a, &b);
        prop_assert!(joined.is_sorted_by(|one, next| one.start < next.start));
        let seen = |bar: &Bar| (bar.closed, bar.trades, bar.volume);
        for bar in a.iter().chain(&b) {
            let kept = joined.iter().find(|kept| kept.start == bar.start).unwrap();
            prop_assert!(seen(kept) >= seen(bar));
        }
    }

    #[test]
    fn trades_join((a, b, c) in (ticks(), ticks(), ticks())) {
        check_laws(|a: &Vec<Tick>, b: &Vec<Tick>| united_ticks(a, b), &a, &b, &c);
        let joined = united_ticks(&a, &b);
        prop_assert!(joined.is_sorted_by_key(|tick| tick.time));
        let count = |ticks: &[Tick], tick: &Tick| {
            ticks.iter().filter(|other| written(other) == written(&tick)).count()
        };
        for tick in a.iter().chain(&b) {
            prop_assert_eq!(count(&joined, tick), count(&a, tick).max(count(&b, tick)));
        }
    }
}

#[test]
fn the_days_volume_is_the_highest_and_begins_anew_with_the_day() {
    let quote = |price: &str, time: i64, volume: &str| Quote {
        volume: Some(volume.parse().unwrap()),
        ..Quote::of_price(price.parse().unwrap(), UnixMillis(time))
    };
    let late = newest_quote(&quote("10", 5, "300"), &quote("11", 6, "200"));
    assert_eq!(late, quote("11", 6, "300"));
    let next_day = newest_quote(&late, &quote("12", DAY_MS, "1"));
    assert_eq!(next_day, quote("12", DAY_MS, "1"));
}
