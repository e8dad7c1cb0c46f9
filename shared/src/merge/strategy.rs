//! Rules that whoever runs the relay has written.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::{InvalidPolicy, Policy};
use crate::clock::Stamp;
use crate::documents::{Author, Entity, Field};

/// A rule of one's own for what two have changed.
pub trait Strategy: Send + Sync {
    /// Decides. The same question must always get the same answer: it is asked again when a
    /// transaction is done again.
    fn merge(&self, overlap: &Overlap<'_>) -> Resolution;
}

/// What two have changed.
#[derive(Clone, Debug)]
pub struct Overlap<'a> {
    /// In which document.
    pub entity: &'a Entity,
    /// Where. More than one when they are a group, which is decided as a whole.
    pub fields: &'a [FieldOverlap<'a>],
    /// Who brings the write that comes in.
    pub mine: Contender<'a>,
    /// Who last changed the document that is there, whichever of its fields it was.
    pub theirs: Contender<'a>,
}

/// One field that two have changed, or that belongs to such a one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldOverlap<'a> {
    /// Which.
    pub field: &'a Field,
    /// What the author of the write saw; `None`: it was not there.
    pub base: Option<&'a Value>,
    /// What the write wants; `None`: that it goes.
    pub mine: Option<&'a Value>,
    /// What is there.
    pub theirs: Option<&'a Value>,
}

/// Who wrote, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender<'a> {
    /// Who.
    pub author: &'a Author,
    /// When, by a hybrid clock.
    pub stamp: Stamp,
}

impl Contender<'_> {
    /// Whether this one counts where the last write does. Of two stamps that are the same, the
    /// queues' names decide, so that it is the same wherever it is asked.
    #[must_use]
    pub fn is_later_than(&self, other: &Contender<'_>) -> bool {
        (self.stamp, &self.author.group) >= (other.stamp, &other.author.group)
    }
}

/// What a strategy has decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// These values, one for each of the overlap's fields in their order.
    Take(Vec<Option<Value>>),
    /// What comes in.
    Mine,
    /// What is there.
    Theirs,
    /// The user decides.
    Ask,
}

/// The strategies that there are, by the names that rules call them by.
#[derive(Clone, Default)]
pub struct Strategies {
    named: BTreeMap<Arc<str>, Arc<dyn Strategy>>,
}

impl Strategies {
    /// Adds one, in place of an older one of the same name.
    ///
    /// # Errors
    /// When the name is none that a rule can have, or a built-in policy's.
    pub fn register(
        &mut self,
        name: &str,
        strategy: Arc<dyn Strategy>,
    ) -> Result<(), InvalidPolicy> {
        match name.parse()? {
            Policy::Strategy(name) => {
                self.named.insert(name, strategy);
                Ok(())
            }
            _ => Err(InvalidPolicy::of(name)),
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&dyn Strategy> {
        self.named.get(name).map(AsRef::as_ref)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Strategies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
