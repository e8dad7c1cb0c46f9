//! The merge of one value, all the way down.

use serde_json::{Map, Value};
use thiserror::Error;

/// Both have changed the same, differently; or one has taken away what the other has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("both have changed {}", if at.is_empty() { "it" } else { at })]
pub struct StillOverlap {
    /// Where, as a JSON pointer; empty for the whole.
    pub at: String,
}

impl StillOverlap {
    /// The whole.
    pub(super) const fn whole() -> Self {
        StillOverlap { at: String::new() }
    }

    /// The same, seen from one level further up.
    pub(super) fn below(self, key: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        StillOverlap { at: format!("/{key}{}", self.at) }
    }
}

/// Merges one value that both may have changed; `None` stands for one that is not there. Objects
/// are merged key by key; all else is taken whole. It is the same with `ours` and `theirs`
/// swapped.
///
/// What both have put where nothing was is not merged: without a base nobody knows which of two
/// differences is a change.
///
/// # Errors
/// When both have changed the same, differently.
pub fn three_way(
    base: Option<&Value>,
    ours: Option<&Value>,
    theirs: Option<&Value>,
) -> Result<Option<Value>, StillOverlap> {
    if ours == theirs || base == theirs {
        return Ok(ours.cloned());
    }
    if base == ours {
        return Ok(theirs.cloned());
    }
    match (base, ours, theirs) {
        (Some(Value::Object(base)), Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            objects(base, ours, theirs).map(|merged| Some(Value::Object(merged)))
        }
        _ => Err(StillOverlap::whole()),
    }
}

fn objects(
    base: &Map<String, Value>,
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
) -> Result<Map<String, Value>, StillOverlap> {
    let mut merged = Map::new();
    let only_theirs = theirs.keys().filter(|key| !ours.contains_key(*key));
    for key in ours.keys().chain(only_theirs) {
        match three_way(base.get(key), ours.get(key), theirs.get(key)) {
            Ok(Some(value)) => drop(merged.insert(key.clone(), value)),
            Ok(None) => {}
            Err(overlap) => return Err(overlap.below(key)),
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn where_it_overlaps_is_said() {
        let (base, ours, theirs) =
            (json!({"a": {"b/c": 1}}), json!({"a": {"b/c": 2}}), json!({"a": {"b/c": 3}}));
        let error = three_way(Some(&base), Some(&ours), Some(&theirs)).unwrap_err();
        assert_eq!(error.at, "/a/b~1c");
        assert_eq!(error.to_string(), "both have changed /a/b~1c");
    }

    #[test]
    fn nothing_is_no_null() {
        let (null, one) = (Value::Null, json!(1));
        assert_eq!(three_way(Some(&null), None, Some(&null)), Ok(None));
        assert_eq!(three_way(None, Some(&null), None), Ok(Some(null.clone())));
        assert!(three_way(Some(&one), None, Some(&null)).is_err());
    }

    #[test]
    fn two_objects_without_a_base_are_not_mixed() {
        let (ours, theirs) = (json!({"a": 1}), json!({"b": 2}));
        assert!(three_way(None, Some(&ours), Some(&theirs)).is_err());
    }

    fn some_json() -> impl Strategy<Value = Option<Value>> {
        let plain =
            prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!([1])), Just(json!(null))];
        let json = plain.prop_recursive(3, 16, 4, |inside| {
            prop::collection::btree_map("[a-c]", inside, 0..4)
                .prop_map(|object| Value::Object(object.into_iter().collect()))
        });
        prop::option::of(json)
    }

    proptest! {
        #[test]
        fn the_laws_hold((base, one, other) in (some_json(), some_json(), some_json())) {
            let (base, one, other) = (base.as_ref(), one.as_ref(), other.as_ref());
            prop_assert_eq!(three_way(base, one, base), Ok(one.cloned()));
            prop_assert_eq!(three_way(base, base, one), Ok(one.cloned()));
            prop_assert_eq!(three_way(base, one, one), Ok(one.cloned()));
            let merged = three_way(base, one, other).ok();
            prop_assert_eq!(&merged, &three_way(base, other, one).ok());
            // Who takes up what was merged has nothing left to do, and nothing to ask.
            if let Some(merged) = merged {
                let merged = merged.as_ref();
                prop_assert_eq!(three_way(one, one, merged), Ok(merged.cloned()));
                prop_assert_eq!(three_way(base, merged, one), Ok(merged.cloned()));
                prop_assert_eq!(three_way(base, merged, other), Ok(merged.cloned()));
            }
        }
    }
}
