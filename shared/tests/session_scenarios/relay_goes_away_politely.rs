//! "The operator restarts the relay: it says so, and when to come back."

use tidemark_shared::protocol::{CloseCode, Closing};
use tidemark_shared::session::{Input, Note, State};

use crate::simulation::World;

const TOPIC: &str = "price:AAPL";

#[test]
fn nobody_comes_back_before_the_time_that_the_relay_asked_for() {
    let mut world = World::live(&[TOPIC]);
    let asked_at = goodbye(&mut world, 20_000);
    assert_eq!(world.status().attempts, 0, "a polite goodbye costs an attempt");
    // Good news of the network does not change what the relay asked for.
    world.input(Input::Offline);
    world.input(Input::Online);
    assert!(world.run_until_so(60_000, |world| world.state() == State::Live));
    let away_ms = (world.time() - asked_at).as_millis();
    assert!((20_000..23_000).contains(&away_ms), "came back after {away_ms} ms");
    let announced = |note: &Note| matches!(note, Note::RelayClosing { .. });
    assert!(world.notes.iter().any(announced));
}

#[test]
fn the_user_may_come_back_earlier() {
    let mut world = World::live(&[TOPIC]);
    goodbye(&mut world, 20_000);
    world.input(Input::ReconnectNow);
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
}

#[test]
fn a_connection_that_the_operator_closed_comes_back_when_he_allows_it() {
    let mut world = World::live(&[TOPIC]);
    let asked_at = goodbye_with(&mut world, CloseCode::SentAway.number(), 10_000);
    assert!(world.run_until_so(60_000, |world| world.state() == State::Live));
    let away_ms = (world.time() - asked_at).as_millis();
    assert!((10_000..13_000).contains(&away_ms), "came back after {away_ms} ms");
}

fn goodbye(world: &mut World, after_ms: u64) -> std::time::Duration {
    goodbye_with(world, CloseCode::GoingAway.number(), after_ms)
}

fn goodbye_with(world: &mut World, code: u16, after_ms: u64) -> std::time::Duration {
    let reason = "restart".to_owned();
    world.relay.close_all(&Closing { code, reason, reconnect: true, after_ms });
    world.publish(TOPIC, 1);
    assert!(world.run_until_so(1_000, |world| world.state() == State::Backoff));
    world.time()
}
