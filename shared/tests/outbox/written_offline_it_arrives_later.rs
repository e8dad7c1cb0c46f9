//! "I wrote all day in the train. At home it was simply there."

use tidemark_shared::documents::MutationId;
use tidemark_shared::outbox::{Input, Pending};

use crate::world::{World, note, setting};

#[test]
fn what_was_written_offline_is_sent_in_order_and_leaves_the_queue() {
    let mut world = World::new();
    let device = world.add_device();
    let tab = world.open_tab(device);
    world.input(tab, Input::Holding);
    let tags: Vec<String> = (0..60).map(|_| world_write(&mut world, tab)).collect();
    world.settle();
    assert_eq!(world.outbox(tab).counts().saved, 120);
    let view = world.outbox(tab).view(&note("AAPL")).unwrap();
    assert_eq!(
        (view.body.text("value"), view.pending),
        (tags.last().map(String::as_str), Pending::Saved)
    );
    assert!(world.relay.decisions.is_empty());

    world.link(device);
    world.settle();
    assert_eq!(world.alarms_at_rest(), [""; 0]);
    assert_eq!(world.relay.decisions.len(), 120);
    assert_eq!(world.outbox(tab).items().count(), 0);
    assert_eq!(world.devices[device].disk.meta.settled, MutationId(120));
    assert_eq!(world.outbox(tab).view(&note("AAPL")).unwrap().pending, Pending::Nothing);
}

fn world_write(world: &mut World, tab: crate::world::device::TabId) -> String {
    world.write(tab, &setting("main"));
    world.run();
    let tag = world.write(tab, &note("AAPL"));
    world.run();
    tag
}
