//! A native client with a book of its own, beside a witness.

use std::collections::BTreeMap;

use tidemark_native::{Client, News, NewsReader};
use tidemark_shared::market::Price;
use tidemark_shared::protocol::{Event, Payload, Position, Sequence, Topic, WhyNotRecovered};
use tidemark_shared::session::{Delivery, Settings, Transport};
use tidemark_tests::proxy::Proxy;
use tidemark_tests::relay::Relay;
use tidemark_tests::wait::PATIENCE;
use tidemark_tests::witness::Witness;
use tokio::time::timeout;

const TOPICS: [&str; 3] = ["price:005930", "price:AAPL", "price:BTC-USD"];

/// A client that listens to three instruments.
pub(crate) struct Listener {
    pub(crate) client: Client,
    pub(crate) network: Proxy,
    pub(crate) relay: Relay,
    news: NewsReader,
    witness: Witness,
    /// What came of each topic; without a price where messages were replaced by newer ones.
    book: BTreeMap<Topic, Vec<(Position, Option<Price>)>>,
    /// Topics that began anew because messages were lost, and what the relay said of it.
    pub(crate) resets: Vec<(Topic, WhyNotRecovered)>,
}

impl Listener {
    /// Connects over any of these transports, and waits for the first prices.
    pub(crate) async fn begin(transports: &[Transport]) -> Listener {
        Listener::begin_beside(Relay::start().await.unwrap(), transports).await
    }

    /// The same, with a relay that was started already.
    pub(crate) async fn begin_beside(relay: Relay, transports: &[Transport]) -> Listener {
        let network = Proxy::start(relay.address()).await.unwrap();
        let witness = Witness::watch(relay.address(), &TOPICS);
        let settings = Settings { transports: transports.to_vec(), ..Settings::default() };
        let address = format!("http://{}", network.address());
        let (client, news) = Client::connect(&address, settings).unwrap();
        for topic in TOPICS {
            client.subscribe(topic.parse::<Topic>().unwrap()).await.unwrap();
        }
        let (book, resets) = (BTreeMap::new(), Vec::new());
        let mut listener = Listener { client, network, relay, news, witness, book, resets };
        listener.until_prices_move().await;
        listener
    }

    /// The transport in use.
    pub(crate) fn transport(&self) -> Option<Transport> {
        self.client.status().borrow().transport
    }

    /// Reads until every topic has moved on.
    pub(crate) async fn until_prices_move(&mut self) {
        self.read_until("every price to move", |before, now| {
            TOPICS.iter().all(|topic| now.get(*topic) != before.get(*topic))
        })
        .await;
    }

    /// Reads until the client uses a transport.
    pub(crate) async fn until_over(&mut self, transport: Transport) {
        while self.transport() != Some(transport) {
            self.until_prices_move().await;
        }
    }

    /// Everything that came is what the witness saw.
    pub(crate) async fn check(&mut self) {
        for (topic, events) in &self.book {
            let (newest, _) = *events.last().unwrap();
            let newest = (newest.epoch.0, newest.sequence.0);
            self.witness.until(topic.as_str(), newest).await.unwrap();
            let mut compared = 0;
            for (position, price) in events {
                let (epoch, sequence) = (position.epoch.0, position.sequence.0);
                // The witness may have been away for a moment, too.
                let seen = self.witness.event(topic.as_str(), epoch, sequence);
                let (Some(seen), Some(price)) = (seen, price) else { continue };
                assert_eq!(seen["data"]["price"], price.to_string(), "{topic} at {position}");
                compared += 1;
            }
            assert!(compared > 0, "nothing of {topic} was seen by both");
        }
        let counters = self.client.status().borrow().counters;
        assert_eq!(
            (counters.holes, counters.topics_lost),
            (0, u64::try_from(self.resets.len()).unwrap())
        );
    }

    async fn read_until(
        &mut self,
        what: &str,
        is_so: impl Fn(&BTreeMap<Topic, Position>, &BTreeMap<Topic, Position>) -> bool,
    ) {
        let before = self.positions();
        while !is_so(&before, &self.positions()) {
            let news = timeout(PATIENCE, self.news.next()).await;
            let news = news.unwrap_or_else(|_| panic!("waited in vain for {what}")).unwrap();
            if let News::Delivery(delivery) = news {
                self.take(delivery);
            }
        }
    }

    fn positions(&self) -> BTreeMap<Topic, Position> {
        let last = |events: &Vec<(Position, Option<Price>)>| events.last().unwrap().0;
        self.book.iter().map(|(topic, events)| (topic.clone(), last(events))).collect()
    }

    fn take(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Event(event) => {
                let next = match self.book.get(&event.topic).and_then(|events| events.last()) {
                    Some((last, _)) => Position::new(last.epoch, last.sequence.next()),
                    // Nobody had asked for the instrument before: its log began empty.
                    None => Position::new(event.position.epoch, Sequence::START.next()),
                };
                assert_eq!(event.position, next, "{} does not follow", event.topic);
                self.write_down(event);
            }
            Delivery::Snapshot { event, topic, lost } => {
                self.resets.extend(lost.map(|why| (topic.clone(), why)));
                // What was there before is replaced, be it by nothing.
                self.book.remove(&topic);
                event.into_iter().for_each(|event| self.write_down(event));
            }
            Delivery::Skipped { topic, from, to } => {
                let (last, _) = *self.book[&topic].last().unwrap();
                assert_eq!(from, last.sequence.next(), "what {topic} skips does not follow");
                let events = self.book.get_mut(&topic).unwrap();
                events.push((Position::new(last.epoch, to), None));
            }
            Delivery::Fresh { .. } => {}
            Delivery::Refused { topic, error } => panic!("{topic} is refused: {error}"),
        }
    }

    fn write_down(&mut self, event: Event) {
        let Payload::Quote(quote) = event.payload else { panic!("{} is no price", event.topic) };
        self.book.entry(event.topic).or_default().push((event.position, Some(quote.price)));
    }
}
