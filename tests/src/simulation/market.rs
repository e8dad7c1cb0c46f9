//! What is published, and the memory of how it was numbered: the only truth the judge has.

use std::collections::BTreeMap;

use tidemark_relay::publication::Publication;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::{Bar, Price, Quantity, Quote};
use tidemark_shared::protocol::{
    Class, Epoch, Event, Metadata, Notice, Payload, Position, Priority, Sequence, Severity, Topic,
};

/// What is published into; `feed:late` comes into being some time in a life.
pub const TOPICS: [&str; 8] = [
    "price:AAPL",
    "price:BTC-USD",
    "market:overview",
    "bars:1m:AAPL",
    "bars:1s:BTC-USD",
    "system:notifications",
    "feed:simulator",
    "feed:late",
];

/// All that was published, by topic and numbering.
#[derive(Debug, Default)]
pub struct Ledger {
    logs: BTreeMap<Topic, BTreeMap<Epoch, Vec<Published>>>,
    published: u64,
}

/// One message as it was published.
#[derive(Debug)]
pub struct Published {
    /// When the relay took it in.
    pub at: UnixMillis,
    /// What it said.
    pub payload: Payload,
}

/// The relay's numbering has a hole or goes back.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{topic} {got} should be number {expected}")]
pub struct MisNumbered {
    topic: Topic,
    got: Position,
    expected: u64,
}

impl Ledger {
    /// The next publication into a topic. No two have the same content.
    pub fn next(&mut self, topic: &Topic, at: UnixMillis, priority: Priority) -> Publication {
        self.published += 1;
        let payload = payload(topic.class(), self.published, at);
        let (meta, source) = (Metadata::default(), "simulation".to_owned());
        Publication { topic: topic.clone(), at, source, priority, meta, payload }
    }

    /// Writes down how a publication was numbered.
    ///
    /// # Errors
    /// When a number was given out twice, or one was left out.
    pub fn record(&mut self, event: &Event) -> Result<(), MisNumbered> {
        let log = self.logs.entry(event.topic.clone()).or_default();
        let numbering = log.entry(event.position.epoch).or_default();
        let expected = numbering.len() as u64 + 1;
        numbering.push(Published { at: event.at, payload: event.payload.clone() });
        if event.position.sequence.0 == expected {
            return Ok(());
        }
        Err(MisNumbered { topic: event.topic.clone(), got: event.position, expected })
    }

    /// The message at a place, if there ever was one.
    #[must_use]
    pub fn at(&self, topic: &Topic, position: Position) -> Option<&Published> {
        let index = usize::try_from(position.sequence.0.checked_sub(1)?).ok()?;
        self.logs.get(topic)?.get(&position.epoch)?.get(index)
    }

    /// The last number that was given out in a numbering.
    #[must_use]
    pub fn end(&self, topic: &Topic, epoch: Epoch) -> u64 {
        let numbering = self.logs.get(topic).and_then(|log| log.get(&epoch));
        numbering.map_or(0, |numbering| numbering.len() as u64)
    }

    /// Where a topic's newest message is.
    #[must_use]
    pub fn newest(&self, topic: &Topic) -> Option<Position> {
        let (epoch, numbering) = self.logs.get(topic)?.last_key_value()?;
        Some(Position::new(*epoch, Sequence(numbering.len() as u64)))
    }

    /// Topics that something was published into.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.logs.keys()
    }
}

fn payload(class: Class, number: u64, at: UnixMillis) -> Payload {
    let price: Price = format!("{number}.25").parse().expect("digits and a point are a decimal");
    match class {
        Class::Price => Payload::Quote(Quote::of_price(price, at)),
        Class::Bars => Payload::Bar(Bar {
            start: at,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: Quantity::ZERO,
            trades: number,
            closed: false,
        }),
        _ => {
            let text = format!("message {number}");
            Payload::Notice(Notice { severity: Severity::Info, text })
        }
    }
}
