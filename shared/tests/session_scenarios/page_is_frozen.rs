//! "The tab was frozen in the background. When I look at it again, it goes on."

use tidemark_shared::session::{Input, Note, State};

use crate::simulation::World;

const TOPIC: &str = "price:AAPL";

#[test]
fn a_frozen_page_says_so_and_goes_on_with_the_connection_it_had() {
    let mut world = World::live(&[TOPIC]);
    world.input(Input::Frozen);
    assert_eq!(world.state(), State::Suspended);
    world.stop_running();
    world.publish(TOPIC, 5);
    world.run_ms(300_000);
    world.run_again(Some(Input::Resumed));
    world.run_ms(3_000);
    assert_eq!(world.state(), State::Live);
    assert_eq!(world.status().counters.connections, 1);
    assert!(world.notes.iter().any(|note| matches!(note, Note::Woke { .. })));
    world.assert_no_alarm();
}

#[test]
fn a_page_that_is_never_told_that_it_runs_again_finds_out_by_its_timer() {
    let mut world = World::live(&[TOPIC]);
    world.input(Input::Frozen);
    world.run_ms(60_000);
    assert_eq!(world.state(), State::Live);
}

#[test]
fn slow_timers_of_a_hidden_page_kill_no_connection() {
    let mut world = World::live(&[TOPIC]);
    world.input(Input::Hidden);
    world.timer_late_ms = 60_000;
    world.run_ms(3_600_000);
    world.input(Input::Shown);
    world.run_ms(3_000);
    assert_eq!(world.status().counters.connections, 1);
    assert_eq!(world.state(), State::Live);
}
