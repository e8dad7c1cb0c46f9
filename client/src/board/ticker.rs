//! The newest of one instrument, with what a screen must know to show it honestly.

use std::sync::Arc;
use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::Quote;
use tidemark_shared::protocol::{Event, Payload};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// There is none yet.
    #[default]
    Nothing,
    /// Kept from the last visit; the relay has not confirmed it.
    Saved,
    /// Said, or confirmed, by the relay during this visit.
    Received,
    /// The relay has no source for it.
    Refused,
}

/// Which way a price went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Up.
    Up,
    /// Down.
    Down,
    /// It did not move.
    #[default]
    Still,
}

/// The newest of one instrument.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticker {
    /// The newest quote.
    pub(crate) quote: Option<Quote>,
    /// The feed that brought it.
    pub(crate) source: Arc<str>,
    /// By the relay's clock: until when the quote is known to be true.
    pub(crate) true_until: UnixMillis,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Which way the last move went.
    pub(crate) direction: Direction,
    /// How many moves there were: lets the screen tell two equal moves apart.
    pub(crate) moves: u32,
}

impl Ticker {
    /// Takes over an event of the relay.
    pub(crate) fn receive(&mut self, event: &Event) {
        let Payload::Quote(quote) = &event.payload else { return };
        if let Some(before) = &self.quote {
            let direction = match quote.price.cmp(&before.price) {
                std::cmp::Ordering::Greater => Direction::Up,
                std::cmp::Ordering::Less => Direction::Down,
                std::cmp::Ordering::Equal => Direction::Still,
            };
            if direction != Direction::Still {
                self.direction = direction;
                self.moves = self.moves.wrapping_add(1);
            }
        }
        self.quote = Some(quote.clone());
        if *self.source != *event.source {
            self.source = event.source.as_str().into();
        }
        self.true_until = self.true_until.max(event.at);
        self.origin = Origin::Received;
    }

    /// Takes over an event of the last visit.
    pub(crate) fn restore(&mut self, event: &Event) {
        if self.origin == Origin::Nothing {
            self.receive(event);
            self.origin = Origin::Saved;
        }
    }

    /// The relay says until when the quote is true.
    pub(crate) fn confirm(&mut self, as_of: UnixMillis) {
        self.true_until = self.true_until.max(as_of);
        if self.origin == Origin::Saved {
            self.origin = Origin::Received;
        }
    }

    /// How old the quote is at `now` by the relay's clock.
    pub(crate) fn age(&self, now: UnixMillis) -> Option<Duration> {
        self.quote.as_ref().map(|_| now.since(self.true_until))
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::protocol::{Epoch, Metadata, Position, Priority, Sequence};

    use super::*;

    fn event(price: &str, at: i64) -> Event {
        Event {
            topic: "price:AAPL".parse().unwrap(),
            position: Position::new(Epoch(1), Sequence(1)),
            at: UnixMillis(at),
            source: "simulator".into(),
            priority: Priority::Normal,
            meta: Metadata::default(),
            payload: Payload::Quote(Quote::of_price(price.parse().unwrap(), UnixMillis(at))),
        }
    }

    #[test]
    fn a_price_flashes_only_when_it_moves() {
        let mut ticker = Ticker::default();
        ticker.receive(&event("10", 0));
        assert_eq!((ticker.direction, ticker.moves), (Direction::Still, 0));
        ticker.receive(&event("11", 1));
        assert_eq!((ticker.direction, ticker.moves), (Direction::Up, 1));
        ticker.receive(&event("11.0", 2));
        assert_eq!((ticker.direction, ticker.moves), (Direction::Up, 1));
        ticker.receive(&event("10", 3));
        assert_eq!((ticker.direction, ticker.moves), (Direction::Down, 2));
    }

    #[test]
    fn a_quiet_price_that_its_feed_confirms_is_young() {
        let mut ticker = Ticker::default();
        ticker.receive(&event("10", 1_000));
        ticker.confirm(UnixMillis(50_000));
        assert_eq!(ticker.age(UnixMillis(51_000)), Some(Duration::from_secs(1)));
        assert_eq!(ticker.age(UnixMillis(0)), Some(Duration::ZERO), "a clock behind the relay's");
    }

    #[test]
    fn a_saved_price_never_replaces_a_received_one() {
        let mut ticker = Ticker::default();
        ticker.restore(&event("9", 5));
        assert_eq!(ticker.origin, Origin::Saved);
        ticker.receive(&event("10", 10));
        ticker.restore(&event("9", 5));
        assert_eq!(ticker.origin, Origin::Received);
        assert_eq!(ticker.quote.unwrap().price, "10".parse().unwrap());
    }
}
