//! One quote, joined from what trades, books, day figures and phases say.

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Phase, Price, Quantity, Quote, Side};

use super::check::known;
use crate::feeds::{Change, Origin, Update};

/// The parts of an instrument's quote, each with its own time: they come over different channels
/// of a venue, and one that is late must not push back another.
#[derive(Debug, Default)]
pub(super) struct Composite {
    last: Option<Last>,
    book: Option<Timed<Book>>,
    day: Option<Timed<Day>>,
    phase: Option<Timed<Phase>>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    price: Price,
    time: UnixMillis,
    size: Option<Quantity>,
    side: Option<Side>,
    /// Until when the venue said that this is the last price.
    confirmed: UnixMillis,
}

#[derive(Clone, Copy, Debug)]
struct Book {
    bid: Option<Price>,
    ask: Option<Price>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Day {
    reference: Option<Price>,
    high: Option<Price>,
    low: Option<Price>,
    volume: Option<Quantity>,
}

#[derive(Clone, Copy, Debug)]
struct Timed<T> {
    time: UnixMillis,
    value: T,
}

impl Composite {
    /// Joins an update in.
    pub(super) fn join(&mut self, update: &Update) {
        let (time, origin) = (update.venue_time, update.origin);
        match update.change {
            Change::Trade { price, size, side, .. } => {
                if is_news(self.last.map(|last| last.confirmed), time, origin) {
                    let size = Some(size).filter(|size| *size > Quantity::ZERO);
                    self.last = Some(Last { price, time, size, side, confirmed: time });
                    self.stretch_day(price);
                }
            }
            Change::Book { bid, ask } => {
                let book = Book { bid: known(Some(bid)), ask: known(Some(ask)) };
                replace(&mut self.book, book, time, origin);
            }
            Change::Day { reference, high, low, volume, last } => {
                let before = self.day.map(|day| day.value).unwrap_or_default();
                let day = Day {
                    reference: known(reference).or(before.reference),
                    high: known(high).or(before.high),
                    low: known(low).or(before.low),
                    volume: volume.or(before.volume),
                };
                replace(&mut self.day, day, time, origin);
                if let Some(price) = known(last) {
                    self.confirm(price, time, origin);
                }
            }
            Change::Phase(phase) => replace(&mut self.phase, phase, time, origin),
        }
    }

    /// The quote, once there is a price.
    pub(super) fn quote(&self) -> Option<Quote> {
        let last = self.last?;
        let day = self.day.map(|day| day.value).unwrap_or_default();
        Some(Quote {
            size: last.size,
            side: last.side,
            bid: self.book.and_then(|book| book.value.bid),
            ask: self.book.and_then(|book| book.value.ask),
            reference: day.reference,
            high: day.high,
            low: day.low,
            volume: day.volume,
            phase: self.phase.map(|phase| phase.value).unwrap_or_default(),
            ..Quote::of_price(last.price, last.time)
        })
    }

    /// A price that no trade is known of. The same price again came about when it first did.
    fn confirm(&mut self, price: Price, time: UnixMillis, origin: Origin) {
        if !is_news(self.last.map(|last| last.confirmed), time, origin) {
            return;
        }
        match &mut self.last {
            Some(last) if last.price == price => last.confirmed = time,
            last => *last = Some(Last { price, time, size: None, side: None, confirmed: time }),
        }
    }

    /// Day figures come about once a second, trades at once: a price never stands outside its day.
    fn stretch_day(&mut self, price: Price) {
        if let Some(Timed { value: day, .. }) = &mut self.day {
            day.high = day.high.map(|high| high.max(price));
            day.low = day.low.map(|low| low.min(price));
        }
    }
}

/// Whether something of `time` replaces what is known until `known_until`. Of two live ones of the
/// same time the second is the later; a snapshot must be newer to count.
fn is_news(known_until: Option<UnixMillis>, time: UnixMillis, origin: Origin) -> bool {
    match (known_until, origin) {
        (None, _) => true,
        (Some(known), Origin::Live) => time >= known,
        (Some(known), Origin::Snapshot) => time > known,
    }
}

fn replace<T>(part: &mut Option<Timed<T>>, value: T, time: UnixMillis, origin: Origin) {
    if is_news(part.as_ref().map(|part| part.time), time, origin) {
        *part = Some(Timed { time, value });
    }
}
