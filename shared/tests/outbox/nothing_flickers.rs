//! "I write, and it stays as I wrote it." In every tab, whatever comes first: the answer, the news,
//! or the other tab's word.

use std::collections::BTreeSet;

use tidemark_shared::documents::Entity;
use tidemark_shared::outbox::Output;

use crate::world::{World, note, setting};

#[test]
fn a_written_value_stays_on_the_screen_in_whatever_order_things_happen() {
    for order in 0..40_usize {
        let (mut world, tab) = World::with_one_tab();
        let follower = world.open_tab(0);
        world.settle();
        let tag = world.write(tab, &note("AAPL"));
        let mut has_seen = BTreeSet::new();
        while !world.events.is_empty() {
            let index = (order * 7_919 + world.events.len() * 31) % world.events.len();
            world.happen(index);
            for tab in [tab, follower] {
                let value = world.value(tab, &note("AAPL"));
                if value.as_ref() == Some(&tag) {
                    has_seen.insert(tab);
                }
                assert!(value.is_some() || !has_seen.contains(&tab), "order {order}: it flickers");
            }
        }
        assert_eq!(has_seen.len(), 2);
        world.settle();
        assert_eq!(world.alarms_at_rest(), [""; 0]);
    }
}

#[test]
fn exactly_the_documents_that_look_different_are_named() {
    let (mut world, tab) = World::with_one_tab();
    world.write(tab, &setting("quiet"));
    world.settle();
    world.take_told(tab);
    let mut before = world.outbox(tab).view(&note("AAPL"));
    world.write(tab, &note("AAPL"));
    while !world.events.is_empty() {
        world.happen(0);
        let view = world.outbox(tab).view(&note("AAPL"));
        let told = world.take_told(tab);
        let viewed: Vec<Entity> = told
            .into_iter()
            .filter_map(|output| match output {
                Output::Viewed(entities) => Some(entities),
                _ => None,
            })
            .flatten()
            .collect();
        let expected = if view == before { Vec::new() } else { vec![note("AAPL")] };
        assert_eq!(viewed, expected);
        before = view;
    }
}
