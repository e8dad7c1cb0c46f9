//! The users' own data: mutations as they come, one spelling per value, and merges that obey their
//! rules.

use serde_json::Value;
use tidemark_shared::documents::{
    Author, Digest, Document, GroupId, Mutation, Push, canonical_json,
};
use tidemark_shared::merge::{
    Merged, Rules, State, StillOverlap, Strategies, apply, id_set, text, three_way,
};

use super::lines;

pub(super) fn mutations(data: &[u8]) {
    if let Ok(push) = serde_json::from_slice::<Push>(data) {
        let text = serde_json::to_string(&push).unwrap();
        assert_eq!(serde_json::from_str::<Push>(&text).ok(), Some(push));
    }
    let Ok(mutation) = serde_json::from_slice::<Mutation>(data) else { return };
    let text = serde_json::to_string(&mutation).unwrap();
    let again: Mutation = serde_json::from_str(&text).unwrap();
    assert_eq!(again, mutation);
    assert_eq!(again.is_intact(), mutation.is_intact());
    let sealed = Mutation::seal(mutation.draft, mutation.mid, mutation.owner, mutation.stamp);
    assert!(sealed.is_intact());
    // The other side hashes what it reads.
    let text = serde_json::to_string(&sealed).unwrap();
    assert!(serde_json::from_str::<Mutation>(&text).unwrap().is_intact());
}

pub(super) fn canonical(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let text = canonical_json(&value);
    let again: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(canonical_json(&again), text, "one value, two spellings");
    assert_eq!(Digest::of(&again), Digest::of(&value));
    // However it was written down on the way.
    let spaced: Value =
        serde_json::from_str(&serde_json::to_string_pretty(&value).unwrap()).unwrap();
    assert_eq!(canonical_json(&spaced), text);
}

/// Three lines: what was there, and what each of two has made of it. An empty line for nothing.
pub(super) fn merging(data: &[u8]) {
    let lines = lines(data);
    let [base, one, other, ..] = lines.as_slice() else { return };
    let read = |line: &str| match line.is_empty() {
        true => Ok(None),
        false => serde_json::from_str::<Value>(line).map(Some),
    };
    let (Ok(base), Ok(one), Ok(other)) = (read(base), read(one), read(other)) else { return };
    let (base, one, other) = (base.as_ref(), one.as_ref(), other.as_ref());
    for merge in [three_way, text] {
        let merged = merge(base, one, other).ok();
        assert_eq!(merged, merge(base, other, one).ok(), "it matters who is who");
        obeys(merge, base, one);
        // Who takes up what was merged has nothing left to do.
        if let Some(merged) = merged {
            assert_eq!(merge(one, one, merged.as_ref()).ok(), Some(merged.clone()));
        }
    }
    obeys(id_set, base, one);
    let ids = |value: Option<Option<Value>>| {
        let mut ids: Vec<String> = value??.as_array()?.iter().map(canonical_json).collect();
        ids.sort();
        Some(ids)
    };
    let (here, there) = (id_set(base, one, other).ok(), id_set(base, other, one).ok());
    assert_eq!(here.is_some(), there.is_some());
    assert_eq!(ids(here), ids(there), "which things there are depends on who is who");
}

type Merge =
    fn(Option<&Value>, Option<&Value>, Option<&Value>) -> Result<Option<Value>, StillOverlap>;

/// Where only one has changed something, that is what comes of it.
fn obeys(merge: Merge, base: Option<&Value>, one: Option<&Value>) {
    assert_eq!(merge(base, one, base), Ok(one.cloned()));
    assert_eq!(merge(base, base, one), Ok(one.cloned()));
    assert_eq!(merge(base, one, one), Ok(one.cloned()));
}

/// Two lines: a mutation, and the document that it meets.
pub(super) fn writes(data: &[u8]) {
    let lines = lines(data);
    let Some((Ok(mutation), rest)) =
        lines.split_first().map(|(first, rest)| (serde_json::from_str::<Mutation>(first), rest))
    else {
        return;
    };
    let document = rest.first().and_then(|line| serde_json::from_str::<Document>(line).ok());
    let author = Author { user: mutation.owner.clone(), group: GroupId::from_bits(1) };
    let merge = || {
        let (rules, strategies) = (Rules::default(), Strategies::default());
        apply(&rules, &strategies, &mutation, &author, document.as_ref())
    };
    let merged = merge();
    assert_eq!(merge(), merged, "a merge is a function");
    let Merged::Changed { becomes: State::Body(body), lost, .. } = merged else { return };
    let before = document.as_ref().map(|document| &document.body);
    for (field, value) in &body.0 {
        let is_known = before.is_some_and(|before| before.0.contains_key(field))
            || mutation.draft.changes.contains_key(field);
        assert!(is_known, "{field} came from nowhere: {value}");
    }
    assert!(lost.keys().all(|field| mutation.draft.changes.contains_key(field)
        || before.is_some_and(|before| before.0.contains_key(field))));
}
