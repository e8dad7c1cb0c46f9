//! "I open my tablet after a week: it has everything, and then sees each change as it happens."

use serde_json::Value;
use tidemark_shared::documents::{Delta, Outcome, Version};
use tidemark_shared::protocol::{Epoch, FRAME_BYTES_MAX, Position, Sequence};

use crate::device::{Device, edit, entity};
use crate::world::{EPOCH, World};

fn note(n: u64, text: &str) -> tidemark_shared::documents::Draft {
    edit(&format!("notes/N{n}"), 0, &[("text", None, Some(text))])
}

fn assert_joined(deltas: &[Delta]) {
    for (one, next) in deltas.iter().zip(deltas.iter().skip(1)) {
        assert_eq!(one.to, next.after, "a hole between two pieces");
    }
    for delta in deltas {
        let sequences: Vec<Sequence> =
            delta.documents.iter().map(|document| document.sequence).collect();
        assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
        assert!(sequences.iter().all(|sequence| (delta.after..=delta.to).contains(sequence)));
        let len = serde_json::to_vec(delta).unwrap().len();
        assert!(len < FRAME_BYTES_MAX, "{len} bytes do not fit into a frame");
    }
}

#[test]
fn many_documents_come_in_pieces_that_fit_and_join() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let text = "x".repeat(3_000);
    let mut news = Vec::new();
    for n in (0..120).step_by(10) {
        let writes: Vec<_> = (n..n + 10).map(|n| phone.write(note(n, &text))).collect();
        news.extend(world.push(&phone.user, &phone.push(writes)).deltas);
    }
    assert_joined(&news);
    let asked = world.deltas(&phone.user, None);
    assert!(asked.len() > 5, "{}", asked.len());
    assert_joined(&asked);
    let flat = |deltas: &[Delta]| -> Vec<_> {
        deltas.iter().flat_map(|delta| delta.documents.clone()).collect()
    };
    assert_eq!(flat(&asked), flat(&news));
    assert_eq!(asked.last().map(|last| (last.to, last.head)), Some((Sequence(120), Sequence(120))));
}

#[test]
fn a_push_of_long_documents_is_told_in_several_pieces() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let text = "x".repeat(18_000);
    let writes: Vec<_> = (0..8).map(|n| phone.write(note(n, &text))).collect();
    let news = world.push(&phone.user, &phone.push(writes)).deltas;
    assert!(news.len() >= 3);
    assert_joined(&news);
    assert_eq!(news.last().map(|last| last.to), Some(Sequence(8)));
}

#[test]
fn a_document_that_changed_often_is_told_once_as_it_is() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    world.write(&mut phone, note(1, "first"));
    world.write(&mut phone, note(2, "other"));
    let second = phone.write(edit("notes/N1", 1, &[("text", Some("first"), Some("second"))]));
    let third = phone.write(edit("notes/N1", 1, &[("text", Some("second"), Some("third"))]));
    let news = world.push(&phone.user, &phone.push([second, third])).deltas;
    assert_eq!(news.len(), 1);
    assert_eq!((news[0].after, news[0].to), (Sequence(2), Sequence(4)));
    assert_eq!(news[0].documents.len(), 1);
    assert_eq!(news[0].documents[0].body.text("text"), Some("third"));
    let since = Position::new(EPOCH, Sequence(1));
    let missed = world.engine.documents(&phone.user, Some(since)).unwrap();
    let names: Vec<String> =
        missed.documents.iter().map(|document| document.entity.to_string()).collect();
    assert_eq!(names, ["notes/N2", "notes/N1"]);
}

#[test]
fn a_device_from_before_a_restore_or_from_nowhere_is_told_everything() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    world.write(&mut phone, note(1, "a"));
    for after in [Position::new(Epoch(1), Sequence(1)), Position::new(EPOCH, Sequence(99))] {
        let delta = world.engine.documents(&phone.user, Some(after)).unwrap();
        assert_eq!((delta.after, delta.documents.len()), (Sequence::START, 1));
    }
    let there = Position::new(EPOCH, Sequence(1));
    let delta = world.engine.documents(&phone.user, Some(there)).unwrap();
    assert_eq!((delta.after, delta.to, delta.documents.len()), (Sequence(1), Sequence(1), 0));
}

#[test]
fn what_a_document_was_can_be_leafed_through() {
    let world = World::new();
    let mut phone = Device::new("ann", 1);
    let text = |n: u64| n.to_string().repeat(5_000);
    world.write(&mut phone, note(1, &text(1)));
    for n in 2..30 {
        let (from, to) = (text(n - 1), text(n));
        world.write(&mut phone, edit("notes/N1", n - 1, &[("text", Some(&from), Some(&to))]));
    }
    let mut before = None;
    let mut versions = Vec::new();
    loop {
        let page = world.engine.history(&phone.user, &entity("notes/N1"), before).unwrap();
        assert!(serde_json::to_vec(&page).unwrap().len() < FRAME_BYTES_MAX);
        versions.extend(page.revisions.iter().map(|revision| revision.document.version.0));
        before = page.revisions.last().map(|revision| revision.document.version);
        if !page.more {
            break;
        }
    }
    assert_eq!(versions, (1..30).rev().collect::<Vec<_>>());
}

#[test]
fn whoever_loses_can_still_be_read() {
    let world = World::new();
    let (mut phone, mut laptop) = (Device::new("ann", 1), Device::new("ann", 2));
    for (collection, kept) in [("latest", "laptop"), ("kept", "phone")] {
        let name = format!("{collection}/A");
        let by = |device: &str| edit(&name, 0, &[("text", None, Some(device))]);
        world.write(&mut phone, by("phone"));
        let outcome = world.outcome(&mut laptop, by("laptop"));
        let lost = if collection == "kept" { vec!["text".parse().unwrap()] } else { vec![] };
        assert_eq!(outcome, Outcome::Merged { version: Version(2), lost });
        let document = world.document(&phone.user, &entity(&name)).unwrap();
        assert_eq!(document.body.text("text"), Some(kept));
        let history = world.engine.history(&phone.user, &entity(&name), None).unwrap();
        let newest = &history.revisions[0];
        let loser = if kept == "phone" { "laptop" } else { "phone" };
        assert_eq!(newest.lost["text"], Some(Value::from(loser)));
        let groups =
            [&document.author, newest.lost_by.as_ref().unwrap()].map(|author| &author.group);
        let expected = match kept {
            "phone" => [&phone.group, &laptop.group],
            _ => [&laptop.group, &phone.group],
        };
        assert_eq!(groups, expected);
    }
}
