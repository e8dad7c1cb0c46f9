//! "I pressed save, the answer got lost, it was sent again: my change is there once."

use tidemark_relay::documents::Limits;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{Digest, Draft, Mutation, MutationId, Nack, Outcome, Version};
use tidemark_shared::protocol::{Epoch, ErrorCode};

use crate::device::{Device, body, edit, entity};
use crate::world::{EPOCH, NOW, World};

#[test]
fn a_repeated_push_gets_the_same_receipts_and_changes_nothing() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let first = phone.write(edit("notes/A", 0, &[("text", None, Some("one"))]));
    let second = phone.write(edit("notes/A", 0, &[("text", Some("one"), Some("two"))]));
    let push = phone.push([first, second]);
    let applied = world.push(&phone.user, &push);
    let outcomes: Vec<_> = applied.pushed.receipts.iter().map(|got| &got.outcome).collect();
    let version = |version| Outcome::Applied { version: Version(version) };
    // The second was written before the first was confirmed, so its base version is the old one.
    assert_eq!(*outcomes[0], version(1));
    assert_eq!(*outcomes[1], Outcome::Merged { version: Version(2), lost: vec![] });
    for _ in 0..3 {
        let again = world.push(&phone.user, &push);
        assert_eq!(again.pushed, applied.pushed);
        assert_eq!(again.deltas, []);
    }
    let document = world.document(&phone.user, &entity("notes/A")).unwrap();
    assert_eq!(document.body, body(&[("text", "two")]));
    assert!(document.is_intact());
}

#[test]
fn a_copy_of_a_queue_is_told_that_it_is_one() {
    let world = World::new();
    let mut original = Device::new("ann", 1);
    let mut copy = original.clone();
    world.write(&mut original, edit("notes/A", 0, &[("text", None, Some("mine"))]));
    let other = copy.write(edit("notes/A", 0, &[("text", None, Some("other"))]));
    let pushed = world.push(&copy.user, &copy.push([other])).pushed;
    assert_eq!(pushed.nack, Some(Nack::Fork { mid: MutationId(1) }));
    assert_eq!(pushed.receipts, []);
}

#[test]
fn what_is_settled_is_forgotten_and_a_late_copy_of_it_is_a_fork() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let first = phone.write(edit("notes/A", 0, &[("text", None, Some("one"))]));
    let push = phone.push([first]);
    world.push(&phone.user, &push);
    let mut settling = phone.push([]);
    settling.settled = MutationId(1);
    assert_eq!(world.push(&phone.user, &settling).pushed.nack, None);
    let late = world.push(&phone.user, &push).pushed;
    assert_eq!(late.nack, Some(Nack::Fork { mid: MutationId(1) }));
    let next = world.write(&mut phone, edit("notes/B", 0, &[("text", None, Some("b"))]));
    assert_eq!(next.mid, MutationId(2));
}

#[test]
fn the_newest_of_what_is_settled_is_kept_for_a_copy_of_the_queue_that_comes_late() {
    let world = World::with(Limits { receipts_kept: 1, ..Limits::default() });
    let mut phone = Device::new("ann", 1);
    let copied = ["notes/A", "notes/B"]
        .map(|name| phone.write(edit(name, 0, &[("text", None, Some("copied"))])));
    let first = world.push(&phone.user, &phone.push(copied.clone())).pushed;
    let mut settling = phone.push([]);
    settling.settled = MutationId(2);
    world.push(&phone.user, &settling);
    let [forgotten, kept] = copied;
    let late = world.push(&phone.user, &phone.push([kept])).pushed;
    assert_eq!((late.receipts.as_slice(), late.nack), (&first.receipts[1..], None));
    let late = world.push(&phone.user, &phone.push([forgotten])).pushed;
    assert_eq!(late.nack, Some(Nack::Fork { mid: MutationId(1) }));
}

