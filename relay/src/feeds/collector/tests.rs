use std::collections::BTreeMap;

use tidemark_shared::market::FeedStatus;

use super::*;
use crate::feeds::binance::Binance;
use crate::feeds::coinbase::Coinbase;
use crate::feeds::{Listings, Rules};

const GRACE: Duration = Duration::from_secs(30);

/// A collector and the world around it, in virtual time.
struct World {
    collector: Collector,
    now: Now,
    open: BTreeMap<LinkId, Vec<String>>,
    updates: Vec<Update>,
    statuses: Vec<FeedStatus>,
    buried: usize,
}

fn listings() -> Listings {
    ["BTCUSDT", "ETHUSDT"]
        .map(|name| (name.parse().unwrap(), name.to_owned()))
        .into_iter()
        .collect()
}

impl World {
    fn of(venue: Box<dyn Venue>) -> Self {
        let now = Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) };
        let interest = Interest::new(GRACE, []);
        let collector = Collector::new("venue", venue, interest, Patience::default(), 7, now);
        let mut world = World {
            collector,
            now,
            open: BTreeMap::new(),
            updates: Vec::new(),
            statuses: Vec::new(),
            buried: 0,
        };
        world.drain();
        world
    }

    fn binance() -> Self {
        World::of(Box::new(Binance::new("wss://venue", listings())))
    }

    fn handle(&mut self, input: Input) {
        self.collector.handle(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(action) = self.collector.poll_action() {
            match action {
                Action::Open { link, .. } => {
                    assert!(self.open.insert(link, Vec::new()).is_none());
                }
                Action::Send { link, text } => self.open.get_mut(&link).unwrap().push(text),
                Action::Close(link) => drop(self.open.remove(&link)),
                Action::Report(Report::Update(update)) => self.updates.push(update),
                Action::Report(Report::Status(status)) => self.statuses.push(status),
                Action::Report(Report::Alive { .. }) => {}
                Action::Bury(_) => self.buried += 1,
            }
        }
    }

    /// Lets time pass, deadline by deadline; `each` says what the venue does meanwhile.
    fn pass(&mut self, span: Duration, mut each: impl FnMut(&mut World)) {
        let end = self.now.moment + span;
        let (mut timers, mut at) = (0, self.now.moment);
        while let Some(due) = self.collector.next_deadline().filter(|due| *due <= end) {
            self.go_to(due.max(self.now.moment));
            self.handle(Input::Timer);
            each(self);
            timers = if self.now.moment == at { timers + 1 } else { 0 };
            at = self.now.moment;
            assert!(timers < 20, "the timer spins");
        }
        self.go_to(end);
    }

    fn go_to(&mut self, moment: Moment) {
        self.now.unix = self.now.unix + moment.since(self.now.moment);
        self.now.moment = moment;
    }

    fn want(&mut self, topic: &str) {
        self.handle(Input::Demand(Demand::Wanted(topic.parse().unwrap())));
    }

    fn release(&mut self, topic: &str) {
        self.handle(Input::Demand(Demand::Released(topic.parse().unwrap())));
    }

    fn newest(&self) -> LinkId {
        *self.open.keys().next_back().unwrap()
    }

    /// Opens the newest connection and acknowledges what is asked for on it.
    fn serve(&mut self) -> LinkId {
        let link = self.newest();
        self.handle(Input::Opened(link));
        self.acknowledge(link);
        link
    }

    fn acknowledge(&mut self, link: LinkId) {
        for request in std::mem::take(self.open.get_mut(&link).unwrap()) {
            let request: serde_json::Value = serde_json::from_str(&request).unwrap();
            self.text(link, &format!(r#"{{"result":null,"id":{}}}"#, request["id"]));
        }
    }

    fn text(&mut self, link: LinkId, text: &str) {
        self.handle(Input::Text { link, text: text.to_owned() });
    }

    fn trade(&mut self, link: LinkId, number: u64) {
        let time = self.now.unix.0;
        self.text(
            link,
            &format!(
                r#"{{"e":"trade","E":{time},"s":"BTCUSDT","t":{number},"p":"1.5","q":"2","T":{time},"m":true}}"#
            ),
        );
    }

    fn lose(&mut self, link: LinkId) {
        self.open.remove(&link);
        let reason = "cut".to_owned();
        self.handle(Input::Lost { link, fault: Fault::Passing, reason });
    }

    fn trades(&self) -> Vec<u64> {
        let id = |update: &Update| match update.change {
            Change::Trade { id, .. } => id,
            _ => None,
        };
        self.updates.iter().filter_map(id).collect()
    }

    fn state(&self) -> FeedState {
        self.statuses.last().unwrap().state
    }
}

#[test]
fn the_first_reader_connects_and_the_last_disconnects_after_the_grace_period() {
    let mut world = World::binance();
    assert!(world.open.is_empty());
    world.want("price:BTCUSDT");
    world.serve();
    assert_eq!(world.state(), FeedState::Live);
    world.release("price:BTCUSDT");
    world.pass(GRACE - Duration::from_secs(1), |_| {});
    assert_eq!(world.open.len(), 1);
    world.pass(Duration::from_secs(1), |_| {});
    assert!(world.open.is_empty());
    assert_eq!(world.state(), FeedState::Idle);
}

#[test]
fn after_a_cut_everything_is_asked_for_again_and_the_hole_is_told() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    world.want("bars:1m:ETHUSDT");
    let link = world.newest();
    world.handle(Input::Opened(link));
    let first = world.open[&link].clone();
    assert!(first[0].contains("btcusdt@trade") && first[0].contains("ethusdt@trade"));
    world.acknowledge(link);
    world.trade(link, 10);
    world.lose(link);
    assert_eq!(world.state(), FeedState::Backoff);
    world.pass(Duration::from_secs(1), |_| {});
    let link = world.newest();
    world.handle(Input::Opened(link));
    assert!(world.open[&link][0].contains("btcusdt@trade"));
    assert!(world.open[&link][0].contains("ethusdt@trade"));
    world.acknowledge(link);
    world.trade(link, 14);
    world.trade(link, 15);
    assert_eq!(world.trades(), [10, 14, 15]);
    assert_eq!(world.collector.board.gaps(), 1);
}

#[test]
fn what_an_abandoned_connection_still_says_is_ignored() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let old = world.serve();
    world.lose(old);
    world.trade(old, 10);
    world.lose(old);
    assert!(world.trades().is_empty());
    assert_eq!(world.state(), FeedState::Backoff);
}

