//! "I was at sea for a month."

use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{Change, DOCUMENT_BYTES_MAX, Draft, MutationKind, Version};
use tidemark_shared::outbox::{Input, Write, WriteRefused};

use crate::world::device::TabId;
use crate::world::{Event, World, setting};

#[test]
fn they_wait_drain_in_batches_and_leave() {
    let drafts = (0..10_000).map(|n| draft(n % 997, &n.to_string())).collect();
    let batches = drain(drafts);
    assert!((200..250).contains(&batches), "{batches} batches");
}

#[test]
fn long_ones_go_in_batches_that_fit_a_frame() {
    let drafts = (0..60).map(|n| draft(n, &"x".repeat(n * 300))).collect();
    let batches = drain(drafts);
    assert!(batches > 10, "{batches} batches");
}

#[test]
fn a_full_queue_says_so_and_keeps_what_it_has() {
    let (mut world, _) = offline();
    save(&mut world, (0..20_000).map(|n| draft(n % 7, "x")).collect()).unwrap();
    let refused = save(&mut world, vec![draft(0, "one more")]);
    assert_eq!(refused, Err(WriteRefused::Full { count: 20_000 }));
    assert_eq!(world.devices[0].disk.items.len(), 20_000);
}

#[test]
fn what_no_document_can_hold_is_refused_before_it_is_saved() {
    let (mut world, _) = offline();
    let refused =
        save(&mut world, vec![draft(0, "fine"), draft(0, &"x".repeat(DOCUMENT_BYTES_MAX))]);
    assert!(matches!(refused, Err(WriteRefused::TooLarge { .. })), "{refused:?}");
    assert!(world.devices[0].disk.items.is_empty(), "all of them or none");
}

/// Saves them, sends them, and counts the batches.
fn drain(drafts: Vec<Draft>) -> usize {
    let (mut world, tab) = offline();
    let count = drafts.len();
    save(&mut world, drafts).unwrap();
    assert_eq!(world.outbox(tab).counts().saved, count);
    world.link(0);
    let mut batches = 0;
    while let Some(event) = world.events.front() {
        if let Event::Pushes { push, .. } = event {
            assert!(push.mutations.len() <= 50);
            let bytes = serde_json::to_string(push).unwrap().len();
            assert!(bytes <= 56 * 1024, "{bytes} bytes");
            batches += 1;
        }
        world.happen(0);
    }
    world.settle();
    assert_eq!(world.relay.decisions.len(), count);
    assert!(world.devices[0].disk.items.is_empty());
    assert_eq!(world.outbox(tab).counts().all(), 0);
    batches
}

fn offline() -> (World, TabId) {
    let mut world = World::new();
    let device = world.add_device();
    let tab = world.open_tab(device);
    world.input(tab, Input::Holding);
    (world, tab)
}

fn save(world: &mut World, drafts: Vec<Draft>) -> Result<(), WriteRefused> {
    let (now, seen) = (UnixMillis(1), Stamp::default());
    let saved = world.perform(0, &Write::Enqueue { drafts, now, seen });
    world.run();
    saved
}

fn draft(document: usize, text: &str) -> Draft {
    let change = Change { from: None, to: Some(text.into()) };
    Draft {
        kind: MutationKind::Edit,
        entity: setting(&format!("d{document}")),
        base_version: Version::NONE,
        changes: [("value".parse().unwrap(), change)].into(),
        policy: None,
        valid_until: None,
        conflict: None,
    }
}