#[test]
fn a_hole_in_the_numbers_uses_up_nothing() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let first = phone.write(edit("notes/A", 0, &[("text", None, Some("a"))]));
    let second = phone.write(edit("notes/B", 0, &[("text", None, Some("b"))]));
    let third = phone.write(edit("notes/C", 0, &[("text", None, Some("c"))]));
    let pushed = world.push(&phone.user, &phone.push([first.clone(), third.clone()])).pushed;
    assert_eq!(pushed.receipts.len(), 1);
    assert_eq!(pushed.nack, Some(Nack::Gap { expected: MutationId(2) }));
    let pushed = world.push(&phone.user, &phone.push([first, second, third])).pushed;
    assert_eq!((pushed.receipts.len(), pushed.nack), (3, None));
    assert_eq!(world.documents(&phone.user).len(), 3);
}

#[test]
fn documents_that_began_anew_are_not_written_to_as_if_they_were_the_old_ones() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let first = phone.write(edit("notes/A", 0, &[("text", None, Some("a"))]));
    let mut push = phone.push([first]);
    push.epoch = Some(Epoch(EPOCH.0 - 1));
    let pushed = world.push(&phone.user, &push).pushed;
    assert_eq!((pushed.epoch, pushed.nack), (EPOCH, Some(Nack::NewEpoch)));
    assert_eq!(world.documents(&phone.user), []);
}

#[test]
fn a_poisoned_write_is_rejected_and_the_one_behind_it_goes_through() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let good = || edit("notes/A", 0, &[("text", None, Some("a"))]);
    let too_long = "x".repeat(21 * 1024);
    let mut poisoned: Vec<(Mutation, ErrorCode)> = vec![
        (
            phone.write(edit("notes/B", 0, &[("forbidden", None, Some(""))])),
            ErrorCode::InvalidParameters,
        ),
        (phone.write(edit("defect/B", 0, &[("text", None, Some("b"))])), ErrorCode::Internal),
        (phone.write(edit("conflicts/B", 0, &[("text", None, Some("b"))])), ErrorCode::Forbidden),
        (
            phone.write(edit("notes/B", 0, &[("text", None, Some(&too_long))])),
            ErrorCode::LimitExceeded,
        ),
    ];
    let mut damaged = phone.write(good());
    damaged.draft.entity = entity("notes/Z");
    poisoned.push((damaged, ErrorCode::InvalidParameters));
    let mut foreign = phone.clone();
    foreign.user = "bob".parse().unwrap();
    poisoned.push((foreign.write(good()), ErrorCode::Forbidden));
    phone.last = foreign.last;
    let mut newer = phone.write(good());
    newer.schema = 2;
    newer.hash = Digest::of(&"whatever a newer version seals");
    poisoned.push((newer, ErrorCode::InvalidParameters));
    for (mutation, code) in poisoned {
        let pushed = world.push(&phone.user, &phone.push([mutation.clone()])).pushed;
        match &pushed.receipts[0].outcome {
            Outcome::Rejected { error } => assert_eq!(error.code, code, "{error}"),
            other => panic!("{mutation:?} became {other:?}"),
        }
        assert_eq!(world.push(&phone.user, &phone.push([mutation])).pushed, pushed);
    }
    assert_eq!(world.documents(&phone.user), []);
    assert_eq!(world.outcome(&mut phone, good()), Outcome::Applied { version: Version(1) });
}

#[test]
fn a_write_that_came_too_late_is_not_done() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let until =
        |at| Draft { valid_until: Some(at), ..edit("notes/A", 0, &[("text", None, Some("a"))]) };
    assert_eq!(world.outcome(&mut phone, until(UnixMillis(NOW.0 - 1))), Outcome::Expired);
    assert_eq!(world.documents(&phone.user), []);
    let in_time = world.outcome(&mut phone, until(NOW));
    assert_eq!(in_time, Outcome::Applied { version: Version(1) });
}

#[test]
fn a_clock_that_is_far_ahead_is_not_believed_and_its_claim_is_written_down() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    phone.clock = UnixMillis(NOW.0 + 3_600_000);
    world.write(&mut phone, edit("notes/A", 0, &[("text", None, Some("a"))]));
    let history = world.engine.history(&phone.user, &entity("notes/A"), None).unwrap();
    let revision = &history.revisions[0];
    assert_eq!(revision.claimed, Some(Stamp { at: phone.clock, count: 0 }));
    assert_eq!(revision.document.stamp, Stamp { at: UnixMillis(NOW.0 + 60_000), count: 0 });
}
