use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::market::{Price, Quantity};

#[test]
fn bars_equal_the_venues_own() {
    let Some((trades, expected)) = kraken() else {
        println!("skipped: no vectors");
        return;
    };
    let mut window = BarWindow::new(Interval::Minute1, 1_000);
    for tick in trades {
        window.take(tick).expect("the venue's own order is not late");
    }
    let made: Vec<Bar> = window.bars().cloned().collect();
    let flat = expected.iter().filter(|bar| bar.trades == 0).count();
    assert_eq!((expected.len(), flat), (410, 137));
    for bar in expected {
        let ours = made.iter().find(|ours| ours.start == bar.start).expect("no bar is missing");
        assert_eq!(Bar { closed: true, ..ours.clone() }, bar);
    }
}

#[test]
fn an_empty_minute_is_flat_at_the_close_before_it() {
    let mut window = minutes();
    window.take(tick(10_000, "10", "1"));
    window.take(tick(200_000, "12", "1"));
    assert_closes(
        &window,
        &[(0, "10", 1), (60_000, "10", 0), (120_000, "10", 0), (180_000, "12", 1)],
    );
}

#[test]
fn a_late_trade_amends_its_bar_and_the_empty_ones_after_it() {
    let mut window = minutes();
    window.take(tick(59_000, "10", "1"));
    window.advance(UnixMillis(190_000));
    let changed = window.take(tick(59_500, "11", "1")).unwrap();
    assert_eq!(changed, Changed { from: UnixMillis(0), to: UnixMillis(120_000) });
    assert_closes(&window, &[(0, "11", 2), (60_000, "11", 0), (120_000, "11", 0)]);
    assert!(window.bars_changed(changed).all(|bar| bar.closed));
}

#[test]
fn a_trade_that_comes_too_late_is_counted_and_changes_nothing() {
    let mut window = minutes();
    window.take(tick(100_000, "10", "1"));
    assert_eq!(window.take(tick(69_999, "99", "1")), None);
    assert_closes(&window, &[(60_000, "10", 1)]);
    assert_eq!(window.late_ticks(), 1);
    assert!(window.take(tick(70_000, "9", "1")).is_some());
}

#[test]
fn a_bar_closes_a_grace_after_its_end_and_not_before() {
    let mut window = minutes();
    window.take(tick(1_000, "10", "1"));
    assert_eq!(window.advance(UnixMillis(61_999)), None);
    assert!(!window.last().unwrap().closed);
    assert_eq!(window.advance(UnixMillis(62_000)), Some(Changed::only(UnixMillis(0))));
    assert!(window.last().unwrap().closed);
    assert_eq!(window.advance(UnixMillis(62_001)), None);
}

#[test]
fn a_year_of_silence_makes_no_million_bars() {
    const YEAR_MS: i64 = 365 * 86_400_000;
    let mut window = BarWindow::new(Interval::Second1, 10_000);
    window.take(tick(0, "10", "1"));
    window.take(tick(YEAR_MS, "12", "1"));
    assert_eq!(window.bars().len(), FLAT_RUN_MAX + 2);
    window.advance(UnixMillis(2 * YEAR_MS));
    assert_eq!(window.bars().len(), 2 * FLAT_RUN_MAX + 2);
    assert_eq!(window.advance(UnixMillis(3 * YEAR_MS)), None);
}

#[test]
fn the_time_that_a_feed_was_away_is_a_hole_and_not_flat() {
    let mut window = minutes();
    window.take(tick(10_000, "10", "1"));
    window.interrupt();
    window.advance(UnixMillis(150_000));
    window.take(tick(200_000, "12", "1"));
    window.take(tick(300_000, "13", "1"));
    assert_closes(
        &window,
        &[(0, "10", 1), (180_000, "12", 1), (240_000, "12", 0), (300_000, "13", 1)],
    );
}

#[test]
fn a_trade_before_the_first_bar_makes_an_earlier_one() {
    let mut window = BarWindow::new(Interval::Second1, 100);
    window.take(tick(5_000, "10", "1"));
    window.take(tick(2_000, "9", "1"));
    assert_closes(&window, &[(2_000, "9", 1), (3_000, "9", 0), (4_000, "9", 0), (5_000, "10", 1)]);
}

#[test]
fn a_price_without_a_trade_moves_the_bar_but_is_not_counted() {
    let mut window = minutes();
    window.take(tick(1_000, "10", "2"));
    window.take(tick(2_000, "12", "0"));
    let bar = window.last().unwrap();
    assert_eq!((bar.high, bar.close, bar.trades), (price("12"), price("12"), 1));
}

#[test]
fn only_so_many_bars_are_kept() {
    let mut window = BarWindow::new(Interval::Minute1, 3);
    for minute in 0..10 {
        window.take(tick(minute * 60_000, "10", "1"));
    }
    assert_eq!(window.bars().len(), 3);
    assert_eq!(window.bars_before(UnixMillis(480_000)).len(), 1);
}

#[test]
fn history_from_elsewhere_goes_before_what_is_there() {
    let mut old = minutes();
    for minute in 0..5 {
        old.take(tick(minute * 60_000, "10", "1"));
    }
    let mut window = minutes();
    window.take(tick(190_000, "12", "1"));
    window.seed(old.bars().cloned());
    assert_closes(
        &window,
        &[(0, "10", 1), (60_000, "10", 1), (120_000, "10", 1), (180_000, "12", 1)],
    );
    assert!(window.bars().rev().skip(1).all(|bar| bar.closed));
}

