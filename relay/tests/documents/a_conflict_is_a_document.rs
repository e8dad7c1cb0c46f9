//! "Two of my devices changed the same thing: I see both, on every device, and decide once."

use serde_json::Value;
use tidemark_shared::documents::{ConflictState, ConflictStep, DocumentId, Outcome, Version};
use tidemark_shared::protocol::ErrorCode;

use crate::device::{Device, body, delete, edit, entity, with_step};
use crate::world::World;

/// A note that two devices have changed, and the conflict of the second one.
fn disputed(world: &World) -> (Device, Device, DocumentId) {
    let (mut phone, mut laptop) = (Device::new("ann", 1), Device::new("ann", 2));
    world.write(&mut phone, edit("notes/A", 0, &[("text", None, Some("base"))]));
    world.write(&mut phone, edit("notes/A", 1, &[("text", Some("base"), Some("theirs"))]));
    let mine = edit("notes/A", 1, &[("text", Some("base"), Some("mine"))]);
    match world.outcome(&mut laptop, mine) {
        Outcome::Conflict { conflict, fields } => {
            assert_eq!(fields, ["text".parse().unwrap()]);
            (phone, laptop, conflict)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_holds_what_both_wanted_and_the_document_is_untouched() {
    let world = World::new();
    let (phone, laptop, id) = disputed(&world);
    let conflict = world.conflict(&phone.user, &id);
    let mine = &conflict.mine["text"];
    assert_eq!((mine.from.clone(), mine.to.clone()), (Some("base".into()), Some("mine".into())));
    assert_eq!(conflict.theirs, Some(body(&[("text", "theirs")])));
    assert_eq!((conflict.base_version, conflict.theirs_version), (Version(1), Version(2)));
    assert_eq!(conflict.author.group, laptop.group);
    assert_eq!(conflict.theirs_author.unwrap().group, phone.group);
    assert_eq!(conflict.state, ConflictState::Open);
    let note = world.document(&phone.user, &entity("notes/A")).unwrap();
    assert_eq!(note.body, body(&[("text", "theirs")]));
}

#[test]
fn what_was_typed_on_after_it_joins_it() {
    let world = World::new();
    let (_, mut laptop, id) = disputed(&world);
    let on = edit(
        "notes/A",
        1,
        &[("text", Some("mine"), Some("mine, longer")), ("tag", None, Some("x"))],
    );
    match world.outcome(&mut laptop, on) {
        Outcome::Conflict { conflict, .. } => assert_eq!(conflict, id),
        other => panic!("{other:?}"),
    }
    let conflict = world.conflict(&laptop.user, &id);
    assert_eq!(conflict.mine["text"].from, Some("base".into()));
    assert_eq!(conflict.mine["text"].to, Some("mine, longer".into()));
    assert_eq!(conflict.mine["tag"].to, Some("x".into()));
    let conflicts = world.documents(&laptop.user).into_iter();
    assert_eq!(conflicts.filter(|one| one.entity.collection.as_str() == "conflicts").count(), 1);
}

#[test]
fn another_device_s_write_opens_another_one() {
    let world = World::new();
    let (_, _, id) = disputed(&world);
    let mut tablet = Device::new("ann", 3);
    let other = edit("notes/A", 1, &[("text", Some("mine"), Some("guessed"))]);
    match world.outcome(&mut tablet, other) {
        Outcome::Conflict { conflict, .. } => assert_ne!(conflict, id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn deciding_changes_the_document_and_the_conflict_in_one_step_and_can_be_taken_back() {
    let world = World::new();
    let (mut phone, _, id) = disputed(&world);
    let decision = edit("notes/A", 2, &[("text", Some("theirs"), Some("mine"))]);
    let receipt = world.write(&mut phone, with_step(decision, ConflictStep::Resolves(id.clone())));
    assert_eq!(receipt.outcome, Outcome::Applied { version: Version(3) });
    let conflict = world.conflict(&phone.user, &id);
    assert_eq!(conflict.state, ConflictState::Resolved);
    assert_eq!(conflict.resolved_version, Some(Version(3)));
    let newest = world.documents(&phone.user).into_iter().map(|one| one.sequence).max();
    assert_eq!(newest, Some(receipt.sequence), "the receipt must cover both documents");

    let undone = edit("notes/A", 3, &[("text", Some("mine"), Some("theirs"))]);
    world.write(&mut phone, with_step(undone, ConflictStep::Reopens(id.clone())));
    let conflict = world.conflict(&phone.user, &id);
    assert_eq!((conflict.state, conflict.resolved_version), (ConflictState::Open, None));
    let note = world.document(&phone.user, &entity("notes/A")).unwrap();
    assert_eq!(note.body.get("text"), Some(&Value::from("theirs")));
}

#[test]
fn leaving_it_as_it_is_resolves_it_too() {
    let world = World::new();
    let (mut phone, _, id) = disputed(&world);
    let draft = with_step(edit("notes/A", 2, &[]), ConflictStep::Resolves(id.clone()));
    assert_eq!(world.outcome(&mut phone, draft), Outcome::Noop { version: Version(2) });
    assert_eq!(world.conflict(&phone.user, &id).state, ConflictState::Resolved);
}

#[test]
fn a_conflict_that_is_decided_takes_in_no_more() {
    let world = World::new();
    let (mut phone, mut laptop, id) = disputed(&world);
    let draft = with_step(edit("notes/A", 2, &[]), ConflictStep::Resolves(id.clone()));
    world.write(&mut phone, draft);
    let on = edit("notes/A", 1, &[("text", Some("mine"), Some("mine, longer"))]);
    match world.outcome(&mut laptop, on) {
        Outcome::Conflict { conflict, .. } => assert_ne!(conflict, id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_decision_about_nothing_is_rejected() {
    let world = World::new();
    let (mut phone, _, id) = disputed(&world);
    let step = |entity, id: &DocumentId| {
        with_step(edit(entity, 0, &[("text", None, Some("x"))]), ConflictStep::Resolves(id.clone()))
    };
    for (draft, code) in [
        (step("notes/A", &"nothing".parse().unwrap()), ErrorCode::NotFound),
        (step("notes/B", &id), ErrorCode::InvalidParameters),
    ] {
        match world.outcome(&mut phone, draft) {
            Outcome::Rejected { error } => assert_eq!(error.code, code),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.document(&phone.user, &entity("notes/B")), None);
}

#[test]
fn deleting_what_was_edited_meanwhile_is_asked_about() {
    let world = World::new();
    let (mut phone, mut laptop) = (Device::new("ann", 1), Device::new("ann", 2));
    world.write(&mut phone, edit("notes/A", 0, &[("text", None, Some("base"))]));
    world.write(&mut phone, edit("notes/A", 1, &[("text", Some("base"), Some("more"))]));
    let gone = delete("notes/A", 1, &body(&[("text", "base")]));
    assert!(matches!(world.outcome(&mut laptop, gone), Outcome::Conflict { .. }));
    let gone = delete("notes/A", 2, &body(&[("text", "more")]));
    assert_eq!(world.outcome(&mut phone, gone), Outcome::Applied { version: Version(3) });
    let tombstone = world.document(&phone.user, &entity("notes/A")).unwrap();
    assert!(tombstone.deleted && tombstone.body.0.is_empty());
    let again = edit("notes/A", 0, &[("text", None, Some("again"))]);
    assert!(matches!(
        world.outcome(&mut phone, again),
        Outcome::Merged { version: Version(4), .. }
    ));
}
