//! "I restored my home directory on a new laptop, and went on on both."

use tidemark_shared::outbox::{Input, Output};

use crate::world::device::TabId;
use crate::world::{Event, World, note, setting};

#[test]
fn both_go_on_and_nothing_is_lost_or_done_twice() {
    let (mut world, tab) = World::with_one_tab();
    world.relay.forgets_settled = false;
    world.unlink(0);
    let common = world.write(tab, &setting("common"));
    world.run();
    let copy = world.clone_device(0);
    let other = world.open_tab(copy);
    world.input(other, Input::Holding);
    let here = world.write(tab, &note("here"));
    let there = world.write(other, &note("there"));
    world.run();
    world.link(0);
    world.settle();
    world.link(copy);
    world.settle();

    assert!(world.take_told(other).contains(&Output::Forked));
    assert_ne!(world.devices[0].disk.meta.group, world.devices[copy].disk.meta.group);
    for tab in [tab, other] {
        assert_eq!(world.value(tab, &setting("common")), Some(common.clone()));
        assert_eq!(world.value(tab, &note("here")), Some(here.clone()));
        assert_eq!(world.value(tab, &note("there")), Some(there.clone()));
    }
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn two_tabs_of_the_copy_that_both_hear_of_it_take_one_new_name() {
    let (mut world, tab) = World::with_one_tab();
    world.unlink(0);
    let copy = world.clone_device(0);
    let [one, other] = [(); 2].map(|()| world.open_tab(copy));
    world.input(one, Input::Holding);
    world.input(other, Input::Holding);
    world.write(tab, &note("here"));
    let there = world.write(one, &note("there"));
    world.run();
    world.link(0);
    world.settle();

    world.link(copy);
    let is_answer_to =
        |to: TabId| move |event: &Event| matches!(event, Event::Pushed { tab, .. } if *tab == to);
    world.run_until(is_answer_to(other));
    let late = world.events.remove(world.place_of(is_answer_to(other))).unwrap();
    // The first tab takes a new name, and the relay does what it sends under that.
    world.run();
    world.run_until(is_answer_to(one));
    world.events.push_front(late);
    world.settle();

    assert_eq!(world.decided(&there), 1);
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}
