//! The simplest merge there is: whoever changes what another has changed meanwhile is in conflict.

use std::collections::BTreeMap;

use tidemark_relay::documents::Merging;
use tidemark_shared::documents::{
    Author, Body, Collection, Document, Field, Mutation, MutationKind, Version,
};
use tidemark_shared::merge::{Merged, Side, State};
use tidemark_shared::protocol::{ErrorCode, WireError};

/// Merges field by field. In the collection `latest` the document's writer loses against what comes
/// in, in `kept` what comes in loses; in `defect` it panics; a field `forbidden` fails the check.
#[derive(Debug)]
pub struct PlainMerging;

impl Merging for PlainMerging {
    fn merge(&self, mutation: &Mutation, _: &Author, current: Option<&Document>) -> Merged {
        let draft = &mutation.draft;
        let collection = draft.entity.collection.as_str();
        assert!(collection != "defect", "a defect of the merge, as it was asked for");
        let there = current.filter(|current| !current.deleted);
        if current.map_or(Version::NONE, |current| current.version) < draft.base_version {
            return Merged::Conflict { fields: Vec::new() };
        }
        let mut body = there.map(|there| there.body.clone()).unwrap_or_default();
        let before = body.clone();
        let merged = current.is_some_and(|current| current.version != draft.base_version);
        let (mut overlaps, mut mine, mut theirs) = (Vec::new(), Body::default(), Body::default());
        for (field, change) in &draft.changes {
            let now = before.0.get(field);
            if now == change.to.as_ref() {
                continue;
            }
            if now != change.from.as_ref() {
                overlaps.push(field.clone());
                theirs.0.extend(now.map(|now| (field.clone(), now.clone())));
                mine.0.extend(change.to.clone().map(|to| (field.clone(), to)));
                if collection == "kept" {
                    continue;
                }
            }
            match &change.to {
                Some(to) => body.0.insert(field.clone(), to.clone()),
                None => body.0.remove(field),
            };
        }
        let some = |body: Body| body.0.into_iter().map(|(field, value)| (field, Some(value)));
        let (lost, lost_by) = match collection {
            "latest" => (some(theirs).collect(), Side::Theirs),
            "kept" => (some(mine).collect(), Side::Mine),
            _ if overlaps.is_empty() => (BTreeMap::new(), Side::Mine),
            _ => return Merged::Conflict { fields: overlaps },
        };
        let changed = |becomes| Merged::Changed { becomes, merged, lost: lost.clone(), lost_by };
        if draft.kind == MutationKind::Delete {
            return match there {
                Some(_) if body.0.is_empty() => changed(State::Deleted),
                Some(_) => Merged::Conflict { fields: Vec::new() },
                None => Merged::Unchanged,
            };
        }
        if body == before && lost.is_empty() && (there.is_some() || draft.changes.is_empty()) {
            return Merged::Unchanged;
        }
        changed(State::Body(body))
    }

    fn check(&self, _: &Collection, body: &Body) -> Result<(), WireError> {
        let forbidden: Field = "forbidden".parse().unwrap();
        match body.0.contains_key(&forbidden) {
            true => Err(WireError::new(ErrorCode::InvalidParameters, "forbidden is forbidden")),
            false => Ok(()),
        }
    }
}
