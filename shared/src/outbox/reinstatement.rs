//! What a restored relay has lost of the documents that were confirmed before.

use super::replica::Replica;
use crate::clock::Stamp;
use crate::documents::{Body, Collection, Document, Draft, MutationKind, Version, changes_between};
use crate::merge::Policy;

/// The writes that bring it back, with the stamps that the documents had. Several devices send the
/// same: the later document wins, and the same document twice changes nothing.
///
/// | the relay's document is | what was confirmed |
/// | --- | --- |
/// | the same, or its stamp is not older and its version not lower | has led to it |
/// | missing, or older by its stamp | is written over it |
/// | newer by its stamp, but lower in its version: changed since the restore | is sent as a loser: what fields it has that the relay's lacks are taken, the rest can be read in the document's history |
/// | newer, and a deletion | becomes a conflict: it was edited here and deleted there |
pub(super) fn lost_documents(old: &Replica, new: &Replica) -> Vec<(Draft, Stamp)> {
    let conflicts = Collection::conflicts();
    let ours = old.documents.values().filter(|document| document.entity.collection != conflicts);
    ours.filter_map(|document| {
        let theirs = new.documents.get(&document.entity).map(AsRef::as_ref);
        Some((what_brings_back(document, theirs)?, document.stamp))
    })
    .collect()
}

fn what_brings_back(old: &Document, new: Option<&Document>) -> Option<Draft> {
    let is_same = |new: &Document| new.deleted == old.deleted && new.checksum == old.checksum;
    let is_later = new.is_none_or(|new| old.stamp > new.stamp);
    let is_higher = new.is_some_and(|new| old.version > new.version);
    if new.is_some_and(is_same) || !(is_later || is_higher) {
        return None;
    }
    let there = new.filter(|new| !new.deleted);
    let nothing = Body::default();
    let body = there.map_or(&nothing, |new| &new.body);
    let mut changes = changes_between(body, &old.body);
    let kind = match (old.deleted, there) {
        (false, _) => MutationKind::Edit,
        (true, Some(_)) if is_later => MutationKind::Delete,
        // Deleted in both; or an edit that is later than the deletion was.
        (true, _) => return None,
    };
    if !is_later {
        // Its author did not see what is there, so it must not look like that.
        changes.retain(|_, change| {
            change.from = None;
            change.to.is_some()
        });
    }
    if changes.is_empty() && kind == MutationKind::Edit {
        return None;
    }
    let base_version = match new {
        Some(new) if !new.deleted || !is_later => new.version,
        _ => Version::NONE,
    };
    Some(Draft {
        kind,
        entity: old.entity.clone(),
        base_version,
        changes,
        policy: Some(Policy::LastWriteWins),
        valid_until: None,
        conflict: None,
    })
}
