//! "Back home, where WebSockets work, it moved over to one by itself, and nothing was lost."

use tidemark_shared::session::{Input, Note, Settings, State, Transport};

use crate::simulation::World;
use crate::simulation::network::Block;

const TOPIC: &str = "bars:1m:AAPL";

#[test]
fn the_topics_move_over_from_where_they_stand() {
    let mut world = on_sse();
    world.network.blocked.clear();
    for _ in 0..80 {
        world.publish(TOPIC, 1);
        world.run_ms(1_000);
    }
    world.run_ms(1_000);
    assert_eq!(world.state(), State::Live);
    assert_eq!(world.status().transport, Some(Transport::WebSocket));
    let upgraded = Note::Upgraded { from: Transport::Sse, to: Transport::WebSocket };
    assert!(world.notes.contains(&upgraded));
    assert_eq!(world.status().counters.delivered, 80);
    assert_eq!(world.network.open.len(), 1, "the old connection was left open");
    world.assert_no_alarm();
}

#[test]
fn a_trial_that_fails_is_never_noticed_and_made_ever_more_rarely() {
    let mut world = on_sse();
    let links_before = world.links_opened();
    world.run_ms(3_600_000);
    assert_eq!(world.status().counters.connections, 1);
    assert_eq!(world.state(), State::Live);
    // After 1, 2, 4, 8, 16 and 30 minutes: not more than six in an hour.
    let trials = world.links_opened() - links_before;
    assert!((4..=6).contains(&trials), "{trials} trials");
}

#[test]
fn a_proxy_that_opens_and_swallows_costs_one_short_pause() {
    let mut world = on_sse();
    world.network.blocked.insert(Transport::WebSocket, Block::Swallows);
    world.run_ms(62_000);
    assert_eq!(world.state(), State::Greeting);
    world.publish(TOPIC, 3);
    assert!(world.run_until_so(12_000, |world| world.state() == State::Live));
    assert_eq!(world.status().transport, Some(Transport::Sse));
    assert_eq!(world.status().counters.delivered, 3);
    world.assert_no_alarm();
}

fn on_sse() -> World {
    let mut world = World::new(1, Settings::default(), &[TOPIC]);
    world.network.blocked.insert(Transport::WebSocket, Block::Refused);
    world.subscribe(TOPIC);
    world.input(Input::Start);
    assert!(world.run_until_so(10_000, |world| world.state() == State::Live));
    assert_eq!(world.status().transport, Some(Transport::Sse));
    world
}
