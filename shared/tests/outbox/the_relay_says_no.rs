//! "It would not take my note. At least my text was still there."

use tidemark_shared::documents::{MutationKind, Outcome};
use tidemark_shared::outbox::{Anew, ItemState, Output, Pending, Write, WriteRefused};

use crate::world::{World, note, setting};

#[test]
fn a_rejected_write_rolls_back_says_why_and_keeps_the_text() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("main"));
    world.settle();
    let before = world.value(tab, &setting("main"));
    world.write_text(tab, &setting("main"), "poison").unwrap();
    let after = world.write(tab, &note("AAPL"));
    world.take_told(tab);
    world.settle();

    let told = world.take_told(tab);
    let reason = told.iter().find_map(|output| match output {
        Output::RolledBack { entity, error } if *entity == setting("main") => error.clone(),
        _ => None,
    });
    assert_eq!(reason.unwrap().message, "that is poison");
    assert_eq!(world.value(tab, &setting("main")), before);
    assert_eq!(world.value(tab, &note("AAPL")), Some(after), "a poisoned write blocks nothing");
    let view = world.outbox(tab).view(&setting("main")).unwrap();
    let failed = world.outbox(tab).items().next().cloned().unwrap();
    assert_eq!((view.failed, view.pending), (Some(failed.mid()), Pending::Nothing));
    assert_eq!(world.outbox(tab).counts().rejected, 1);
    assert_eq!(world.alarms_at_rest(), [""; 0]);

    // Written anew: the failed one goes, the new one comes, in one step.
    let mut draft = failed.mutation.draft.clone();
    let value = "value".parse().unwrap();
    draft.changes.get_mut::<tidemark_shared::documents::Field>(&value).unwrap().to =
        Some("cured".into());
    let anew = Some(Anew { draft, now: failed.saved_at, seen: world.outbox(tab).seen() });
    let hash = failed.mutation.hash;
    let discard = Write::Discard { mid: failed.mid(), hash, anew };
    world.perform(0, &discard).unwrap();
    world.settle();
    assert_eq!(world.value(tab, &setting("main")).as_deref(), Some("cured"));
    assert_eq!(world.outbox(tab).items().count(), 0);
    assert_eq!(world.perform(0, &discard), Err(WriteRefused::Gone));
}

#[test]
fn two_devices_edit_one_note_and_both_hear_the_same_story() {
    let (mut world, first) = World::with_one_tab();
    let device = world.add_device();
    let second = world.open_tab(device);
    world.input(second, tidemark_shared::outbox::Input::Holding);
    world.link(device);
    world.settle();
    let mine = world.write(first, &note("AAPL"));
    let theirs = world.write(second, &note("AAPL"));
    world.take_told(second);
    world.settle();
    let (kept, loser, failed) = match world.outbox(first).counts().conflict {
        0 => (mine, second, theirs),
        _ => (theirs, first, mine),
    };
    for tab in [first, second] {
        assert_eq!(world.value(tab, &note("AAPL")), Some(kept.clone()));
        let conflicts =
            world.outbox(tab).entities(&tidemark_shared::documents::Collection::conflicts());
        assert_eq!(conflicts.len(), 1, "the inbox of {tab:?}");
    }
    let item = world.outbox(loser).items().next().cloned().unwrap();
    assert_eq!(crate::world::tag_of(&item.mutation.draft), Some(failed));
    let ItemState::Decided { receipt, .. } = &item.state else { panic!("{item:?}") };
    assert!(matches!(receipt.outcome, Outcome::Conflict { .. }));
    assert_eq!(world.alarms_at_rest(), [""; 0]);
}

#[test]
fn what_waits_is_not_discarded_but_cancelled() {
    let (mut world, tab) = World::with_one_tab();
    world.unlink(0);
    let mid = world.write_text(tab, &note("AAPL"), "x").unwrap();
    world.run();
    let item = world.outbox(tab).items().next().cloned().unwrap();
    let discard = Write::Discard { mid, hash: item.mutation.hash, anew: None };
    assert_eq!(world.perform(0, &discard), Err(WriteRefused::NotFailed));
    assert_eq!(item.mutation.draft.kind, MutationKind::Edit);
}
