//! "My list has what I added on the phone and what I added on the desk."

use serde_json::{Value, json};
use tidemark_shared::documents::Document;
use tidemark_shared::merge::{Merged, Side, State};

use crate::two::{Write, asks, becomes, me, rules, there};

const POLICIES: [&str; 7] =
    ["client_wins", "server_wins", "last_write_wins", "three_way", "manual", "id_set", "text"];

/// What a policy makes of one field: `Err` with whose value was lost, or with nobody.
fn settled(
    policy: &str,
    base: &Value,
    mine: &Value,
    theirs: &Value,
) -> Result<Value, Option<Side>> {
    let rules = rules(json!({"drawings": {"policy": policy}}));
    let write = Write::edit("drawings/1", json!({"x": [base, mine]}));
    let current = there("drawings/1", &json!({"x": theirs}));
    match write.meets_by(&rules, &Default::default(), Some(&current)) {
        Merged::Changed { becomes: State::Body(body), lost, lost_by, .. } => {
            if lost.is_empty() {
                Ok(body.get("x").unwrap().clone())
            } else {
                Err(Some(lost_by))
            }
        }
        Merged::Conflict { .. } => Err(None),
        other => panic!("{policy}: {other:?}"),
    }
}

#[test]
fn an_overlap() {
    use Side::{Mine, Theirs};
    let (list, added, other) = (json!(["a"]), json!(["a", "m"]), json!(["a", "t"]));
    let (object, one, two) =
        (json!({"p": 1, "q": 1}), json!({"p": 2, "q": 1}), json!({"p": 1, "q": 2}));
    let (poem, first, last) = (json!("a\nb\nc"), json!("A\nb\nc"), json!("a\nb\nC"));
    let list_cases = (&list, &added, &other);
    let object_cases = (&object, &one, &two);
    let text_cases = (&poem, &first, &last);
    let joined_list = Ok(json!(["a", "t", "m"]));
    let joined_object = Ok(json!({"p": 2, "q": 2}));
    let joined_text = Ok(json!("A\nb\nC"));
    for (what, policy, expected) in [
        (list_cases, "client_wins", Err(Some(Theirs))),
        (list_cases, "server_wins", Err(Some(Mine))),
        (list_cases, "last_write_wins", Err(Some(Theirs))),
        (list_cases, "three_way", Err(None)),
        (list_cases, "manual", Err(None)),
        (list_cases, "id_set", joined_list),
        (list_cases, "text", Err(None)),
        (object_cases, "client_wins", Err(Some(Theirs))),
        (object_cases, "server_wins", Err(Some(Mine))),
        (object_cases, "three_way", joined_object),
        (object_cases, "manual", Err(None)),
        (object_cases, "id_set", Err(None)),
        (object_cases, "text", Err(None)),
        (text_cases, "last_write_wins", Err(Some(Theirs))),
        (text_cases, "three_way", Err(None)),
        (text_cases, "manual", Err(None)),
        (text_cases, "id_set", Err(None)),
        (text_cases, "text", joined_text),
    ] {
        let (base, mine, theirs) = what;
        assert_eq!(settled(policy, base, mine, theirs), expected, "{policy} of {base}");
    }
}

#[test]
fn no_policy_is_asked_when_only_one_has_changed_it() {
    for policy in POLICIES {
        let rules = rules(json!({"drawings": {"policy": policy}}));
        let current = there("drawings/1", &json!({"x": 1, "y": 9}));
        let write = Write::edit("drawings/1", json!({"x": [1, 2]}));
        let merged = write.meets_by(&rules, &Default::default(), Some(&current));
        assert_eq!(becomes(merged), json!({"x": 2, "y": 9}), "{policy}");
        for (from, to) in [(json!(7), json!(7)), (json!(7), json!(1)), (json!(1), json!(1))] {
            let write = Write::edit("drawings/1", json!({"x": [from, to]}));
            let merged = write.meets_by(&rules, &Default::default(), Some(&current));
            assert_eq!(merged, Merged::Unchanged, "{policy}: {from} to {to}");
        }
    }
}

#[test]
fn it_is_told_whether_others_were_there() {
    let current = there("drawings/1", &json!({"x": 1, "y": 9}));
    let write = Write::edit("drawings/1", json!({"x": [1, 2]}));
    let was_merged = |write: &Write, current: &Document| match write.meets(Some(current)) {
        Merged::Changed { merged, .. } => merged,
        other => panic!("{other:?}"),
    };
    // They have changed the other field, and then not.
    assert!(was_merged(&write, &current));
    assert!(!was_merged(&write.clone().of_one_who_saw(5), &current));
    // What has brought it further was the same queue.
    assert!(!was_merged(&write, &Document { author: me(), ..current }));
}

#[test]
fn the_later_write_counts_and_a_tie_is_broken_the_same_everywhere() {
    let current = there("settings/main", &json!({"theme": "dark"}));
    let write = Write::edit("settings/main", json!({"theme": ["system", "light"]}));
    for (seconds, loser) in [(200, Side::Theirs), (99, Side::Mine), (100, Side::Mine)] {
        // At second 100 both wrote at the same time, and their queue has the greater name.
        match write.clone().written_at(seconds).meets(Some(&current)) {
            Merged::Changed { becomes: State::Body(body), merged: true, lost, lost_by } => {
                let (winner, lost_theme) = match loser {
                    Side::Theirs => ("light", "dark"),
                    Side::Mine => ("dark", "light"),
                };
                assert_eq!(body.text("theme"), Some(winner));
                assert_eq!(lost["theme"], Some(json!(lost_theme)));
                assert_eq!(lost_by, loser);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_built_in_collections() {
    let list =
        there("watchlists/main", &json!({"name": "Main", "items": ["A", "T"], "position": 0}));
    let write = Write::edit("watchlists/main", json!({"items": [["A"], ["M", "A"]]}));
    assert_eq!(becomes(write.meets(Some(&list)))["items"], json!(["M", "A", "T"]));

    let note = there("notes/AAPL", &json!({"text": "buy\nhold\nsell\n"}));
    let write = Write::edit("notes/AAPL", json!({"text": ["buy\nhold\n", "BUY\nhold\n"]}));
    assert_eq!(becomes(write.meets(Some(&note)))["text"], "BUY\nhold\nsell\n");
    let write = Write::edit("notes/AAPL", json!({"text": ["buy\nhold\n", "buy\nhold\nwait\n"]}));
    assert_eq!(asks(write.meets(Some(&note))), ["text"]);

    // Nobody here knows this collection.
    let drawing = there("drawings/1", &json!({"line": {"x": 1, "y": 5}}));
    let write = Write::edit("drawings/1", json!({"line": [{"x": 1, "y": 1}, {"x": 4, "y": 1}]}));
    assert_eq!(becomes(write.meets(Some(&drawing)))["line"], json!({"x": 4, "y": 5}));
}

#[test]
fn one_field_for_the_user_holds_the_whole_write_back() {
    let note = there("notes/AAPL", &json!({"text": "theirs", "colour": "red"}));
    let changes = json!({"text": ["old", "mine"], "colour": ["red", "blue"]});
    assert_eq!(asks(Write::edit("notes/AAPL", changes).meets(Some(&note))), ["text"]);
}
