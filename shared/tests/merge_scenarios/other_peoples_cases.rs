//! "Others have thought about this before": the cases of a database's own three-way merge.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use tidemark_shared::merge::three_way;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    base: Value,
    ours: Value,
    theirs: Value,
    merged: Option<Value>,
    #[serde(default)]
    conflict: bool,
}

fn vectors() -> PathBuf {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors").into();
    std::env::var_os("TIDEMARK_VECTORS").map_or_else(beside, PathBuf::from)
}

#[test]
fn every_case_holds_in_both_directions() {
    let Ok(text) = std::fs::read_to_string(vectors().join("merge/three_way.json")) else {
        println!("skipped: no vectors");
        return;
    };
    let cases = serde_json::from_str::<Cases>(&text).unwrap().cases;
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    for Case { name, base, ours, theirs, merged, conflict } in cases {
        assert_eq!(conflict, merged.is_none(), "{name} says what is right");
        for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
            let found = three_way(Some(&base), Some(ours), Some(theirs)).ok().flatten();
            assert_eq!(found, merged, "{name}: {ours} and {theirs}");
        }
    }
}
