//! The merge of a list of things with ids, as a set that has an order.

mod order;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{StillOverlap, three_way};

/// Merges a list of texts, or of objects with an `id`, as a set that has an order.
///
/// What either side has added is there; what either has removed is gone, unless the other has
/// edited it: nothing that somebody wrote disappears. A thing that both have edited is merged
/// [all the way down](three_way()). Nothing is there twice. A list that was not there is taken as
/// empty by those who add to it.
///
/// The order is `theirs`, with what `mine` has added or moved at the place that it has there:
/// after the same thing as in `mine`, of those that `theirs` has not moved. What both have put at the same place stands with `theirs`
/// first, and what both have moved stands where `theirs` has it. Which things there are does not
/// depend on which side is which.
///
/// # Errors
/// When a thing was edited on both sides and cannot be merged, or something is not such a list.
pub fn id_set(
    base: Option<&Value>,
    mine: Option<&Value>,
    theirs: Option<&Value>,
) -> Result<Option<Value>, StillOverlap> {
    if mine == theirs || base == theirs {
        return Ok(mine.cloned());
    }
    if base == mine {
        return Ok(theirs.cloned());
    }
    let base = base.map_or_else(|| Some(List::default()), List::of);
    let (Some(base), Some(mine), Some(theirs)) =
        (base, mine.and_then(List::of), theirs.and_then(List::of))
    else {
        return Err(StillOverlap::whole());
    };
    let kept = members(&base, &mine, &theirs)?;
    let order = order::order(&base.ids, &mine.ids, &theirs.ids, |id| kept.contains_key(id));
    Ok(Some(order.into_iter().filter_map(|id| kept.get(id).cloned()).collect()))
}

/// A list of things with ids, each once.
#[derive(Default)]
struct List<'a> {
    ids: Vec<&'a str>,
    items: HashMap<&'a str, &'a Value>,
}

impl<'a> List<'a> {
    /// Of a thing that is there twice, the first counts.
    fn of(value: &'a Value) -> Option<Self> {
        let mut list = List::default();
        for item in value.as_array()? {
            let id = item.as_str().or_else(|| item.get("id")?.as_str())?;
            if !list.items.contains_key(id) {
                list.ids.push(id);
                list.items.insert(id, item);
            }
        }
        Some(list)
    }

    fn get(&self, id: &str) -> Option<&'a Value> {
        self.items.get(id).copied()
    }
}

/// What is in the merged set.
fn members<'a>(
    base: &List<'a>,
    mine: &List<'a>,
    theirs: &List<'a>,
) -> Result<HashMap<&'a str, Value>, StillOverlap> {
    let mut kept = HashMap::new();
    let ids: HashSet<&str> = mine.ids.iter().chain(&theirs.ids).copied().collect();
    for id in ids {
        let member = match (base.get(id), mine.get(id), theirs.get(id)) {
            (Some(base), Some(only), None) | (Some(base), None, Some(only)) => {
                (only != base).then(|| only.clone())
            }
            (base, mine, theirs) => {
                three_way(base, mine, theirs).map_err(|overlap| overlap.below(id))?
            }
        };
        if let Some(item) = member {
            kept.insert(id, item);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