#[test]
fn rubbish_is_kept_for_inspection_and_the_feed_goes_on() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let link = world.serve();
    for rubbish in ["", "{", "[]", "null", r#"{"e":"trade","s":1}"#, "\u{0}"] {
        world.text(link, rubbish);
    }
    world.handle(Input::Binary { link, length_bytes: 9 });
    world.trade(link, 10);
    assert_eq!(world.buried, 7);
    assert_eq!(world.trades(), [10]);
    assert_eq!(world.state(), FeedState::Live);
}

#[test]
fn a_thousand_readers_at_once_are_two_requests() {
    let names: Vec<String> = (0..300).map(|n| format!("S{n}USDT")).collect();
    let listings = names.iter().map(|name| (name.parse().unwrap(), name.clone())).collect();
    let mut world = World::of(Box::new(Binance::new("wss://venue", listings)));
    for name in &names {
        world.want(&format!("price:{name}"));
    }
    let link = world.newest();
    world.handle(Input::Opened(link));
    let mut sent_at = vec![world.now.moment; world.open[&link].len()];
    world.pass(Duration::from_secs(5), |world| {
        let new = world.open[&link].len() - sent_at.len();
        sent_at.extend(std::iter::repeat_n(world.now.moment, new));
    });
    assert_eq!(sent_at.len(), 3, "a hundred instruments to a request");
    for pair in sent_at.windows(2) {
        assert!(pair[1].since(pair[0]) >= Duration::from_millis(250));
    }
}

