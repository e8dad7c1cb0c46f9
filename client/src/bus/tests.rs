use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tidemark_shared::protocol::{Notice, Severity};

use super::*;

const NOTICES: Filter = Filter::kinds(&[Kind::Notice]);

fn notice(text: &str) -> AppEvent {
    AppEvent::Notice(Notice { severity: Severity::Info, text: text.into() })
}

fn after(secs: u64) -> Moment {
    Moment::START + Duration::from_secs(secs)
}

fn publish(bus: &Bus, what: AppEvent, now: Moment) {
    bus.publish(what, now, UnixMillis(0));
}

/// A subscriber that writes down the sizes of its batches.
fn sizes(bus: &Bus, filter: Filter, batch: Batch) -> (Subscription, Rc<RefCell<Vec<usize>>>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let writes = seen.clone();
    let subscription = bus.subscribe(filter, batch, move |events| {
        writes.borrow_mut().push(events.len());
        Ok(())
    });
    (subscription.unwrap(), seen)
}

#[test]
fn a_subscriber_hears_only_what_it_asked_for() {
    let bus = Bus::default();
    let loud = NOTICES.that(|event| match &event.what {
        AppEvent::Notice(notice) => notice.text == "loud",
        _ => false,
    });
    let (_all, all) = sizes(&bus, NOTICES, Batch::NONE);
    let (_loud, only) = sizes(&bus, loud, Batch::NONE);
    publish(&bus, notice("quiet"), after(0));
    publish(&bus, AppEvent::Painted { rows: 1 }, after(0));
    publish(&bus, notice("loud"), after(0));
    assert_eq!(*all.borrow(), [1, 1]);
    assert_eq!(*only.borrow(), [1]);
}

#[test]
fn a_batch_comes_when_it_is_full_or_when_it_has_waited_long_enough() {
    let bus = Bus::default();
    let (_held, seen) = sizes(&bus, NOTICES, Batch { events: 3, wait: Duration::from_secs(5) });
    for _ in 0..4 {
        publish(&bus, notice("x"), after(1));
    }
    assert_eq!(*seen.borrow(), [3], "full");
    bus.flush_due(after(5));
    assert_eq!(*seen.borrow(), [3], "the fourth has waited 4 s of 5");
    bus.flush_due(after(6));
    assert_eq!(*seen.borrow(), [3, 1]);
}

#[test]
fn a_failing_handler_gets_its_batch_again_but_not_for_ever() {
    let bus = Bus::default();
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    let _held = bus.subscribe(NOTICES, Batch::NONE, move |events| {
        counted.set(counted.get() + 1);
        assert_eq!(events.len(), 1);
        Err(HandlerFailed { reason: "disk full".into() })
    });
    publish(&bus, notice("x"), after(0));
    for second in 1..9 {
        bus.flush_due(after(second));
    }
    assert_eq!(calls.get(), 3);
}

#[test]
fn who_let_go_of_a_subscription_hears_nothing_more() {
    let bus = Bus::default();
    let (held, seen) = sizes(&bus, NOTICES, Batch::NONE);
    drop(held);
    publish(&bus, notice("x"), after(0));
    assert!(seen.borrow().is_empty());
}

#[test]
fn the_history_keeps_the_newest_thousand_of_each_kind() {
    let bus = Bus::default();
    publish(&bus, notice("first"), after(0));
    for rows in 0..1_500 {
        publish(&bus, AppEvent::Painted { rows }, after(0));
    }
    assert_eq!(bus.history(Kind::Notice).len(), 1, "pushed out by another kind");
    let painted = bus.history(Kind::Painted);
    assert_eq!(painted.len(), 1_000);
    assert_eq!(painted.first().unwrap().what, AppEvent::Painted { rows: 500 });
}

#[test]
fn a_handler_may_publish() {
    let bus = Bus::default();
    let inside = bus.clone();
    let _held = bus.subscribe(NOTICES, Batch::NONE, move |_| {
        inside.publish(AppEvent::Painted { rows: 0 }, after(0), UnixMillis(0));
        Ok(())
    });
    publish(&bus, notice("x"), after(0));
    assert_eq!(bus.history(Kind::Painted).len(), 1);
}
