//! "I follow the whole market."

use tidemark_shared::protocol::FRAME_BYTES_MAX;
use tidemark_shared::session::{Input, Settings, State};

use crate::simulation::World;

#[test]
fn wishes_are_split_into_frames_that_the_relay_takes_also_after_a_drop() {
    let names: Vec<String> = (0..5_000).map(|n| format!("bars:1m:SYMBOL{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let settings = Settings { token: Some("t".repeat(9_000)), ..Settings::default() };
    let mut world = World::new(1, settings, &names);
    names.iter().for_each(|name| world.subscribe(name));
    world.input(Input::Start);
    assert!(world.run_until_so(20_000, |world| world.state() == State::Live));
    world.cut();
    world.run_ms(1);
    assert!(world.run_until_so(20_000, |world| world.state() == State::Live));
    assert_eq!(world.deliveries.len(), 5_000, "each topic started once");
    let largest = world.relay.frame_bytes_max;
    assert!((FRAME_BYTES_MAX / 4..=FRAME_BYTES_MAX).contains(&largest), "{largest} bytes");
}
