//! "News that is worth nothing after two seconds is not shown to me after ten."

use tidemark_shared::session::{Input, State};

use crate::simulation::World;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn what_is_past_its_time_is_counted_and_the_rest_goes_on() {
    for clock_skew_ms in [0, 3_600_000, -3_600_000] {
        let mut world = World::new(1, Default::default(), &[TOPIC]);
        world.clock_skew_ms = clock_skew_ms;
        world.subscribe(TOPIC);
        world.input(Input::Start);
        world.run_ms(5_000);
        world.relay.ttl_ms = Some(2_000);
        world.input(Input::Offline);
        world.publish(TOPIC, 4);
        world.run_ms(10_000);
        world.input(Input::Online);
        assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
        world.publish(TOPIC, 2);
        world.run_ms(1_000);
        let counters = world.status().counters;
        assert_eq!((counters.stale, counters.delivered, counters.holes), (4, 2, 0));
    }
}

#[test]
fn nothing_is_called_stale_because_somebody_set_the_clock() {
    let mut world = World::live(&[TOPIC]);
    world.relay.ttl_ms = Some(2_000);
    world.clock_skew_ms = 3_600_000;
    world.publish(TOPIC, 3);
    world.run_ms(1_000);
    world.publish(TOPIC, 3);
    world.run_ms(1_000);
    assert_eq!((world.status().counters.stale, world.status().counters.delivered), (0, 6));
}
