//! "I pressed cancel before it was sent, and it was as if I had never written it."

use tidemark_shared::outbox::WriteRefused;

use crate::world::{Event, World, note};

#[test]
fn a_cancelled_write_is_never_done_and_leaves_without_a_word() {
    let (mut world, tab) = World::with_one_tab();
    world.unlink(0);
    world.write(tab, &note("AAPL"));
    world.run();
    let mid = world.outbox(tab).items().next().unwrap().mid();
    world.cancel(tab, mid).unwrap();
    world.run();
    assert_eq!(world.outbox(tab).items().count(), 0);
    assert_eq!(world.outbox(tab).counts().all(), 0);
    assert!(world.outbox(tab).view(&note("AAPL")).is_none_or(|view| view.deleted));
    world.link(0);
    world.settle();
    assert!(world.relay.documents.is_empty());
    assert!(world.devices[0].disk.items.is_empty());
    assert_eq!(world.cancelled_but_done(), [""; 0]);
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn what_was_written_on_top_of_it_stands() {
    let (mut world, tab) = World::with_one_tab();
    let first = world.write(tab, &note("AAPL"));
    world.settle();
    world.unlink(0);
    let tags: Vec<String> = (0..3)
        .map(|_| {
            let tag = world.write(tab, &note("AAPL"));
            world.run();
            tag
        })
        .collect();
    let second = world.outbox(tab).items().nth(1).unwrap().mid();
    world.cancel(tab, second).unwrap();
    world.run();
    assert_eq!(world.value(tab, &note("AAPL")), tags.last().cloned());
    world.link(0);
    world.settle();
    assert_eq!(world.value(tab, &note("AAPL")), tags.last().cloned());
    assert_eq!(world.outbox(tab).counts().all(), 0, "no conflict with {first} comes of it");
    assert_eq!(world.cancelled_but_done(), [""; 0]);
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn once_it_is_on_its_way_it_is_too_late() {
    let (mut world, tab) = World::with_one_tab();
    let mid = world.write_text(tab, &note("AAPL"), "x").unwrap();
    world.run_until(|event| matches!(event, Event::Pushes { .. }));
    assert_eq!(world.cancel(tab, mid), Err(WriteRefused::AlreadySent));
}
