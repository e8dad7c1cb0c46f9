use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::merge::{Overlap, Resolution, Strategy};

struct Longest;

impl Strategy for Longest {
    fn merge(&self, _: &Overlap<'_>) -> Resolution {
        Resolution::Mine
    }
}

fn rules(settings: serde_json::Value) -> Result<Rules, RulesError> {
    let mut strategies = Strategies::default();
    strategies.register("longest", Arc::new(Longest)).unwrap();
    Rules::new(&serde_json::from_value(settings).unwrap(), &strategies)
}

fn policy(rules: &Rules, collection: &str, field: &str) -> String {
    let collection = collection.parse().unwrap();
    rules.of(&collection).policy_of(&field.parse().unwrap()).to_string()
}

#[test]
fn the_built_in_rules_can_be_kept() {
    let rules = Rules::default();
    for (collection, known) in &rules.known {
        assert_eq!(known.check(collection, &Strategies::default()), Ok(()), "{collection}");
    }
    let condition = &rules.of(&Collection::alert_rules()).groups()[0];
    assert_eq!(rules.of(&Collection::alert_rules()).policy_of_group(condition), &Policy::Manual);
}

#[test]
fn what_the_operator_does_not_say_stays() {
    let rules = rules(json!({
        "notes": {"policy": "server_wins"},
        "watchlists": {"fields": {"name": "longest"}},
        "drawings": {"groups": [["x", "y"]]},
    }))
    .unwrap();
    assert_eq!(policy(&rules, "notes", "text"), "text");
    assert_eq!(policy(&rules, "notes", "colour"), "server_wins");
    assert_eq!(policy(&rules, "watchlists", "name"), "longest");
    assert_eq!(policy(&rules, "watchlists", "items"), "id_set");
    assert_eq!(policy(&rules, "drawings", "x"), "three_way");
    assert_eq!(policy(&rules, "alert_rules", "unit"), "manual");
}

#[test]
fn rules_that_cannot_be_kept_are_refused() {
    let cases = [
        (json!({"notes": {"policy": "longer"}}), "\"longer\", which is neither"),
        (json!({"notes": {"fields": {"text": "shortest"}}}), "registered: longest"),
        (json!({"notes": {"groups": [[]]}}), "a group without fields"),
        (json!({"notes": {"groups": [["a", "b"], ["b"]]}}), "have b in more than one place"),
        (json!({"alert_rules": {"fields": {"op": "client_wins"}}}), "metric and op in one group"),
        (json!({"notes": {"groups": [["text", "title"]]}}), "settle the group of text by text"),
        (json!({"conflicts": {"policy": "manual"}}), "never merged"),
    ];
    for (settings, said) in cases {
        let error = rules(settings.clone()).unwrap_err().to_string();
        assert!(error.contains(said), "{settings}: {error}");
    }
}

#[test]
fn a_misspelled_setting_is_refused_where_it_is_read() {
    for wrong in [json!({"polizy": "text"}), json!({"policy": "Text!"}), json!({"groups": "x"})] {
        assert!(serde_json::from_value::<RuleSettings>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_strategy_cannot_take_a_built_in_policys_name() {
    let mut strategies = Strategies::default();
    assert!(strategies.register("text", Arc::new(Longest)).is_err());
    assert!(strategies.register("Mine first", Arc::new(Longest)).is_err());
    assert_eq!(strategies.names().count(), 0);
}
