//! "There is a limit on everything, and I am told which."

use tidemark_relay::documents::{Limits, Refusal};
use tidemark_shared::documents::{MutationId, Outcome, Version};
use tidemark_shared::protocol::ErrorCode;

use crate::device::{Device, body, delete, edit, entity};
use crate::world::World;

fn note(symbol: &str, text: &str) -> tidemark_shared::documents::Draft {
    edit(&format!("notes/{symbol}"), 0, &[("text", None, Some(text))])
}

#[track_caller]
fn assert_too_much(outcome: &Outcome) {
    match outcome {
        Outcome::Rejected { error } => assert_eq!(error.code, ErrorCode::LimitExceeded, "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn documents_are_counted_also_when_they_were_deleted() {
    let world = World::with(Limits { documents_per_user_max: 2, ..Limits::default() });
    let (mut ann, mut bob) = (Device::new("ann", 1), Device::new("bob", 2));
    world.write(&mut ann, note("A", "a"));
    world.write(&mut ann, note("B", "b"));
    assert_too_much(&world.outcome(&mut ann, note("C", "c")));
    let gone = delete("notes/B", 1, &body(&[("text", "b")]));
    assert_eq!(world.outcome(&mut ann, gone), Outcome::Applied { version: Version(2) });
    assert_too_much(&world.outcome(&mut ann, note("C", "c")));
    let again = edit("notes/B", 2, &[("text", None, Some("b"))]);
    assert_eq!(world.outcome(&mut ann, again), Outcome::Applied { version: Version(3) });
    assert_eq!(world.outcome(&mut bob, note("C", "c")), Outcome::Applied { version: Version(1) });
}

#[test]
fn bytes_are_counted_and_a_shorter_document_makes_room() {
    let world = World::with(Limits { bytes_per_user_max: 3_000, ..Limits::default() });
    let mut ann = Device::new("ann", 1);
    let long = "x".repeat(1_000);
    world.write(&mut ann, note("A", &long));
    world.write(&mut ann, note("B", &long));
    assert_too_much(&world.outcome(&mut ann, note("C", &long)));
    let shorter = edit("notes/B", 1, &[("text", Some(&long), Some("x"))]);
    assert_eq!(world.outcome(&mut ann, shorter), Outcome::Applied { version: Version(2) });
    assert_eq!(world.outcome(&mut ann, note("C", &long)), Outcome::Applied { version: Version(1) });
}

#[test]
fn one_user_has_so_many_devices_and_the_next_is_refused_without_a_trace() {
    let world = World::with(Limits { groups_per_user_max: 2, ..Limits::default() });
    for number in 1..=2 {
        world.write(&mut Device::new("ann", number), note(&format!("N{number}"), "x"));
    }
    let mut third = Device::new("ann", 3);
    let push = third.write(note("C", "c"));
    let push = third.push([push]);
    match world.try_push(&third.user, &push) {
        Err(Refusal::Rule(error)) => assert_eq!(error.code, ErrorCode::LimitExceeded),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.documents(&third.user).len(), 2);
    let bob = world.push(&"bob".parse().unwrap(), &third.push([]));
    assert_eq!(bob.pushed.nack, None, "a refused group belongs to nobody");
}

#[test]
fn receipts_that_nobody_settles_are_kept_only_so_many() {
    let world = World::with(Limits { receipts_per_group_max: 2, ..Limits::default() });
    let mut ann = Device::new("ann", 1);
    world.write(&mut ann, note("A", "a"));
    world.write(&mut ann, note("B", "b"));
    let third = ann.write(note("C", "c"));
    let mut push = ann.push([third]);
    assert!(matches!(world.try_push(&ann.user, &push), Err(Refusal::Rule(_))));
    assert_eq!(world.document(&ann.user, &entity("notes/C")), None);
    push.settled = MutationId(2);
    assert_eq!(world.push(&ann.user, &push).pushed.receipts.len(), 1);
}

#[test]
fn a_push_of_too_many_writes_is_refused_as_a_whole() {
    let world = World::new();
    let mut ann = Device::new("ann", 1);
    let writes: Vec<_> = (0..101).map(|n| ann.write(note(&format!("N{n}"), "x"))).collect();
    assert!(matches!(world.try_push(&ann.user, &ann.push(writes)), Err(Refusal::Rule(_))));
    assert_eq!(world.documents(&ann.user), []);
}

#[test]
fn only_so_many_versions_are_kept_and_the_newest_among_them() {
    let world = World::with(Limits { history_max: 5, ..Limits::default() });
    let mut ann = Device::new("ann", 1);
    world.write(&mut ann, note("A", "0"));
    for n in 1..20_u64 {
        let (from, to) = ((n - 1).to_string(), n.to_string());
        world.write(&mut ann, edit("notes/A", n, &[("text", Some(&from), Some(&to))]));
    }
    let page = world.engine.history(&ann.user, &entity("notes/A"), None).unwrap();
    let versions: Vec<u64> = page.revisions.iter().map(|kept| kept.document.version.0).collect();
    assert_eq!(versions, [20, 19, 18, 17, 16]);
}

#[test]
fn much_history_makes_each_document_keep_less_of_it() {
    let limits = Limits { history_bytes_per_user_max: 5_000, ..Limits::default() };
    let world = World::with(limits);
    let mut ann = Device::new("ann", 1);
    world.write(&mut ann, note("A", ""));
    let mut before = String::new();
    for n in 1..40_u64 {
        let text = format!("{n}").repeat(500);
        world.write(&mut ann, edit("notes/A", n, &[("text", Some(&before), Some(&text))]));
        before = text;
    }
    let page = world.engine.history(&ann.user, &entity("notes/A"), None).unwrap();
    assert_eq!((page.revisions.len(), page.more), (10, false));
}

#[test]
fn what_could_not_be_sent_in_a_frame_is_not_taken_in() {
    let world = World::new();
    let (mut phone, mut laptop) = (Device::new("ann", 1), Device::new("ann", 2));
    let [base, theirs, mine] = ["b", "t", "m"].map(|letter| letter.repeat(19 * 1024));
    world.write(&mut phone, edit("notes/A", 0, &[("text", None, Some(&base))]));
    world.write(&mut phone, edit("notes/A", 1, &[("text", Some(&base), Some(&theirs))]));
    // A conflict of three long texts still fits.
    let conflict = edit("notes/A", 1, &[("text", Some(&base), Some(&mine))]);
    assert!(matches!(world.outcome(&mut laptop, conflict), Outcome::Conflict { .. }));
    for delta in world.deltas(&phone.user, None) {
        assert!(serde_json::to_vec(&delta).unwrap().len() < 64 * 1024);
    }
    // Two long fields more do not.
    let more =
        [("text", Some(base.as_str()), Some(mine.as_str())), ("more", Some(&base), Some(&mine))];
    let mut tablet = Device::new("ann", 3);
    assert_too_much(&world.outcome(&mut tablet, edit("notes/A", 1, &more)));
}