proptest! {
    #[test]
    fn minutes_rolled_up_equal_five_minutes_made_from_the_trades(
        ticks in ticks(5_000, 200),
        delays_ms in prop::collection::vec(0..2 * LATENESS_MS_MAX, 200),
    ) {
        let mut short = BarWindow::new(Interval::Minute1, 10_000);
        let mut long = BarWindow::new(Interval::Minutes5, 10_000);
        for tick in delivered(&ticks, delays_ms) {
            prop_assert_eq!(short.take(tick).is_some(), long.take(tick).is_some());
        }
        let short: Vec<Bar> = short.bars().cloned().collect();
        let long: Vec<Bar> = long.bars().cloned().collect();
        prop_assert_eq!(roll_up(&short, Interval::Minute1, Interval::Minutes5), long);
    }

    #[test]
    fn the_order_of_trades_within_the_lateness_does_not_matter(
        ticks in ticks(2_000, 60),
        delays_ms in prop::collection::vec(0..LATENESS_MS_MAX, 60),
    ) {
        let seconds = |ticks: &mut dyn Iterator<Item = Tick>| {
            let mut window = BarWindow::new(Interval::Second1, 100_000);
            for tick in ticks {
                assert!(window.take(tick).is_some());
            }
            window.bars().map(|b| (b.start, b.high, b.low, b.volume, b.trades)).collect::<Vec<_>>()
        };
        let delayed = delivered(&ticks, delays_ms);
        prop_assert_eq!(seconds(&mut delayed.into_iter()), seconds(&mut ticks.into_iter()));
    }

    #[test]
    fn the_clock_closes_bars_and_never_changes_what_they_say(ticks in ticks(1_000, 100)) {
        let mut alone = BarWindow::new(Interval::Seconds5, 100_000);
        let mut clocked = BarWindow::new(Interval::Seconds5, 100_000);
        for tick in ticks {
            clocked.advance(tick.time);
            clocked.take(tick);
            alone.take(tick);
        }
        prop_assert!(clocked.bars().eq(alone.bars()));
    }
}

/// The order in which they come when each is delayed by as much.
fn delivered(ticks: &[Tick], delays_ms: Vec<i64>) -> Vec<Tick> {
    let mut delayed: Vec<(i64, Tick)> =
        ticks.iter().zip(delays_ms).map(|(tick, ms)| (tick.time.0 + ms, *tick)).collect();
    delayed.sort_by_key(|(delivered, _)| *delivered);
    delayed.into_iter().map(|(_, tick)| tick).collect()
}

/// Trades in their order, spread over so many seconds; distinct times, so that open and close are defined.
fn ticks(seconds: i64, count: usize) -> impl Strategy<Value = Vec<Tick>> {
    let one = (0..seconds * 1_000, 900..1_100_i64, 1..50_i64);
    prop::collection::vec(one, 1..count).prop_map(|mut ticks| {
        ticks.sort_unstable();
        ticks.dedup_by_key(|(time, ..)| *time);
        let made = ticks.into_iter().map(|(time, price, size)| Tick {
            time: UnixMillis(time),
            price: Price::new(rust_decimal::Decimal::new(price, 1)),
            size: Quantity::new(rust_decimal::Decimal::new(size, 2)),
        });
        made.collect()
    })
}

fn minutes() -> BarWindow {
    BarWindow::new(Interval::Minute1, 1_000)
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn tick(time_ms: i64, price: &str, size: &str) -> Tick {
    Tick { time: UnixMillis(time_ms), price: price.parse().unwrap(), size: size.parse().unwrap() }
}

fn assert_closes(window: &BarWindow, expected: &[(i64, &str, u64)]) {
    let closes: Vec<_> = window.bars().map(|bar| (bar.start.0, bar.close, bar.trades)).collect();
    let expected: Vec<_> =
        expected.iter().map(|(start, close, trades)| (*start, price(close), *trades)).collect();
    assert_eq!(closes, expected);
}

/// A venue's trades, and the bars that it made of them itself.
fn kraken() -> Option<(Vec<Tick>, Vec<Bar>)> {
    let folder = match std::env::var_os("TIDEMARK_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
    };
    let read = |file: &str| -> Option<serde_json::Value> {
        Some(serde_json::from_slice(&std::fs::read(folder.join(file)).ok()?).unwrap())
    };
    let trades = read("replay/kraken_xbtusdt_trades_20251110.json")?;
    let bars = read("numbers/kraken_xbtusdt_1m_expected.json")?;
    let trades = trades["result"]["XBTUSDT"].as_array().unwrap().iter().map(|row| Tick {
        time: UnixMillis((row[2].as_f64().unwrap() * 1_000.0) as i64),
        price: row[0].as_str().unwrap().parse().unwrap(),
        size: row[1].as_str().unwrap().parse().unwrap(),
    });
    let bars = bars["rows"].as_array().unwrap().iter().map(|row| Bar {
        start: UnixMillis(row[0].as_i64().unwrap() * 1_000),
        open: row[1].as_str().unwrap().parse().unwrap(),
        high: row[2].as_str().unwrap().parse().unwrap(),
        low: row[3].as_str().unwrap().parse().unwrap(),
        close: row[4].as_str().unwrap().parse().unwrap(),
        volume: row[6].as_str().unwrap().parse().unwrap(),
        trades: row[7].as_u64().unwrap(),
        closed: true,
    });
    Some((trades.collect(), bars.collect()))
}
