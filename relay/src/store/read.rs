//! What a snapshot and a transaction both can.

use std::ops::ControlFlow;

use super::StoreError;

/// In which order keys are gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The smallest first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// A range of keys: from the first one on, up to but without the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The first one.
    pub from: Vec<u8>,
    /// The first one after the last.
    pub before: Vec<u8>,
}

impl Keys {
    /// Every key there can be: none begins with this byte.
    #[must_use]
    pub fn all() -> Self {
        Keys { from: Vec::new(), before: vec![u8::MAX] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.from >= self.before
    }
}

/// Looks at a record, its key and its value, and says whether it has seen enough.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// Records as they are at one instant.
pub trait Read {
    /// A record's value.
    ///
    /// # Errors
    /// When the store fails.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Shows records one after the other until `visit` has seen enough.
    ///
    /// # Errors
    /// When the store fails.
    fn scan(&self, keys: &Keys, order: Order, visit: &mut Visit<'_>) -> Result<(), StoreError>;
}
