//! "Of two estimates I want the higher one."

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tidemark_shared::documents::Document;
use tidemark_shared::merge::{Merged, Overlap, Resolution, Rules, Side, Strategies, Strategy};

use crate::two::{Write, asks, at, becomes, me, them, there};

/// Answers as it is told, and checks what it was asked.
struct Told(Resolution);

impl Strategy for Told {
    fn merge(&self, overlap: &Overlap<'_>) -> Resolution {
        let field = overlap.fields[0];
        assert_eq!(overlap.entity.to_string(), "estimates/1");
        assert_eq!((overlap.mine.author, overlap.mine.stamp), (&me(), at(200)));
        assert_eq!((overlap.theirs.author, overlap.theirs.stamp), (&them(), at(100)));
        assert_eq!(field.field.as_str(), "x");
        let values = [field.base, field.mine, field.theirs].map(|value| value.cloned());
        assert_eq!(values, [None, Some(json!("30")), Some(json!("20"))]);
        self.0.clone()
    }
}

fn met(resolution: Resolution) -> Merged {
    let mut strategies = Strategies::default();
    strategies.register("told", Arc::new(Told(resolution))).unwrap();
    let settings = serde_json::from_value(json!({"estimates": {"policy": "told"}})).unwrap();
    let rules = Rules::new(&settings, &strategies).unwrap();
    let write = Write::edit("estimates/1", json!({"x": [null, "30"]}));
    write.meets_by(&rules, &strategies, Some(&current()))
}

fn current() -> Document {
    there("estimates/1", &json!({"x": "20"}))
}

fn lost(merged: Merged) -> (Side, BTreeMap<String, Option<Value>>) {
    match merged {
        Merged::Changed { lost, lost_by, .. } => {
            (lost_by, lost.into_iter().map(|(field, value)| (field.to_string(), value)).collect())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn its_answer_counts() {
    let value = |text: &str| BTreeMap::from([("x".to_owned(), Some(json!(text)))]);
    assert_eq!(lost(met(Resolution::Mine)), (Side::Theirs, value("20")));
    assert_eq!(lost(met(Resolution::Theirs)), (Side::Mine, value("30")));
    assert_eq!(asks(met(Resolution::Ask)), ["x"]);
    assert_eq!(becomes(met(Resolution::Take(vec![Some(json!("30"))])))["x"], "30");
    // Nobody knows what a value of its own has left out.
    assert_eq!(lost(met(Resolution::Take(vec![Some(json!("25"))]))), (Side::Mine, value("30")));
    assert_eq!(lost(met(Resolution::Take(vec![None]))), (Side::Mine, value("30")));
}

#[test]
fn an_answer_to_another_question_is_none() {
    assert_eq!(asks(met(Resolution::Take(Vec::new()))), ["x"]);
    assert_eq!(asks(met(Resolution::Take(vec![None, None]))), ["x"]);
}

#[test]
fn a_rule_that_nobody_has_any_more_leaves_it_to_the_user() {
    let write = Write::edit("estimates/1", json!({"x": [null, "30"]})).by("told");
    assert_eq!(asks(write.meets(Some(&current()))), ["x"]);
}
