//! "The train went into a tunnel just when I had pressed save." The relay did it; nobody heard.

use std::time::Duration;

use tidemark_shared::clock::UnixMillis;
use tidemark_shared::outbox::{Input, Pending};
use tidemark_shared::protocol::{ErrorCode, WireError};

use crate::world::{Event, World, setting};

#[test]
fn it_is_sent_again_and_done_once() {
    let (mut world, tab) = World::with_one_tab();
    let tag = world.write(tab, &setting("main"));
    for _ in 0..3 {
        world.run_until(|event| matches!(event, Event::Pushed { .. }));
        world.lose(world.place_of(|event| matches!(event, Event::Pushed { .. })));
        assert_eq!(world.value(tab, &setting("main")), Some(tag.clone()));
        world.advance(Duration::from_secs(61));
    }
    world.settle();
    assert_eq!(world.alarms_at_rest(), [""; 0]);
    assert_eq!(world.relay.decisions.len(), 1);
}

#[test]
fn waits_grow_but_end_when_the_user_or_the_network_says_so() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("main"));
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        world.run_until(|event| matches!(event, Event::Pushes { .. }));
        world.lose(world.place_of(|event| matches!(event, Event::Pushes { .. })));
        world.run();
        let start_ms = world.now_ms;
        while !world.is_under_way(|event| matches!(event, Event::Pushes { .. })) {
            world.run();
            world.advance(Duration::from_secs(70));
        }
        longest = longest.max(Duration::from_millis(world.now_ms - start_ms));
    }
    assert!(longest > Duration::from_secs(16), "the longest wait was {longest:?}");
    assert!(longest <= Duration::from_secs(60), "the longest wait was {longest:?}");

    world.lose(world.place_of(|event| matches!(event, Event::Pushes { .. })));
    assert!(!world.is_under_way(|event| matches!(event, Event::Pushes { .. })));
    world.input(tab, Input::RetryNow);
    assert!(world.is_under_way(|event| matches!(event, Event::Pushes { .. })));

    world.lose(world.place_of(|event| matches!(event, Event::Pushes { .. })));
    world.unlink(0);
    world.link(0);
    assert!(world.is_under_way(|event| matches!(event, Event::Pushes { .. })));
    world.settle();
    assert_eq!(world.alarms_at_rest(), [""; 0]);
    assert_eq!(world.outbox(tab).view(&setting("main")).unwrap().pending, Pending::Nothing);
}

#[test]
fn a_relay_that_asks_for_patience_gets_it() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("main"));
    world.run_until(|event| matches!(event, Event::Pushes { .. }));
    let mut error = WireError::new(ErrorCode::RateLimited, "not so fast");
    error.retry_after_ms = Some(90_000);
    world.refuse(world.place_of(|event| matches!(event, Event::Pushes { .. })), error);
    world.run();
    let asked_at = UnixMillis(i64::try_from(world.now_ms).unwrap());
    while !world.is_under_way(|event| matches!(event, Event::Pushes { .. })) {
        world.run();
        world.advance(Duration::from_secs(70));
    }
    let now = UnixMillis(i64::try_from(world.now_ms).unwrap());
    assert!(now.since(asked_at) >= Duration::from_secs(90));
}

#[test]
fn news_that_never_come_are_asked_for() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("main"));
    world.run_until(|event| matches!(event, Event::News { .. }));
    world.lose(world.place_of(|event| matches!(event, Event::News { .. })));
    world.run();
    assert_eq!(world.outbox(tab).counts().accepted, 1);
    world.settle();
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}
