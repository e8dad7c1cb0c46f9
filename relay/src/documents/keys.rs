//! Where each record lies. Every key begins with the tenant and the user, each ended by a zero
//! byte, which no name contains: no user's keys begin like another's.
//!
//! | key, after tenant and user | record |
//! | --- | --- |
//! | `A` | what the user has in all ([`Account`](super::shelf::Account)) |
//! | `G` group | where a queue's numbers stand |
//! | `L` sequence | the document whose newest change that is |
//! | `O` group, 0, entity | the conflicts that wait for an answer of that queue's writes |
//! | `R` group, 0, number | the receipt of a write |
//! | `d` entity, 0 | a document's newest state |
//! | `d` entity, 0, version | what it was at that version |
//!
//! A commit writes whole pages, so what one write touches lies close together: a document beside
//! what it was, and all that every write touches (the capital letters) in one place before them.
//!
//! Beside the users, under the empty name, lies whose each group is.

use tidemark_shared::documents::{Entity, GroupId, MutationId, UserName, Version};
use tidemark_shared::protocol::Sequence;

use crate::store::Keys;

/// The tenant of users who have none: no tenant can be called so.
const NO_TENANT: &str = "default";

/// A user's place among the keys.
#[derive(Clone, Debug)]
pub(super) struct Space(Vec<u8>);

/// Whose a group of a user's tenant is.
pub(super) fn owner_of(user: &UserName, group: &GroupId) -> Vec<u8> {
    [tenant_of(user), b"\0\0", group.as_str().as_bytes()].concat()
}

fn tenant_of(user: &UserName) -> &[u8] {
    user.tenant().unwrap_or(NO_TENANT).as_bytes()
}

impl Space {
    pub(super) fn of(user: &UserName) -> Self {
        Space([tenant_of(user), b"\0", user.local().as_bytes(), b"\0"].concat())
    }

    pub(super) fn account(&self) -> Vec<u8> {
        self.key(b"A", &[])
    }

    pub(super) fn document(&self, entity: &Entity) -> Vec<u8> {
        self.key(b"d", &[entity.to_string().as_bytes(), b"\0"])
    }

    pub(super) fn group(&self, group: &GroupId) -> Vec<u8> {
        self.key(b"G", &[group.as_str().as_bytes()])
    }

    pub(super) fn revision(&self, entity: &Entity, version: Version) -> Vec<u8> {
        self.key(b"d", &[entity.to_string().as_bytes(), b"\0", &version.0.to_be_bytes()])
    }

    /// All revisions before one.
    pub(super) fn revisions_before(&self, entity: &Entity, version: Version) -> Keys {
        Keys { from: self.revision(entity, Version::NONE), before: self.revision(entity, version) }
    }

    pub(super) fn logged(&self, sequence: Sequence) -> Vec<u8> {
        self.key(b"L", &[&sequence.0.to_be_bytes()])
    }

    /// The log after a place.
    pub(super) fn log_after(&self, sequence: Sequence) -> Keys {
        Keys { from: self.logged(sequence.next()), before: self.key(b"M", &[]) }
    }

    pub(super) fn open_conflicts(&self, group: &GroupId, entity: &Entity) -> Vec<u8> {
        let entity = entity.to_string();
        self.key(b"O", &[group.as_str().as_bytes(), b"\0", entity.as_bytes()])
    }

    pub(super) fn receipt(&self, group: &GroupId, mid: MutationId) -> Vec<u8> {
        self.key(b"R", &[group.as_str().as_bytes(), b"\0", &mid.0.to_be_bytes()])
    }

    /// The receipts of a group up to a number.
    pub(super) fn receipts_to(&self, group: &GroupId, mid: MutationId) -> Keys {
        Keys {
            from: self.receipt(group, MutationId::NONE),
            before: self.receipt(group, mid.next()),
        }
    }

    fn key(&self, kind: &[u8; 1], parts: &[&[u8]]) -> Vec<u8> {
        let mut key = self.0.clone();
        key.extend_from_slice(kind);
        parts.iter().for_each(|part| key.extend_from_slice(part));
        key
    }
}
