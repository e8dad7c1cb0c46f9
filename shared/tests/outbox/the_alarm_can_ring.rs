//! "A test that cannot fail proves nothing": each promise is broken on purpose, and the harness is
//! to see it.

use std::time::Duration;

use crate::world::relay::Fault;
use crate::world::{Event, World, setting};

#[test]
fn in_an_honest_world_it_is_silent() {
    let world = with_lost_answers(Fault::None);
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn a_relay_that_does_a_write_twice_rings() {
    let world = with_lost_answers(Fault::NoDedupe);
    assert!(
        world.alarms().iter().any(|alarm| alarm.contains("took effect")),
        "{:#?}",
        world.relay.decisions
    );
}

#[test]
fn a_relay_that_does_nothing_but_answer_rings() {
    let world = with_lost_answers(Fault::Forgetful);
    assert!(world.alarms().iter().any(|alarm| alarm.contains("is gone")), "{:?}", world.alarms());
}

#[test]
fn a_shell_that_does_not_write_down_that_it_sends_rings() {
    let (mut world, tab) = World::with_one_tab();
    world.skips_marks = true;
    let mid = world.write_text(tab, &setting("main"), "x").unwrap();
    world.run_until(|event| matches!(event, Event::Pushes { .. }));
    world.cancel(tab, mid).unwrap();
    world.run();
    assert_eq!(world.cancelled_but_done(), ["x was taken back, and done"]);
}

/// A document is made and deleted, and the relay hears of both twice.
fn with_lost_answers(fault: Fault) -> World {
    let (mut world, tab) = World::with_one_tab();
    world.relay.fault = fault;
    world.write(tab, &setting("main"));
    world.happen(0);
    world.delete(tab, &setting("main"));
    for _ in 0..2 {
        world.run_until(|event| matches!(event, Event::Pushed { .. }));
        world.lose(world.place_of(|event| matches!(event, Event::Pushed { .. })));
        world.run();
        world.advance(Duration::from_secs(61));
    }
    world.settle();
    world
}
