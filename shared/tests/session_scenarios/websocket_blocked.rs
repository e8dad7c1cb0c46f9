//! "The company's proxy lets no WebSocket through. It works all the same."

use tidemark_shared::session::{Input, Note, Settings, State, Transport};

use crate::simulation::World;
use crate::simulation::network::Block;

const TOPIC: &str = "price:AAPL";

#[test]
fn two_failures_in_a_row_are_enough_however_they_show() {
    for block in [Block::Refused, Block::Hangs, Block::Swallows] {
        let mut world = blocked(&[Transport::WebSocket], block);
        assert!(world.run_until_so(40_000, |world| world.state() == State::Live));
        assert_eq!(world.status().transport, Some(Transport::Sse));
        let fell = Note::FellBack { from: Transport::WebSocket, to: Transport::Sse };
        assert!(world.notes.contains(&fell));
    }
}

#[test]
fn long_polling_is_the_last_resort_and_is_remembered() {
    let mut world = blocked(&[Transport::WebSocket, Transport::Sse], Block::Refused);
    assert!(world.run_until_so(60_000, |world| world.state() == State::Live));
    assert_eq!(world.status().transport, Some(Transport::Poll));
    // Stable, so that the backoff starts anew.
    world.run_ms(35_000);
    world.cut();
    world.run_ms(1);
    assert!(world.run_until_so(3_000, |world| world.state() == State::Live));
    assert_eq!(world.status().transport, Some(Transport::Poll), "it starts from the top again");
}

#[test]
fn being_offline_is_not_the_transports_fault() {
    let mut world = World::new(1, Settings::default(), &[TOPIC]);
    world.input(Input::Offline);
    world.network.weather = crate::simulation::network::Weather::Refusing;
    world.input(Input::Start);
    world.run_ms(600_000);
    assert!(!world.notes.iter().any(|note| matches!(note, Note::FellBack { .. })));
}

fn blocked(transports: &[Transport], block: Block) -> World {
    let mut world = World::new(1, Settings::default(), &[TOPIC]);
    for transport in transports {
        world.network.blocked.insert(*transport, block);
    }
    world.subscribe(TOPIC);
    world.input(Input::Start);
    world
}
