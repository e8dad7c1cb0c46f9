//! "I asked for something just when the connection broke, and got my answer, once."

use tidemark_shared::session::{AskFailed, Input};

use crate::simulation::World;
use crate::simulation::network::Weather;

#[test]
fn it_is_asked_again_on_the_next_connection() {
    let mut world = World::live(&[]);
    world.cut_silently();
    let id = world.ask();
    world.run_ms(100);
    world.cut();
    world.input(Input::ReconnectNow);
    world.run_ms(2_000);
    assert!(matches!(world.answers.get(&id), Some(Ok(_))));
}

#[test]
fn without_a_connection_it_fails_in_time_and_not_later() {
    let mut world = World::live(&[]);
    world.network.weather = Weather::Refusing;
    world.cut();
    world.run_ms(100);
    let id = world.ask();
    world.run_ms(14_000);
    assert_eq!(world.answers.get(&id), None);
    world.run_ms(2_000);
    assert_eq!(world.answers.get(&id), Some(&Err(AskFailed::Timeout)));
}

#[test]
fn a_relay_that_does_not_answer_is_not_waited_for_for_ever() {
    let mut world = World::live(&[]);
    world.relay.is_mute = true;
    let id = world.ask();
    world.run_ms(16_000);
    assert_eq!(world.answers.get(&id), Some(&Err(AskFailed::Timeout)));
}

#[test]
fn stopping_answers_everything_that_is_open() {
    let mut world = World::new(1, Default::default(), &[]);
    let id = world.ask();
    world.input(Input::Stop);
    assert_eq!(world.answers.get(&id), Some(&Err(AskFailed::Stopped)));
}
