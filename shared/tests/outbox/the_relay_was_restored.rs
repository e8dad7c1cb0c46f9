//! "They put a backup from last night in place. My morning's work was still there at noon."

use std::time::Duration;

use tidemark_shared::outbox::{Input, Output};

use crate::world::{Event, World, note, setting};

#[test]
fn what_was_confirmed_accepted_or_waiting_comes_back_once() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("old"));
    world.settle();
    let backup = world.relay.clone();
    let confirmed = world.write(tab, &setting("old"));
    world.settle();
    let accepted = world.write(tab, &note("accepted"));
    world.run_until(|event| matches!(event, Event::Pushed { .. }));
    // The answer comes, the news of it does not.
    world.lose(world.place_of(|event| matches!(event, Event::News { .. })));
    world.run();
    assert_eq!(world.outbox(tab).counts().accepted, 1);
    world.unlink(0);
    let waiting = world.write(tab, &setting("old"));
    world.run();

    world.relay.restore(&backup);
    world.link(0);
    while !world.events.is_empty() {
        world.happen(0);
        assert_eq!(world.value(tab, &setting("old")), Some(waiting.clone()), "no flicker");
        assert_eq!(world.value(tab, &note("accepted")), Some(accepted.clone()), "no flicker");
        world.advance(Duration::from_secs(1));
    }
    world.settle();
    assert_eq!(world.alarms_at_rest(), [""; 0]);
    assert_eq!(world.value(tab, &setting("old")), Some(waiting.clone()));
    assert!(world.take_told(tab).contains(&Output::Reinstated { documents: 1 }));
    let decided = |tag: &str| world.decided(tag);
    // The document came back as it was; of the writes only those that it was not made of.
    assert_eq!((decided(&confirmed), decided(&accepted), decided(&waiting)), (0, 1, 1));
    assert_eq!(world.outbox(tab).counts().all(), 0);
}

#[test]
fn an_old_file_put_in_place_without_a_word_is_noticed() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("a"));
    world.settle();
    let backup = world.relay.clone();
    let lost = world.write(tab, &setting("a"));
    world.settle();
    world.restart_relay(|relay| relay.roll_back(&backup));
    world.settle();
    assert_eq!(world.value(tab, &setting("a")), Some(lost.clone()));
    let there = world.relay.documents[&setting("a")].body.text("value").map(str::to_owned);
    assert_eq!(there, Some(lost));
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn two_devices_bring_back_the_later_of_what_they_had() {
    let (mut world, tab) = World::with_one_tab();
    let device = world.add_device();
    let other = world.open_tab(device);
    world.input(other, Input::Holding);
    world.link(device);
    world.settle();
    let backup = world.relay.clone();
    world.write(tab, &note("AAPL"));
    world.settle();
    world.unlink(device);
    let latest = world.write(tab, &note("AAPL"));
    world.settle();
    world.unlink(0);
    world.relay.restore(&backup);
    // The one that knows less comes first.
    world.link(device);
    world.settle();
    world.link(0);
    world.settle();
    for tab in [tab, other] {
        assert_eq!(world.value(tab, &note("AAPL")), Some(latest.clone()));
        assert_eq!(world.outbox(tab).counts().all(), 0);
    }
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}
