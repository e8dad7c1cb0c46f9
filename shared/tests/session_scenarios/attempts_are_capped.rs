//! "I set it to give up after five attempts, and it did; then I told it to try again."

use tidemark_shared::session::{Input, Note, Settings, State};

use crate::simulation::World;
use crate::simulation::network::Weather;

#[test]
fn it_gives_up_after_the_configured_number_and_starts_anew_when_told() {
    for again in [Input::Start, Input::ReconnectNow] {
        let settings = Settings { attempts_max: Some(5), ..Settings::default() };
        let mut world = World::new(1, settings, &[]);
        world.network.weather = Weather::Refusing;
        world.input(Input::Start);
        world.run_ms(600_000);
        assert_eq!(world.state(), State::GaveUp);
        let is_attempt = |note: &&Note| matches!(note, Note::Connecting { .. });
        assert_eq!(world.notes.iter().filter(is_attempt).count(), 5);
        world.network.weather = Weather::Fair;
        world.run_ms(600_000);
        assert_eq!(world.state(), State::GaveUp, "it does not keep to its word");
        world.input(again);
        assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
    }
}

#[test]
fn without_a_cap_it_never_gives_up() {
    let mut world = World::new(1, Settings::default(), &[]);
    world.network.weather = Weather::Refusing;
    world.input(Input::Start);
    world.run_ms(24 * 3_600_000);
    world.network.weather = Weather::Fair;
    assert!(world.run_until_so(31_000, |world| world.state() == State::Live));
}
