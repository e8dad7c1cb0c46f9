use proptest::prelude::*;

use super::*;

const START: UnixMillis = UnixMillis(1_763_000_000_000);

fn symbols() -> Vec<Symbol> {
    crate::feeds::simulator::instruments("simulator").into_iter().map(|i| i.symbol).collect()
}

fn all_wanted(seed: u64, now: UnixMillis) -> Stream {
    wanted(seed, now, &symbols())
}

/// One of each kind.
fn some_wanted(seed: u64, now: UnixMillis) -> Stream {
    let some = ["005930", "SPX", "BTC-USD", "EUR/USD"].map(|symbol| symbol.parse().unwrap());
    wanted(seed, now, &some)
}

fn wanted(seed: u64, now: UnixMillis, symbols: &[Symbol]) -> Stream {
    let settings = SimulatorConfig { seed, ..SimulatorConfig::default() };
    let mut stream = Stream::new("simulator", settings, now);
    for symbol in symbols {
        assert!(!stream.start(symbol, now).is_empty());
    }
    stream
}

fn trades_and_quotes(updates: Vec<Update>) -> Vec<(UnixMillis, Symbol, Change)> {
    let wanted = |change: &Change| matches!(change, Change::Trade { .. } | Change::Book { .. });
    let mut seen: Vec<_> = updates
        .into_iter()
        .filter(|update| wanted(&update.change))
        .map(|update| (update.venue_time, update.symbol, update.change))
        .collect();
    seen.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    seen
}

#[test]
fn a_newcomer_sees_prices_move_in_every_kind_of_instrument() {
    let mut stream = all_wanted(1, START);
    let mut moved: BTreeMap<Symbol, usize> = BTreeMap::new();
    for second in 1..=120 {
        for update in stream.advance(START + Duration::from_secs(second)) {
            *moved.entry(update.symbol).or_default() += 1;
        }
    }
    let busy = symbols().iter().filter(|s| moved.get(*s).is_some_and(|n| *n > 20)).count();
    assert!(busy >= 24, "only {busy} instruments moved in two minutes");
    for symbol in ["BTC-USD", "ETH-USD", "EUR/USD", "XAU-USD"] {
        assert!(moved.contains_key(symbol), "{symbol} stood still");
    }
}

#[test]
fn the_configured_rate_is_kept_roughly() {
    let settings = SimulatorConfig { updates_per_s: 2_000, ..SimulatorConfig::default() };
    let mut stream = Stream::new("simulator", settings, START);
    for symbol in symbols() {
        stream.start(&symbol, START);
    }
    let mut count = 0;
    for second in 1..=20 {
        count += stream.advance(START + Duration::from_secs(second)).len();
    }
    assert!((1_000..4_000).contains(&(count / 20)), "{} a second", count / 20);
}

#[test]
fn prices_stay_on_their_ticks_and_bids_below_asks() {
    let mut stream = all_wanted(3, START);
    for second in 1..=120 {
        for update in stream.advance(START + Duration::from_secs(second)) {
            match update.change {
                Change::Book { bid, ask } => assert!(bid < ask && bid > Price::ZERO),
                Change::Trade { price, size, .. } => {
                    assert!(price > Price::ZERO && size > Quantity::ZERO);
                    if update.symbol.as_str() == "005930" {
                        assert_eq!(price.value() % Decimal::from(100), Decimal::ZERO);
                    }
                }
                Change::Day { high: Some(high), low: Some(low), .. } => assert!(low <= high),
                _ => {}
            }
        }
    }
}

#[test]
fn shares_close_reopen_and_are_halted_now_and_then() {
    let mut phases = std::collections::BTreeSet::new();
    for listing in symbols() {
        let market = Market::of(listing.as_str(), &SimulatorConfig::default()).unwrap();
        for second in (0..7_200).step_by(3) {
            let phase = market.phase(START + Duration::from_secs(second));
            phases.insert(format!("{phase:?}"));
        }
    }
    let all = ["Closed", "Halted", "Open", "Post", "Pre"];
    assert_eq!(phases, all.map(String::from).into());
}

#[test]
fn nothing_is_traded_while_halted_or_closed() {
    let mut stream = all_wanted(4, START);
    for second in 1..=120 {
        for update in stream.advance(START + Duration::from_secs(second)) {
            if let Change::Trade { .. } = update.change {
                let settings = SimulatorConfig { seed: 4, ..SimulatorConfig::default() };
                let market = Market::of(update.symbol.as_str(), &settings).unwrap();
                // Activity is decided at the start of each second.
                let second = UnixMillis(update.venue_time.0.div_euclid(1_000) * 1_000);
                assert!(!matches!(market.phase(second), Phase::Halted | Phase::Closed));
            }
        }
    }
}

#[test]
fn history_is_what_was_live() {
    let symbol: Symbol = "BTC-USD".parse().unwrap();
    let settings = SimulatorConfig::default();
    let mut stream = Stream::new("simulator", settings.clone(), START);
    stream.start(&symbol, START);
    let mut live = Vec::new();
    for second in 1..=60 {
        live.extend(stream.advance(START + Duration::from_secs(second)));
    }
    let live: Vec<_> = live
        .into_iter()
        .filter_map(|update| match update.change {
            Change::Trade { price, size, .. } => Some((update.venue_time, price, size)),
            _ => None,
        })
        .collect();
    let history = History::new(settings);
    let until = START + Duration::from_secs(60);
    let past = history.ticks(&symbol, until, live.len());
    let past: Vec<_> = past.into_iter().map(|tick| (tick.time, tick.price, tick.size)).collect();
    assert!(live.len() > 100);
    assert_eq!(past, live);
    let bars = history.bars(&symbol, until, 120);
    assert_eq!(bars.len(), 120);
    for pair in bars.windows(2) {
        assert_eq!(pair[0].start + Duration::from_secs(60), pair[1].start);
        assert!(pair[0].low <= pair[0].open && pair[0].open <= pair[0].high);
    }
    let (last, tick) = (bars.last().unwrap().close.to_f64(), past[0].1.to_f64());
    assert!((last / tick - 1.0).abs() < 0.01, "history ends at {last}, live began at {tick}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn same_seed_and_same_times_give_the_same_updates(
        seed in any::<u64>(),
        start_ms in 1_600_000_000_000_i64..1_900_000_000_000,
        steps_ms in prop::collection::vec(1_u64..900, 1..12),
    ) {
        let mut now = UnixMillis(start_ms);
        let (mut one, mut two) = (some_wanted(seed, now), some_wanted(seed, now));
        for step_ms in steps_ms {
            now = now + Duration::from_millis(step_ms);
            prop_assert_eq!(one.advance(now), two.advance(now));
        }
    }

    #[test]
    fn looking_more_often_shows_the_same_trades(
        seed in any::<u64>(),
        steps_ms in prop::collection::vec(1_u64..400, 1..10),
    ) {
        let (mut often, mut once) = (some_wanted(seed, START), some_wanted(seed, START));
        let mut now = START;
        let mut seen = Vec::new();
        for step_ms in steps_ms {
            now = now + Duration::from_millis(step_ms);
            seen.extend(often.advance(now));
        }
        prop_assert_eq!(trades_and_quotes(seen), trades_and_quotes(once.advance(now)));
    }
}
