//! "I drive into a tunnel: the screen says so at once, and is live again when I come out."

use tidemark_shared::session::{Input, LinkError, Note, State};

use crate::simulation::World;
use crate::simulation::network::Weather;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn offline_is_shown_at_once_and_online_reconnects_at_once() {
    let mut world = World::live(&[TOPIC]);
    world.input(Input::Offline);
    assert_eq!(world.state(), State::Offline);
    assert!(world.network.open.is_empty(), "the open connection was not dropped");
    world.publish(TOPIC, 6);
    world.run_ms(20_000);
    assert_eq!(world.state(), State::Offline);
    world.input(Input::Online);
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
    assert!(world.notes.iter().any(|note| matches!(note, Note::CaughtUp { messages: 6, .. })));
    world.assert_no_alarm();
}

#[test]
fn a_platform_that_forgets_to_say_online_is_not_believed_for_ever() {
    let mut world = World::live(&[TOPIC]);
    world.input(Input::Offline);
    assert!(world.run_until_so(35_000, |world| world.state() == State::Live));
}

#[test]
fn a_connection_that_dies_without_a_word_is_suspected_then_replaced() {
    let mut world = World::live(&[TOPIC]);
    world.cut_silently();
    assert!(world.run_until_so(40_000, |world| world.state() == State::Suspect));
    assert!(world.run_until_so(40_000, |world| world.state() == State::Live));
    let is_silent = |error: &LinkError| matches!(error, LinkError::Silent { .. });
    assert!(world.status().last_error.as_ref().is_some_and(is_silent));
}

#[test]
fn the_user_sees_when_the_next_attempt_is_due_and_need_not_wait_for_it() {
    let mut world = World::live(&[TOPIC]);
    world.network.weather = Weather::Refusing;
    world.cut();
    world.run_ms(90_000);
    assert!(world.run_until_so(30_000, |world| world.state() == State::Backoff));
    assert!(world.status().next_attempt.is_some_and(|at| at > world.now().moment));
    world.network.weather = Weather::Fair;
    world.input(Input::ReconnectNow);
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
}

#[test]
fn reconnect_now_works_in_every_state() {
    let mut world = World::new(1, Default::default(), &[TOPIC]);
    for _ in 0..8 {
        world.input(Input::ReconnectNow);
        assert_eq!(world.state(), State::Connecting);
        world.run_ms(15);
    }
    for input in [Input::Frozen, Input::Offline, Input::Stop] {
        world.input(input);
        world.input(Input::ReconnectNow);
        assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
    }
    assert_eq!(world.network.open.len(), 1);
}
