//! The order of a merged set.

use std::collections::{HashMap, HashSet};

/// The order of what is `kept` of two lists that come from the same one. No list has an id twice.
pub(super) fn order<'a>(
    base: &[&'a str],
    mine: &[&'a str],
    theirs: &[&'a str],
    kept: impl Fn(&str) -> bool,
) -> Vec<&'a str> {
    let (in_mine, in_theirs) = (places(mine), places(theirs));
    let (moved_by_mine, moved_by_theirs) = (moved(base, mine), moved(base, theirs));
    let is_placed_by_mine = |id: &str| {
        !in_theirs.contains_key(id) || moved_by_mine.contains(id) && !moved_by_theirs.contains(id)
    };

    let mut chain = Chain::default();
    let mut last = None;
    for id in theirs.iter().filter(|id| kept(id) && !is_placed_by_mine(id)) {
        chain.insert_after(last, id);
        last = Some(*id);
    }
    let mut before = None;
    for id in mine.iter().filter(|id| kept(id)) {
        if is_placed_by_mine(id) {
            let mut place = before;
            // What theirs alone has put here stands first.
            while let Some(next) = chain.after(place)
                && (!in_mine.contains_key(next) || moved_by_theirs.contains(next))
            {
                place = Some(next);
            }
            chain.insert_after(place, id);
        }
        // What theirs has taken elsewhere marks no place any more.
        if !moved_by_theirs.contains(id) {
            before = Some(*id);
        }
    }
    chain.into_vec()
}

/// Which things of a list are not where they were, among those that were there before: as few as
/// can be.
fn moved<'a>(base: &[&str], list: &[&'a str]) -> HashSet<&'a str> {
    let before = places(base);
    let common: Vec<(&str, usize)> =
        list.iter().filter_map(|id| Some((*id, *before.get(id)?))).collect();
    let stayed = longest_increasing(&common);
    common.iter().map(|(id, _)| *id).filter(|id| !stayed.contains(id)).collect()
}

/// The ids of a longest subsequence whose places increase, by patience sorting.
fn longest_increasing<'a>(sequence: &[(&'a str, usize)]) -> HashSet<&'a str> {
    // Of the subsequences of each length, the index that ends the one with the lowest end.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(sequence.len());
    for (index, (_, place)) in sequence.iter().enumerate() {
        let length = ends.partition_point(|(end, _)| end < place);
        previous.push(length.checked_sub(1).and_then(|at| ends.get(at)).map(|(_, at)| *at));
        match ends.get_mut(length) {
            Some(end) => *end = (*place, index),
            None => ends.push((*place, index)),
        }
    }
    let mut stayed = HashSet::with_capacity(ends.len());
    let mut at = ends.last().map(|(_, index)| *index);
    while let Some(index) = at {
        stayed.extend(sequence.get(index).map(|(id, _)| *id));
        at = previous.get(index).copied().flatten();
    }
    stayed
}

fn places<'a>(list: &[&'a str]) -> HashMap<&'a str, usize> {
    list.iter().enumerate().map(|(place, id)| (*id, place)).collect()
}

/// A list into which can be inserted anywhere. `None` stands for its begin.
#[derive(Default)]
struct Chain<'a> {
    next: HashMap<Option<&'a str>, &'a str>,
}

impl<'a> Chain<'a> {
    fn after(&self, id: Option<&'a str>) -> Option<&'a str> {
        self.next.get(&id).copied()
    }

    fn insert_after(&mut self, before: Option<&'a str>, id: &'a str) {
        if let Some(next) = self.next.insert(before, id) {
            self.next.insert(Some(id), next);
        }
    }

    fn into_vec(self) -> Vec<&'a str> {
        let mut list = Vec::with_capacity(self.next.len());
        let mut at = None;
        while let Some(id) = self.after(at) {
            list.push(id);
            at = Some(id);
        }
        list
    }
}