#[test]
fn silence_is_shown_and_then_cut() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let link = world.serve();
    let Rules { silence_max, .. } = Binance::new("wss://venue", listings()).rules();
    world.pass(silence_max, |_| {});
    assert_eq!(world.state(), FeedState::Stalled);
    world.handle(Input::Ping(link));
    assert_eq!(world.state(), FeedState::Live);
    world.pass(silence_max * 2, |_| {});
    assert!(!world.open.contains_key(&link));
}

#[test]
fn before_the_daily_cut_a_second_connection_takes_over_without_a_hole() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let old = world.serve();
    world.trade(old, 1);
    let mut number = 1;
    world.pass(Duration::from_secs(24 * 3_600 - 600 - 1), |world| {
        world.handle(Input::Ping(old));
    });
    assert_eq!(world.open.len(), 1);
    while world.open.len() == 1 {
        world.handle(Input::Ping(old));
        world.pass(Duration::from_millis(500), |_| {});
    }
    let new = world.serve();
    assert_ne!(old, new);
    // Both run side by side; the new one is ahead of the old one.
    for _ in 0..10 {
        number += 1;
        world.trade(new, number);
        if number < 9 {
            world.trade(old, number);
        }
    }
    world.pass(Duration::from_secs(3), |_| {});
    assert!(!world.open.contains_key(&old));
    world.trade(new, number + 1);
    assert_eq!(world.trades(), (1..=number + 1).collect::<Vec<_>>());
    assert_eq!(world.collector.board.gaps(), 0);
    assert!(world.statuses.iter().all(|status| status.state != FeedState::Backoff));
}

#[test]
fn a_venue_that_announces_its_shutdown_is_left_in_time() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let old = world.serve();
    world.trade(old, 1);
    world.text(
        old,
        r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#,
    );
    world.pass(Duration::ZERO, |_| {});
    assert_eq!(world.open.len(), 2);
    let new = world.serve();
    world.trade(new, 2);
    // The venue cuts sooner than it said: what the new connection brought is not lost.
    world.lose(old);
    world.trade(new, 3);
    assert_eq!(world.trades(), [1, 2, 3]);
    assert_eq!(world.state(), FeedState::Live);
}

#[test]
fn a_replacement_that_does_not_come_about_leaves_the_old_connection_alone() {
    let mut world = World::binance();
    world.want("price:BTCUSDT");
    let old = world.serve();
    world.text(old, r#"{"e":"serverShutdown","E":1770123456789}"#);
    world.pass(Duration::ZERO, |_| {});
    let new = world.newest();
    world.lose(new);
    world.trade(old, 1);
    assert_eq!(world.trades(), [1]);
    assert_eq!(world.state(), FeedState::Live);
    world.pass(CHANGE_AGAIN_AFTER, |world| world.handle(Input::Ping(old)));
    assert_eq!(world.open.len(), 2, "it is tried again");
}

#[test]
fn a_heartbeat_that_knows_a_trade_we_do_not_tells_a_hole() {
    let listings = [("BTC-USD".parse().unwrap(), "BTC-USD".to_owned())].into_iter().collect();
    let mut world = World::of(Box::new(Coinbase::new("wss://venue", listings)));
    world.want("price:BTC-USD");
    let link = world.newest();
    world.handle(Input::Opened(link));
    let matched = |id: u64, kind: &str| {
        format!(
            r#"{{"type":"{kind}","trade_id":{id},"side":"sell","size":"1","price":"2","product_id":"BTC-USD","sequence":2,"time":"2021-04-17T16:43:37.314473Z"}}"#
        )
    };
    world.text(link, &matched(5, "last_match"));
    world.text(link, &matched(6, "match"));
    world.text(
        link,
        r#"{"type":"heartbeat","last_trade_id":8,"product_id":"BTC-USD","sequence":2,"time":"2022-05-20T21:22:34.751219Z"}"#,
    );
    assert_eq!(world.collector.board.gaps(), 1);
    world.text(link, &matched(9, "match"));
    let origins: Vec<_> = world.updates.iter().map(|update| update.origin).collect();
    assert_eq!(origins, [Origin::Snapshot, Origin::Live, Origin::Live]);
    assert_eq!(world.trades(), [5, 6, 9]);
    assert_eq!(world.collector.board.gaps(), 1, "one hole is told once");
}
