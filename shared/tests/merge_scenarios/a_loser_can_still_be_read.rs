//! "I typed that, where is it?"

use serde_json::json;
use tidemark_shared::merge::{Merged, Side, State};

use crate::two::{Write, rules, there};

#[test]
fn a_write_that_lost_everywhere_is_for_the_history() {
    let list = there("watchlists/1", &json!({"name": "Theirs", "items": ["A"]}));
    let write = Write::edit("watchlists/1", json!({"name": ["Old", "Mine"]})).written_at(1);
    match write.meets(Some(&list)) {
        Merged::Changed { becomes: State::Body(body), merged: true, lost, lost_by: Side::Mine } => {
            assert_eq!(body, list.body);
            assert_eq!(lost["name"], Some(json!("Mine")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_should_have_gone_and_stayed_is_named_too() {
    let layout = there("layouts/1", &json!({"name": "n", "interval": "1h", "symbol": "MSFT"}));
    let write = Write::edit("layouts/1", json!({"symbol": ["AAPL", null]})).written_at(1);
    match write.meets(Some(&layout)) {
        Merged::Changed { lost, lost_by: Side::Mine, .. } => assert_eq!(lost["symbol"], None),
        other => panic!("{other:?}"),
    }
}

#[test]
fn when_both_have_lost_it_is_the_writes_values_that_are_nowhere_else() {
    let rules = rules(json!({
        "drawings": {"fields": {"x": "client_wins", "y": "server_wins"}},
    }));
    let current = there("drawings/1", &json!({"x": "their x", "y": "their y"}));
    let changes = json!({"x": ["old", "my x"], "y": ["old", "my y"]});
    let write = Write::edit("drawings/1", changes);
    match write.meets_by(&rules, &Default::default(), Some(&current)) {
        Merged::Changed { becomes: State::Body(body), lost, lost_by: Side::Mine, .. } => {
            assert_eq!(json!(body), json!({"x": "my x", "y": "their y"}));
            assert_eq!(json!(lost), json!({"y": "my y"}));
        }
        other => panic!("{other:?}"),
    }
}
