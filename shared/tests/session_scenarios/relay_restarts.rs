//! "The relay was restarted. I was told what I missed, and nothing was mixed up."

use tidemark_shared::protocol::WhyNotRecovered;
use tidemark_shared::session::{Delivery, State};

use crate::simulation::World;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn a_log_numbered_anew_is_started_from_a_snapshot_with_the_reason() {
    let mut world = World::live(&[TOPIC]);
    world.publish(TOPIC, 9);
    world.run_ms(1_000);
    world.restart_relay();
    world.run_ms(1);
    world.publish(TOPIC, 3);
    assert!(world.run_until_so(5_000, |world| world.state() == State::Live));
    let lost: Vec<_> = world.deliveries.iter().filter_map(why_lost).collect();
    assert_eq!(lost, [WhyNotRecovered::NewEpoch]);
    assert_eq!(world.status().counters.topics_lost, 1);
    world.assert_no_alarm();
}

#[test]
fn who_was_away_for_longer_than_the_log_remembers_is_told_so() {
    let mut world = World::live(&[TOPIC]);
    world.cut();
    world.run_ms(1);
    world.publish(TOPIC, 40);
    assert!(world.run_until_so(5_000, |world| world.state() == State::Live));
    let lost: Vec<_> = world.deliveries.iter().filter_map(why_lost).collect();
    assert_eq!(lost, [WhyNotRecovered::Expired]);
    world.assert_no_alarm();
}

fn why_lost(delivery: &Delivery) -> Option<WhyNotRecovered> {
    match delivery {
        Delivery::Snapshot { lost, .. } => *lost,
        _ => None,
    }
}
