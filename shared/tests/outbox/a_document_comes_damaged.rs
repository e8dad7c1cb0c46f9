//! "One of my notes was garbled on its way. I never saw it so."

use tidemark_shared::outbox::{Input, Output};

use crate::world::{World, note};

#[test]
fn once_it_is_asked_for_again() {
    let (mut world, tab, tag) = with_damage(1);
    assert_eq!(world.value(tab, &note("AAPL")), Some(tag));
    assert_eq!(world.outbox(tab).damaged(), 0);
    assert!(!world.take_told(tab).contains(&Output::Damaged(note("AAPL"))));
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn always_it_is_left_out_and_said_and_all_else_goes_on() {
    let (mut world, tab, _) = with_damage(u32::MAX);
    assert_eq!(world.value(tab, &note("AAPL")), None);
    assert_eq!(world.outbox(tab).position(), Some(world.relay.position()));
    assert!(world.outbox(tab).damaged() > 0);
    assert!(world.take_told(tab).contains(&Output::Damaged(note("AAPL"))));
    assert!(world.value(tab, &note("MSFT")).is_some());
}

fn with_damage(times: u32) -> (World, crate::world::device::TabId, String) {
    let (mut world, writer) = World::with_one_tab();
    let tag = world.write(writer, &note("AAPL"));
    world.write(writer, &note("MSFT"));
    world.settle();
    world.relay.damage.insert(note("AAPL"), times);
    let device = world.add_device();
    let tab = world.open_tab(device);
    world.input(tab, Input::Holding);
    world.link(device);
    world.settle();
    (world, tab, tag)
}
