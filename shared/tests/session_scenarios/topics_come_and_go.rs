//! "I look at a symbol, look away, and look again; the feeds appear by themselves."

use tidemark_shared::protocol::{Epoch, Position, Sequence};
use tidemark_shared::session::{Delivery, Input, Note, State};

use crate::simulation::World;
use crate::simulation::model_relay::Pace;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn looking_away_and_back_in_one_breath_mixes_nothing_up() {
    let mut world = World::live(&[TOPIC]);
    for _ in 0..20 {
        world.publish(TOPIC, 3);
        world.unsubscribe(TOPIC);
        world.run_ms(7);
        world.publish(TOPIC, 2);
        world.subscribe(TOPIC);
        world.run_ms(13);
    }
    world.publish(TOPIC, 2);
    world.run_ms(1_000);
    assert_eq!(world.state(), State::Live);
    assert_eq!(world.status().counters.holes, 0);
    world.assert_no_alarm();
}

#[test]
fn a_topic_that_comes_into_being_later_is_brought_by_its_pattern() {
    let mut world = World::live(&["feed:simulator"]);
    world.subscribe("feed:*");
    world.run_ms(500);
    world.relay.add_topic(&"feed:binance".parse().unwrap());
    world.publish("feed:binance", 2);
    world.run_ms(500);
    assert_eq!(world.status().counters.delivered, 2);
    world.cut();
    world.run_ms(1);
    world.publish("feed:binance", 1);
    assert!(world.run_until_so(3_000, |world| world.status().counters.delivered == 3));
    world.unsubscribe("feed:*");
    world.run_ms(500);
    world.publish("feed:binance", 2);
    world.publish("feed:simulator", 2);
    world.run_ms(500);
    assert_eq!(world.status().counters.delivered, 5, "only the one asked for by name goes on");
    world.assert_no_alarm();
}

#[test]
fn asking_for_all_feeds_and_at_once_for_one_of_them_is_no_defect() {
    let mut world = World::live(&["feed:binance"]);
    world.unsubscribe("feed:binance");
    world.relay.pace = Pace::Lazy;
    for _ in 0..200 {
        world.subscribe("feed:*");
        world.run_ms(1);
        world.subscribe("feed:binance");
        for _ in 0..10 {
            world.publish("feed:binance", 1);
            world.run_ms(10);
        }
        world.unsubscribe("feed:*");
        world.unsubscribe("feed:binance");
        world.run_ms(200);
    }
    assert_eq!(world.status().counters.holes, 0);
    world.assert_no_alarm();
}

#[test]
fn a_page_that_was_reloaded_goes_on_where_it_was() {
    let mut world = World::new(1, Default::default(), &[TOPIC]);
    world.publish(TOPIC, 10);
    world.subscribe_from(TOPIC, Some(Position::new(Epoch(1_000), Sequence(4))));
    world.input(Input::Start);
    world.run_ms(2_000);
    assert_eq!(world.status().counters.caught_up, 6);
    assert!(world.notes.iter().any(|note| matches!(note, Note::CaughtUp { messages: 6, .. })));
    world.assert_no_alarm();
}

#[test]
fn a_refused_topic_says_why_and_keeps_nobody_from_being_live() {
    let mut world = World::live(&[TOPIC]);
    world.relay.forbidden.insert("price:AAPL".parse().unwrap());
    world.subscribe("price:AAPL");
    world.run_ms(500);
    assert_eq!(world.state(), State::Live);
    let is_refusal = |delivery: &&Delivery| matches!(delivery, Delivery::Refused { .. });
    assert_eq!(world.deliveries.iter().filter(is_refusal).count(), 1);
    world.relay.forbidden.clear();
    world.relay.add_topic(&"price:AAPL".parse().unwrap());
    world.subscribe("price:AAPL");
    world.publish("price:AAPL", 1);
    world.run_ms(500);
    world.assert_no_alarm();
    assert_eq!(world.status().counters.delivered, 1);
}
