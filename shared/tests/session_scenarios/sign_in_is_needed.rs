//! "The relay wants a sign-in: I am asked for it, and the relay is not hammered meanwhile."

use tidemark_shared::session::{Input, Settings, State};

use crate::simulation::World;

#[test]
fn a_token_ends_the_waiting_at_once_and_is_sent() {
    let mut world = refused(4504, State::NeedsAuth);
    world.relay.refusal = None;
    world.input(Input::SignIn { token: Some("secret".into()) });
    assert!(world.run_until_so(1_000, |world| world.state() == State::Live));
    assert_eq!(world.relay.tokens.last(), Some(&Some("secret".into())));
}

#[test]
fn a_refusal_is_retried_slowly_and_by_itself() {
    for (code, state) in [
        (4500, State::NeedsUpgrade),
        (4501, State::NeedsUpgrade),
        (4502, State::NeedsUpgrade),
        (4503, State::Backoff),
        (4504, State::NeedsAuth),
        (4999, State::Backoff),
    ] {
        let mut world = refused(code, state);
        world.input(Input::Online);
        world.run_ms(29_000);
        assert_eq!(world.relay.tokens.len(), 1, "{code} was retried too soon");
        world.relay.refusal = None;
        assert!(world.run_until_so(300_000, |world| world.state() == State::Live));
    }
}

fn refused(code: u16, state: State) -> World {
    let mut world = World::new(1, Settings::default(), &["price:AAPL"]);
    world.relay.refusal = Some((code, "no"));
    world.subscribe("price:AAPL");
    world.input(Input::Start);
    world.run_ms(1_000);
    assert_eq!(world.state(), state);
    world
}
