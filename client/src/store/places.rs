//! Where the databases of one user of one relay are.

use std::rc::Rc;

use tidemark_shared::documents::{GroupId, UserName};
use tidemark_shared::outbox::Meta;

use super::{
    IndexedDb, IndexedVault, Keep, KeepError, Memory, MemoryVault, Rows, Vault, VaultError,
};

/// The two places of one user of one relay.
pub(crate) struct Places {
    cache: String,
    vault: String,
}

/// A vault, and why it is not what it should be.
pub(crate) struct OpenedVault {
    /// The place.
    pub(crate) vault: Rc<dyn Vault>,
    /// What is in it.
    pub(crate) rows: Rows,
    /// Why the browser's own could not be opened; it is in memory then.
    pub(crate) refused: Option<VaultError>,
}

impl Places {
    /// The places of a user of a relay.
    pub(crate) fn of(relay: &str, user: &UserName) -> Self {
        Places {
            cache: format!("tidemark-cache:{relay}:{user}"),
            vault: format!("tidemark-outbox:{relay}:{user}"),
        }
    }

    /// Opens the cache; in memory where the browser refuses.
    pub(crate) async fn open_cache(&self) -> (Rc<dyn Keep>, Option<KeepError>) {
        match IndexedDb::open(self.cache.clone()).await {
            Ok(database) => (Rc::new(database), None),
            Err(error) => (Rc::new(Memory::default()), Some(error)),
        }
    }

    /// Opens the vault, or begins one under the name `group`; in memory where the browser refuses.
    pub(crate) async fn open_vault(&self, user: UserName, group: GroupId) -> OpenedVault {
        let empty = Rows { meta: Meta::new(user, group), items: Vec::new() };
        let vault = Rc::new(IndexedVault::new(self.vault.clone()));
        match vault.begin_with(empty.clone()).await {
            Ok(rows) => OpenedVault { vault, rows, refused: None },
            // What is there belongs to a newer version: nothing is written until this page is
            // loaded anew, not even in memory, where it would be lost.
            Err(error @ VaultError::Newer) => {
                OpenedVault { vault, rows: empty, refused: Some(error) }
            }
            Err(error) => OpenedVault {
                vault: Rc::new(MemoryVault::holding(empty.clone())),
                rows: empty,
                refused: Some(error),
            },
        }
    }
}
