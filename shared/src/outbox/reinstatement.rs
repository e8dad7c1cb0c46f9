//! What a restored relay has lost of the documents that were confirmed before.

use std::time::Duration;

use super::replica::Replica;
use crate::clock::Stamp;
use crate::documents::{Body, Collection, Document, Draft, MutationKind, Version, changes_between};
use crate::merge::Policy;

/// The writes that bring it back, with the stamps that the documents had. Several devices send the
/// same: the later document wins, and the same document twice changes nothing.
///
/// | the relay's document is | what was confirmed |
/// | --- | --- |
/// | the same | is there |
/// | missing, or older by its stamp | is written over it |
/// | newer by its stamp, but lower in its version: changed since the restore | is sent as a loser: what fields it has that the relay's lacks are taken, the rest can be read in the document's history |
/// | newer, and its version not lower, or a deletion | is sent as a loser: it changes nothing, and can be read in the document's history |
///
/// In the last case it may have led to what is there, or not: versions that came after the backup
/// have the same numbers as those that were lost. Nobody here can tell, and a line too many in a
/// history does no harm.
pub(super) fn lost_documents(old: &Replica, new: &Replica) -> Vec<(Draft, Stamp)> {
    let conflicts = Collection::conflicts();
    let ours = old.documents.values().filter(|document| document.entity.collection != conflicts);
    ours.filter_map(|document| {
        let theirs = new.documents.get(&document.entity).map(AsRef::as_ref);
        Some((what_brings_back(document, theirs)?, stamp_of(document, theirs)))
    })
    .collect()
}

fn what_brings_back(old: &Document, new: Option<&Document>) -> Option<Draft> {
    let is_same = |new: &Document| new.deleted == old.deleted && new.checksum == old.checksum;
    let is_later = new.is_none_or(|new| old.stamp > new.stamp);
    let is_higher = new.is_some_and(|new| old.version > new.version);
    if new.is_some_and(is_same) {
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
        Some(new) if !new.deleted && (is_later || is_higher) => new.version,
        // A version that the relay does not have: it is left to the stamps, every field of it.
        Some(new) if !is_later => new.version.next(),
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

/// The stamp that decides between both. Where they are the same, a late write of another field has
/// changed the document and left its stamp: what is there is the newer one.
fn stamp_of(old: &Document, new: Option<&Document>) -> Stamp {
    match new {
        Some(new) if old.stamp == new.stamp => {
            Stamp { at: old.stamp.at - Duration::from_millis(1), count: 0 }
        }
        _ => old.stamp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;
    use crate::documents::{Author, Digest, Field, GroupId, Mutation, MutationId};
    use crate::merge::{Merged, Rules, Side, State, Strategies, apply};
    use crate::protocol::Sequence;

    fn author(bits: u128) -> Author {
        Author { user: "alice".parse().unwrap(), group: GroupId::from_bits(bits) }
    }

    fn note(text: Option<&str>, version: u64, at: i64) -> Document {
        let field: Field = "text".parse().unwrap();
        let body: Body = text.map(|text| (field, text.into())).into_iter().collect();
        Document {
            entity: "notes/AAPL".parse().unwrap(),
            version: Version(version),
            sequence: Sequence(version),
            stamp: Stamp { at: UnixMillis(at), count: 0 },
            author: author(1),
            deleted: text.is_none(),
            checksum: Digest::of(&body),
            body,
        }
    }

    /// What the relay makes of what is sent again, in a group that wins where stamps are the same.
    fn reinstated(old: &Document, new: &Document) -> Merged {
        let replica = |document: &Document| Replica::new(vec![document.clone()], None);
        let lost = lost_documents(&replica(old), &replica(new));
        let [(draft, stamp)] = <[_; 1]>::try_from(lost).expect("one document is different");
        let sender = author(u128::MAX);
        let mutation = Mutation::seal(draft, MutationId(1), sender.user.clone(), stamp);
        apply(&Rules::default(), &Strategies::default(), &mutation, &sender, Some(new))
    }

    fn assert_only_readable(merged: &Merged, there: &State) {
        let Merged::Changed { becomes, lost, lost_by, .. } = merged else {
            panic!("nothing of it is kept: {merged:?}");
        };
        assert_eq!((becomes, lost_by), (there, &Side::Mine));
        let lost: Vec<_> = lost.values().flatten().filter_map(|value| value.as_str()).collect();
        assert_eq!(lost, ["seen everywhere"]);
    }

    #[test]
    fn what_others_have_written_since_the_restore_does_not_hide_what_the_relay_has_lost() {
        let old = note(Some("seen everywhere"), 2, 5_000);
        for new in [note(Some("later"), 2, 9_000), note(Some("later"), 7, 9_000)] {
            assert_only_readable(&reinstated(&old, &new), &State::Body(new.body.clone()));
        }
        let gone = note(None, 3, 9_000);
        assert_only_readable(&reinstated(&old, &gone), &State::Deleted);
    }

    #[test]
    fn a_late_write_of_another_field_that_left_the_stamp_is_not_written_over() {
        let old = note(Some("seen everywhere"), 2, 5_000);
        let new = note(Some("merged"), 3, 5_000);
        assert_only_readable(&reinstated(&old, &new), &State::Body(new.body.clone()));
    }
}
