//! "Above 100 dollars" and "below 5 percent" must not become "above 5 dollars".

use serde_json::{Value, json};
use tidemark_shared::documents::Document;
use tidemark_shared::documents::shape::{AlertRule, Comparison, Shape, Unit};
use tidemark_shared::merge::Merged;

use crate::two::{Write, asks, becomes, body, me, rules, there};

fn rule() -> Value {
    json!({
        "symbol": "AAPL", "metric": "price", "op": "above", "threshold": "100",
        "unit": "currency", "active": true, "priority": "normal",
    })
}

fn with(changes: &Value) -> Value {
    let mut rule = rule();
    for (field, value) in changes.as_object().unwrap() {
        rule[field] = value.clone();
    }
    rule
}

fn current(changes: &Value) -> Document {
    there("alert_rules/1", &with(changes))
}

/// A write as the page makes it: it names the whole condition.
fn page_writes(change: impl Fn(&mut AlertRule)) -> Write {
    let seen = body(&rule());
    let mut rule = AlertRule::of_body(&seen).unwrap();
    change(&mut rule);
    Write { changes: rule.changes_from(Some(&seen)), ..Write::edit("alert_rules/1", json!({})) }
}

#[test]
fn a_condition_that_only_one_has_changed_is_that_ones() {
    let raise = page_writes(|rule| rule.condition.threshold = "120".parse().unwrap());
    let found = becomes(raise.meets(Some(&current(&json!({"active": false})))));
    assert_eq!(found, with(&json!({"threshold": "120", "active": false})));

    let quieten = page_writes(|rule| rule.active = false);
    let lowered = json!({"op": "below", "threshold": "80"});
    let found = becomes(quieten.meets(Some(&current(&lowered))));
    assert_eq!(found, with(&json!({"op": "below", "threshold": "80", "active": false})));
}

#[test]
fn different_parts_of_one_condition_are_for_the_user() {
    let write = page_writes(|rule| {
        rule.condition.op = Comparison::Below;
        rule.condition.threshold = "90".parse().unwrap();
    });
    let theirs = current(&json!({"metric": "change_pct", "unit": "percent"}));
    assert_eq!(asks(write.meets(Some(&theirs))), ["metric", "op", "threshold", "unit"]);

    let other_symbol = current(&json!({"symbol": "MSFT"}));
    let write = page_writes(|rule| rule.condition.unit = Unit::Percent);
    assert_eq!(asks(write.meets(Some(&other_symbol))), ["symbol", "unit"]);
}

#[test]
fn the_same_change_on_both_sides_is_no_overlap() {
    let write = page_writes(|rule| rule.condition.threshold = "120".parse().unwrap());
    let theirs = current(&json!({"threshold": "120"}));
    assert_eq!(write.meets(Some(&theirs)), Merged::Unchanged);
}

#[test]
fn where_the_later_counts_it_counts_as_a_whole() {
    let conditions = ["symbol", "metric", "op", "threshold", "unit"];
    let later: Value = conditions.iter().map(|field| (*field, "last_write_wins")).collect();
    let rules = rules(json!({"alert_rules": {"fields": later}}));
    let write = page_writes(|rule| rule.condition.threshold = "120".parse().unwrap());
    let theirs = current(&json!({"op": "below"}));
    for (seconds, winner) in
        [(200, with(&json!({"threshold": "120"}))), (50, with(&json!({"op": "below"})))]
    {
        let write = write.clone().written_at(seconds);
        match write.meets_by(&rules, &Default::default(), Some(&theirs)) {
            Merged::Changed { becomes, lost, .. } => {
                assert_eq!(becomes, tidemark_shared::merge::State::Body(body(&winner)));
                let lost: Vec<&str> = lost.keys().map(|field| field.as_str()).collect();
                assert_eq!(lost, ["op", "threshold"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_write_that_names_half_of_a_condition_is_believed_only_where_it_can_be() {
    let write = Write::edit("alert_rules/1", json!({"threshold": ["100", "120"]}));
    // Somebody has changed the document since: maybe the half that is not named.
    let theirs = current(&json!({"op": "below"}));
    assert_eq!(asks(write.meets(Some(&theirs))), ["threshold"]);
    // It is the document that the author saw.
    let expected = with(&json!({"op": "below", "threshold": "120"}));
    assert_eq!(becomes(write.clone().of_one_who_saw(5).meets(Some(&theirs))), expected);
    // The author's own queue has made it what it is.
    let mine = Document { author: me(), ..theirs };
    assert_eq!(becomes(write.meets(Some(&mine))), expected);
}
