//! "The relay skipped a message, and I got it all the same."

use tidemark_shared::session::Note;

use crate::simulation::relay_end::RelayEnd;
use crate::simulation::{Fault, World};

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn a_lost_message_is_noticed_counted_and_fetched() {
    let mut world = World::live(&[TOPIC]);
    world.relay.fault = Some(Fault::LosesOne);
    world.publish_together(TOPIC, 5);
    world.publish_together(TOPIC, 5);
    world.run_ms(5_000);
    assert_eq!(world.status().counters.holes, 1);
    assert!(world.notes.iter().any(|note| matches!(note, Note::Hole { .. })));
    assert_everything_came(&world);
}

#[test]
fn a_repeated_message_is_dropped_and_counted() {
    let mut world = World::live(&[TOPIC]);
    world.relay.fault = Some(Fault::RepeatsOne);
    world.publish_together(TOPIC, 5);
    world.publish_together(TOPIC, 5);
    world.run_ms(5_000);
    assert_eq!(world.status().counters.duplicates, 1);
    assert_everything_came(&world);
}

#[test]
fn swapped_messages_come_in_their_order() {
    let mut world = World::live(&[TOPIC]);
    world.relay.fault = Some(Fault::SwapsTwo);
    world.publish_together(TOPIC, 5);
    world.publish_together(TOPIC, 5);
    world.run_ms(5_000);
    assert!(world.status().counters.holes >= 1);
    assert_everything_came(&world);
}

#[test]
fn a_log_that_has_a_hole_itself_is_started_over_and_the_user_is_told() {
    let mut world = World::live(&[TOPIC]);
    world.relay.fault = Some(Fault::LogHasAHole);
    world.publish_together(TOPIC, 4);
    world.run_ms(60_000);
    world.assert_no_alarm();
    assert!(world.status().counters.topics_lost >= 1);
    // It ended the argument: no endless asking.
    assert!(world.relay.frames < 30, "{} frames", world.relay.frames);
}

fn assert_everything_came(world: &World) {
    let topic = TOPIC.parse().unwrap();
    let head = world.relay.head(&topic).unwrap();
    assert!(world.checker.has_all_of(&topic, head));
    assert_eq!(world.status().counters.delivered, head.sequence.0);
    world.assert_no_alarm();
}
