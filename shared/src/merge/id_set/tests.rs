use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn list(text: &str) -> Value {
    text.split_whitespace().map(Value::from).collect()
}

fn ids(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn merged(base: &Value, mine: &Value, theirs: &Value) -> Option<Value> {
    id_set(Some(base), Some(mine), Some(theirs)).ok().flatten()
}

#[test]
fn both_sides_are_in_the_list() {
    let cases = [
        // base, mine, theirs, merged
        ("A B", "A B M", "A B T", "A B T M"),
        ("A B", "M A B", "T A B", "T M A B"),
        ("A B", "A M B", "A T B", "A T M B"),
        ("A B C", "A C", "A B C T", "A C T"),
        ("A B C", "A C", "B C", "C"),
        ("A B C", "C A B", "A B C T", "C A B T"),
        ("A B C", "A B C M", "C A B", "C A B M"),
        ("A B C D", "B A C D", "A B D C", "B A D C"),
        ("A B C", "C A B", "B C A", "C B A"),
        ("A B", "A B X", "A B X", "A B X"),
        ("A B", "A X B", "X A B", "X A B"),
        ("A B C", "A M B C", "A C B", "A C M B"),
        ("", "A", "B", "B A"),
        ("A B C D E", "E A B C D", "A C B D E F", "E A C B D F"),
    ];
    for (base, mine, theirs, expected) in cases {
        let found = merged(&list(base), &list(mine), &list(theirs)).unwrap();
        assert_eq!(ids(&found).join(" "), expected, "{base:?} {mine:?} {theirs:?}");
    }
}

#[test]
fn things_are_merged_all_the_way_down() {
    let thing =
        |id: &str, size: u32, colour: &str| json!({"id": id, "size": size, "colour": colour});
    let base = json!([thing("a", 1, "red"), thing("b", 1, "red")]);
    let mine = json!([thing("a", 2, "red"), thing("b", 1, "red")]);
    let theirs = json!([thing("b", 1, "red"), thing("a", 1, "blue")]);
    let found = merged(&base, &mine, &theirs).unwrap();
    assert_eq!(found, json!([thing("b", 1, "red"), thing("a", 2, "blue")]));

    let theirs = json!([thing("a", 3, "red")]);
    let overlap = id_set(Some(&base), Some(&mine), Some(&theirs)).unwrap_err();
    assert_eq!(overlap.at, "/a/size");
}

#[test]
fn what_one_has_edited_the_other_cannot_take_away() {
    let base = json!([{"id": "a", "n": 1}, {"id": "b", "n": 1}]);
    let edited = json!([{"id": "a", "n": 2}, {"id": "b", "n": 1}]);
    let emptied = json!([]);
    let kept = json!([{"id": "a", "n": 2}]);
    assert_eq!(merged(&base, &edited, &emptied), Some(kept.clone()));
    assert_eq!(merged(&base, &emptied, &edited), Some(kept));
}

#[test]
fn what_is_no_list_of_things_is_the_users() {
    let list = list("A");
    for other in [json!("A"), json!([7]), json!([{"id": 7}]), json!([{"name": "A"}]), json!({})] {
        assert!(id_set(Some(&list), Some(&other), Some(&json!([]))).is_err(), "{other}");
    }
    assert!(id_set(Some(&list), None, Some(&json!(["A", "B"]))).is_err());
    assert_eq!(id_set(None, Some(&list), Some(&json!(["B"]))), Ok(Some(json!(["B", "A"]))));
}

#[test]
fn a_list_as_long_as_a_document_can_be_is_merged_at_once() {
    let numbered =
        |range: std::ops::Range<u32>| range.map(|n| format!("{n:x}")).collect::<Vec<_>>();
    let base = numbered(0..5_000);
    let mut mine = base.clone();
    mine.reverse();
    mine.extend(numbered(5_000..6_000));
    let mut theirs = numbered(6_000..7_000);
    theirs.extend(base.iter().rev().cloned());
    let found = merged(&json!(base), &json!(mine), &json!(theirs)).unwrap();
    assert_eq!(ids(&found).len(), 7_000);
}

fn some_list() -> impl Strategy<Value = Value> {
    let letters: Vec<char> = ('a'..='j').collect();
    prop::sample::subsequence(letters, 0..=10)
        .prop_shuffle()
        .prop_map(|ids| ids.into_iter().map(|id| Value::from(id.to_string())).collect())
}

fn set(value: &Value) -> BTreeSet<&str> {
    ids(value).into_iter().collect()
}

/// `list` without what `others` does not have.
fn only<'a>(list: &'a Value, of: &BTreeSet<&str>) -> Vec<&'a str> {
    ids(list).into_iter().filter(|id| of.contains(id)).collect()
}

proptest! {
    #[test]
    fn membership_is_that_of_sets(base in some_list(), mine in some_list(), theirs in some_list()) {
        let found = merged(&base, &mine, &theirs).unwrap();
        let swapped = merged(&base, &theirs, &mine).unwrap();
        prop_assert_eq!(set(&found), set(&swapped));
        prop_assert_eq!(set(&found).len(), ids(&found).len(), "something is there twice");
        let (b, m, t) = (set(&base), set(&mine), set(&theirs));
        for id in b.iter().chain(&m).chain(&t) {
            let expected = match b.contains(id) {
                true => m.contains(id) && t.contains(id),
                false => m.contains(id) || t.contains(id),
            };
            prop_assert_eq!(set(&found).contains(id), expected, "{}", id);
        }
    }

    #[test]
    fn who_alone_has_changed_it_gets_it(base in some_list(), list in some_list()) {
        prop_assert_eq!(merged(&base, &list, &base), Some(list.clone()));
        prop_assert_eq!(merged(&base, &base, &list), Some(list.clone()));
        prop_assert_eq!(merged(&base, &list, &list), Some(list.clone()));
        // Also without the short ways.
        let (b, l) = (ids(&base), ids(&list));
        prop_assert_eq!(order::order(&b, &l, &b, |id| l.contains(&id)), l.clone());
        prop_assert_eq!(order::order(&b, &b, &l, |id| l.contains(&id)), l);
    }

    #[test]
    fn an_order_that_only_one_has_changed_is_that_ones(
        base in some_list(),
        mine in some_list(),
        gone in prop::sample::subsequence(('a'..='j').collect::<Vec<_>>(), 0..=10),
    ) {
        // Theirs removes some and adds one, but moves nothing.
        let mut theirs: Vec<Value> = base.as_array().unwrap().clone();
        theirs.retain(|id| !gone.iter().any(|gone| *id == gone.to_string()));
        theirs.push(json!("new"));
        let theirs = Value::Array(theirs);
        let found = merged(&base, &mine, &theirs).unwrap();
        let both: BTreeSet<&str> = set(&found).intersection(&set(&mine)).copied().collect();
        prop_assert_eq!(only(&found, &both), only(&mine, &both));
        // And the other way round.
        let found = merged(&base, &theirs, &mine).unwrap();
        let both: BTreeSet<&str> = set(&found).intersection(&set(&mine)).copied().collect();
        prop_assert_eq!(only(&found, &both), only(&mine, &both));
    }
}
