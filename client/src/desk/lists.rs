//! The user's watchlists: which there are, in which order, and what is written when one changes.

use serde_json::Value;
use tidemark_shared::documents::shape::{self, Shape as _};
use tidemark_shared::documents::{Body, Collection, DocumentId, Entity};
use tidemark_shared::market::Symbol;

use super::{Desk, field};

/// One of the user's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListEntry {
    /// Its document.
    pub(crate) entity: Entity,
    /// What the user calls it; absent when it cannot be read.
    pub(crate) shape: Option<shape::Watchlist>,
}

impl ListEntry {
    /// What the user calls it.
    pub(crate) fn name(&self) -> &str {
        self.shape.as_ref().map_or(self.entity.id.as_str(), |list| &list.name)
    }

    /// How many instruments it has.
    pub(crate) fn len(&self) -> usize {
        self.shape.as_ref().map_or(0, |list| list.items.len())
    }

    fn of(entity: Entity, body: &Body) -> Self {
        ListEntry { entity, shape: shape::Watchlist::of_body(body).ok() }
    }
}

impl Desk {
    /// The user's lists in their order; follows them.
    pub(crate) fn lists(self) -> Vec<ListEntry> {
        let known = self.documents.ids(&Collection::watchlists()).into_iter();
        let read = known.filter_map(|entity| {
            let body = self.body(&entity)?;
            Some(ListEntry::of(entity, &body))
        });
        ordered(read.collect())
    }
}

/// The list that is there before its user has made one.
pub(crate) fn first_list() -> Entity {
    list("main".parse().expect("it is a name"))
}

/// The list of a name.
pub(crate) fn list(id: DocumentId) -> Entity {
    Entity::new(Collection::watchlists(), id)
}

/// The list to show: the wanted one, else the first.
pub(crate) fn shown(lists: &[ListEntry], wanted: &Entity) -> Entity {
    let is_there = lists.iter().any(|list| list.entity == *wanted);
    match lists.first() {
        Some(first) if !is_there => first.entity.clone(),
        _ => wanted.clone(),
    }
}

/// A new list behind the others.
pub(crate) fn new_list(lists: &[ListEntry], name: &str, items: Vec<Symbol>) -> Body {
    let last = lists.iter().filter_map(|list| list.shape.as_ref()).map(|list| list.position).max();
    let position = last.map_or(0, |last| last.saturating_add(1));
    shape::Watchlist { name: name.trim().to_owned(), items, position }.to_body()
}

/// Puts instruments on a list. One that is not there yet is named.
pub(crate) fn put_items(body: &mut Body, items: &[&Symbol], name_of_new: &str) {
    let items: Value = items.iter().map(|symbol| symbol.as_str()).collect();
    body.0.insert(field("items"), items);
    body.0.entry(field("name")).or_insert_with(|| name_of_new.into());
    body.0.entry(field("position")).or_insert_with(|| 0.into());
}

fn ordered(mut lists: Vec<ListEntry>) -> Vec<ListEntry> {
    let place = |list: &ListEntry| {
        let place = list.shape.as_ref().map_or(u32::MAX, |list| list.position);
        (place, list.name().to_lowercase(), list.entity.clone())
    };
    lists.sort_by_cached_key(place);
    lists
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::desk::seen::body;

    fn entry(id: &str, name: &str, position: u32) -> ListEntry {
        let fields = body(json!({"name": name, "items": [], "position": position}));
        ListEntry::of(list(id.parse().unwrap()), &fields)
    }

    #[test]
    fn lists_stand_in_the_users_order_and_names_break_ties() {
        let lists =
            ordered(vec![entry("x", "beta", 0), entry("y", "Alpha", 0), entry("z", "a", 3)]);
        let names: Vec<&str> = lists.iter().map(ListEntry::name).collect();
        assert_eq!(names, ["Alpha", "beta", "a"]);
        let new = shape::Watchlist::of_body(&new_list(&lists, " Chips ", Vec::new())).unwrap();
        assert_eq!((new.name.as_str(), new.position), ("Chips", 4));
    }

    #[test]
    fn a_list_that_was_deleted_elsewhere_gives_way_to_the_first() {
        let lists = [entry("a", "A", 0), entry("b", "B", 1)];
        assert_eq!(shown(&lists, &lists[1].entity), lists[1].entity);
        assert_eq!(shown(&lists, &list("gone".parse().unwrap())), lists[0].entity);
        assert_eq!(shown(&[], &first_list()), first_list());
    }

    #[test]
    fn a_changed_list_keeps_what_this_version_does_not_know() {
        let mut fields = body(json!({"name": "A", "items": ["X"], "position": 2, "colour": "red"}));
        let symbol: Symbol = "AAPL".parse().unwrap();
        put_items(&mut fields, &[&symbol], "Main");
        let expected = json!({"name": "A", "items": ["AAPL"], "position": 2, "colour": "red"});
        assert_eq!(fields, body(expected));
        let mut new = Body::default();
        put_items(&mut new, &[], "Main");
        assert_eq!(new, body(json!({"name": "Main", "items": [], "position": 0})));
    }
}
