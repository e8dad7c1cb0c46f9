//! "I open the lid, and the prices are live again at once."

use std::time::Duration;

use tidemark_shared::session::{Input, Note, State};

use crate::simulation::World;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn it_is_live_within_seconds_whether_or_not_the_platform_says_that_it_slept() {
    for said in [Some(Input::Resumed), Some(Input::Online), Some(Input::Shown), None] {
        let mut world = World::live(&[TOPIC]);
        world.publish(TOPIC, 3);
        world.run_ms(1_000);
        world.sleep(Duration::from_secs(8 * 3_600));
        world.publish(TOPIC, 4);
        let told = said.clone();
        world.run_again(said);
        // Without a word from the platform, the next thing that runs is the timer.
        let patience_ms = if told.is_some() { 4_000 } else { 45_000 };
        let is_live = world.run_until_so(patience_ms, |world| {
            world.state() == State::Live && world.status().counters.delivered == 7
        });
        assert!(is_live, "after {told:?}: {:?}", world.status());
        assert!(world.notes.iter().any(|note| matches!(note, Note::Woke { .. })));
        assert!(world.notes.iter().any(|note| matches!(note, Note::CaughtUp { messages: 4, .. })));
        world.assert_no_alarm();
    }
}

#[test]
fn a_connection_that_survived_the_nap_is_kept() {
    let mut world = World::live(&[TOPIC]);
    world.stop_running();
    world.run_ms(50_000);
    world.run_again(Some(Input::Resumed));
    world.run_ms(5_000);
    assert_eq!(world.state(), State::Live);
    assert_eq!(world.status().counters.connections, 1);
}

#[test]
fn what_was_buffered_before_the_sleep_does_not_pass_for_life() {
    let mut world = World::live(&[TOPIC]);
    world.stop_running();
    world.publish(TOPIC, 2);
    world.run_ms(1_000);
    world.sleep(Duration::from_secs(600));
    world.run_again(Some(Input::Resumed));
    assert!(world.run_until_so(4_000, |world| world.status().counters.connections == 2));
    assert_eq!(world.status().counters.delivered, 2);
    world.assert_no_alarm();
}

#[test]
fn a_retry_that_was_waiting_is_made_at_once() {
    let mut world = World::live(&[TOPIC]);
    world.network.weather = crate::simulation::network::Weather::Refusing;
    world.cut();
    world.run_ms(120_000);
    world.stop_running();
    world.network.weather = crate::simulation::network::Weather::Fair;
    world.sleep(Duration::from_secs(600));
    world.run_again(Some(Input::Resumed));
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
}
