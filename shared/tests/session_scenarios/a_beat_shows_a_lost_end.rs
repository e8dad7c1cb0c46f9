//! "The last message before the silence was lost, and nothing came after it that would show it."

use crate::simulation::relay_end::RelayEnd;
use crate::simulation::{Fault, World};

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn a_beat_that_says_more_was_sent_fetches_the_rest() {
    let mut world = World::live(&[TOPIC]);
    world.relay.fault = Some(Fault::LosesTheLast);
    world.publish_together(TOPIC, 3);
    let topic = TOPIC.parse().unwrap();
    let head = world.relay.head(&topic).unwrap();
    world.run_ms(2_000);
    assert!(!world.checker.has_all_of(&topic, head), "nothing was lost: the test shows nothing");
    world.run_ms(65_000);
    assert!(world.checker.has_all_of(&topic, head));
    assert_eq!(world.status().counters.holes, 1);
    world.assert_no_alarm();
}
