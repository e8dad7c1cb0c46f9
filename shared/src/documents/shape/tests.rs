use serde_json::json;

use super::*;
use crate::protocol::Priority;

fn body(value: Value) -> Body {
    serde_json::from_value(value).unwrap()
}

fn rule() -> AlertRule {
    AlertRule {
        symbol: "BTC-USD".parse().unwrap(),
        name: None,
        condition: Condition {
            metric: "rsi_14".parse().unwrap(),
            op: Comparison::CrossesAbove,
            threshold: "70.50".parse().unwrap(),
            unit: Unit::Points,
        },
        active: false,
        priority: Priority::Critical,
        message: Some("sell?".into()),
    }
}

fn reads_back<S: Shape + PartialEq + std::fmt::Debug>(shape: S) {
    let body = shape.to_body();
    assert_eq!(check(&S::collection(), &body), Ok(()));
    assert_eq!(S::of_body(&body), Ok(shape));
}

#[test]
fn what_is_written_reads_back() {
    reads_back(Watchlist {
        name: "반도체".into(),
        items: vec!["005930".parse().unwrap(), "NVDA".parse().unwrap()],
        position: 3,
    });
    reads_back(Note { text: "one\r\ntwo\n\tthree".into() });
    reads_back(rule());
    reads_back(Layout {
        name: "Swing".into(),
        symbol: None,
        interval: "4h".parse().unwrap(),
        style: ChartStyle::Line,
        scale: PriceScale::Logarithmic,
    });
    reads_back(Settings {
        theme: Some(Theme::Dark),
        language: Some("pt-BR".into()),
        watchlist: Some("main".into()),
        symbol: Some("AAPL".parse().unwrap()),
    });
    reads_back(Settings::default());
}

#[test]
fn what_is_wrong_is_said() {
    let list = |items: Value| json!({"name": "a", "items": items});
    let many: Vec<String> = (0..1_001).map(|n| format!("S{n}")).collect();
    let rule = |field: &str, value: Value| {
        let mut body = self::rule().to_body();
        body.0.insert(field.parse().unwrap(), value);
        json!(body)
    };
    let cases = [
        ("watchlists", json!({"items": []}), "name in watchlists: it is missing"),
        ("watchlists", json!({"name": " ", "items": []}), "blank"),
        ("watchlists", json!({"name": 7, "items": []}), "must be a text"),
        ("watchlists", json!({"name": "a\nb", "items": []}), "U+000A"),
        ("watchlists", json!({"name": "x".repeat(61), "items": []}), "61 characters; 60"),
        ("watchlists", list(json!("AAPL")), "must be a list"),
        ("watchlists", list(json!(["AAPL", 7])), "a list of texts"),
        ("watchlists", list(json!(["aapl"])), "not a symbol"),
        ("watchlists", list(json!(["A", "B", "A"])), "\"A\" is in it twice"),
        ("watchlists", list(json!(many)), "1001 items; 1000"),
        ("watchlists", json!({"name": "a", "items": [], "position": -1}), "whole number"),
        ("notes", json!({}), "text in notes: it is missing"),
        ("notes", json!({"text": "é".repeat(8_193)}), "16386 bytes; 16384"),
        ("alert_rules", rule("threshold", json!(70.5)), "must be a text"),
        ("alert_rules", rule("threshold", json!("much")), "not a decimal"),
        ("alert_rules", rule("metric", json!("rsi_0")), "price, change_pct"),
        ("alert_rules", rule("metric", json!("rsi_501")), "\"rsi_501\" is none of"),
        ("alert_rules", rule("op", json!("over")), "above, below, crosses_above"),
        ("alert_rules", rule("active", json!("yes")), "true or false"),
        ("layouts", json!({"name": "a", "interval": "2m"}), "not an interval"),
        ("settings", json!({"theme": "pink"}), "system, light, dark"),
        ("settings", json!({"language": "ko_KR"}), "tag"),
        ("anything", json!({"blob": "x".repeat(20_481)}), "20480 are allowed"),
    ];
    for (collection, document, said) in cases {
        let error = check(&collection.parse().unwrap(), &body(document.clone())).unwrap_err();
        let words = error.to_string();
        assert!(words.contains(said), "{document}: {words}");
        assert!(words.ends_with("; what is stored was left as it is"), "{words}");
    }
}

#[test]
fn what_a_newer_version_has_written_is_kept() {
    let newer = body(json!({"text": "mine", "colour": "red"}));
    assert_eq!(check(&Note::collection(), &newer), Ok(()));
    let changes = Note { text: "mine, too".into() }.changes_from(Some(&newer));
    assert_eq!(changes.keys().map(Field::as_str).collect::<Vec<_>>(), ["text"]);
    assert_eq!(check(&"of_tomorrow".parse().unwrap(), &newer), Ok(()));
}

#[test]
fn fields_that_go_together_are_named_together() {
    let seen = rule().to_body();
    let mut quieter = rule();
    quieter.priority = Priority::Low;
    let named = |changes: Changes| changes.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(named(quieter.changes_from(Some(&seen))), ["priority"]);

    let mut higher = rule();
    higher.condition.threshold = "80".parse().unwrap();
    let changes = higher.changes_from(Some(&seen));
    assert_eq!(changes["op"].from, changes["op"].to);
    assert_eq!(changes["threshold"].from, Some(json!("70.50")));
    assert_eq!(named(changes), ["metric", "op", "symbol", "threshold", "unit"]);
    assert_eq!(named(rule().changes_from(Some(&seen))), [""; 0]);
}

#[test]
fn a_field_that_is_not_set_any_more_is_taken_away() {
    let seen = rule().to_body();
    let mut wordless = rule();
    wordless.message = None;
    let changes = wordless.changes_from(Some(&seen));
    assert_eq!(changes["message"], Change { from: Some(json!("sell?")), to: None });
}
