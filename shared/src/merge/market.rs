//! Prices that came by two ways: from two feeds, or once live and once as history.
//!
//! Whatever comes first, comes twice or comes in another order, the result is the same: each of
//! these is commutative, associative, and does nothing the second time. That is all that makes two
//! relays, or a relay and a browser, agree without asking each other.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rust_decimal::Decimal;

use crate::clock::UnixMillis;
use crate::documents::canonical_json;
use crate::market::{Bar, Interval, Quantity, Quote, Tick};

/// The newest quote, with the day's highest volume: volume only grows within a day (UTC), so the
/// higher one is the one that has seen more. A newer day's begins anew.
#[must_use]
pub fn newest_quote(one: &Quote, other: &Quote) -> Quote {
    let day = |quote: &Quote| Interval::Day1.start_of(quote.time);
    let volume = match day(one).cmp(&day(other)) {
        Ordering::Less => other.volume,
        Ordering::Greater => one.volume,
        Ordering::Equal => one.volume.into_iter().chain(other.volume).max_by_key(digits),
    };
    let bare = |quote: &Quote| Quote { volume: None, ..quote.clone() };
    let (one, other) = (bare(one), bare(other));
    let is_newer = one
        .time
        .cmp(&other.time)
        // Of the same moment none is newer: any rule does that does not ask which came first.
        .then_with(|| canonical_json(&one).cmp(&canonical_json(&other)))
        .is_ge();
    Quote { volume, ..if is_newer { one } else { other } }
}

/// Both series as one, by the start of the bars, earliest first. Of two bars of the same time the
/// one counts that has seen more: closed before open, then more trades, then more volume.
#[must_use]
pub fn united_bars(one: &[Bar], other: &[Bar]) -> Vec<Bar> {
    let mut united: BTreeMap<UnixMillis, &Bar> = BTreeMap::new();
    for bar in one.iter().chain(other) {
        match united.entry(bar.start) {
            Entry::Vacant(place) => drop(place.insert(bar)),
            Entry::Occupied(mut place) => {
                if more_seen(bar, place.get()).is_gt() {
                    place.insert(bar);
                }
            }
        }
    }
    united.into_values().cloned().collect()
}

/// Both series as one, earliest first. A trade that both have is there once; one that a series has
/// twice, because somebody traded the same twice in a millisecond, stays twice.
#[must_use]
pub fn united_ticks(one: &[Tick], other: &[Tick]) -> Vec<Tick> {
    let (one, other) = (counted(one), counted(other));
    let mut united = one;
    for (key, (tick, count)) in other {
        let (_, there) = united.entry(key).or_insert((tick, count));
        *there = count.max(*there);
    }
    united.into_values().flat_map(|(tick, count)| std::iter::repeat_n(tick, count)).collect()
}

/// Two decimals that are the same number are told apart by how they are written: else the digits
/// that come out would depend on what came first.
fn digits(quantity: &Quantity) -> (Decimal, u32) {
    (quantity.value(), quantity.value().scale())
}

fn more_seen(one: &Bar, other: &Bar) -> Ordering {
    let seen = |bar: &Bar| (bar.closed, bar.trades, bar.volume);
    seen(one).cmp(&seen(other)).then_with(|| canonical_json(one).cmp(&canonical_json(other)))
}

/// As [`digits`]: the number and how it is written.
type TickKey = (UnixMillis, (Decimal, u32), (Decimal, u32));

fn counted(ticks: &[Tick]) -> BTreeMap<TickKey, (Tick, usize)> {
    let mut counted = BTreeMap::new();
    for tick in ticks {
        let price = (tick.price.value(), tick.price.value().scale());
        let key = (tick.time, price, digits(&tick.size));
        counted.entry(key).or_insert((*tick, 0)).1 += 1;
    }
    counted
}
