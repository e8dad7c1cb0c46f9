//! "I wrote something and closed the tab at once." It was saved, but no other tab was told.

use tidemark_shared::outbox::Input;

use crate::world::{Event, World, note, setting};

#[test]
fn the_tab_that_sends_finds_it_by_itself() {
    let (mut world, _) = World::with_one_tab();
    let closing = world.open_tab(0);
    world.settle();
    let tag = world.write(closing, &note("AAPL"));
    world.events.retain(|event| !matches!(event, Event::Tells { .. }));
    world.crash(closing);
    world.settle();
    assert_eq!(world.decided(&tag), 1);
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn a_missed_change_shows_when_the_next_one_comes() {
    let (mut world, tab) = World::with_one_tab();
    world.unlink(0);
    let missed = world.write(tab, &note("AAPL"));
    world.events.clear();
    let next = world.write(tab, &setting("main"));
    world.settle();
    assert_eq!(world.value(tab, &note("AAPL")), Some(missed));
    assert_eq!(world.value(tab, &setting("main")), Some(next));
}

#[test]
fn changes_that_are_told_in_another_order_are_taken_in_theirs() {
    let (mut world, tab) = World::with_one_tab();
    world.unlink(0);
    world.write(tab, &note("AAPL"));
    let mid = world.devices[0].disk.items.keys().next().copied().unwrap();
    let hash = world.devices[0].disk.items[&mid].mutation.hash;
    world.perform(0, &tidemark_shared::outbox::Write::Cancel { mid, hash }).unwrap();
    world.happen(1);
    world.happen(0);
    assert_eq!(world.outbox(tab).items().count(), 0, "the cancel came after the write");
    assert!(world.outbox(tab).next_deadline().is_some());
    world.input(tab, Input::Released);
    assert_eq!(world.outbox(tab).next_deadline(), None);
}
