//! Which of a venue's symbols are which of ours.

use std::collections::HashMap;
use std::sync::Arc;

use tidemark_shared::market::Symbol;

/// The instruments of one venue under both of their names. Cheap to clone; never changes.
#[derive(Clone, Debug, Default)]
pub struct Listings(Arc<Maps>);

#[derive(Debug, Default)]
struct Maps {
    ours: HashMap<String, Symbol>,
    theirs: HashMap<Symbol, String>,
}

impl Listings {
    /// Our name for what the venue calls `theirs`.
    #[must_use]
    pub fn ours(&self, theirs: &str) -> Option<&Symbol> {
        self.0.ours.get(theirs)
    }

    /// The venue's name for what we call `ours`.
    #[must_use]
    pub fn theirs(&self, ours: &Symbol) -> Option<&str> {
        self.0.theirs.get(ours).map(String::as_str)
    }
}

impl FromIterator<(Symbol, String)> for Listings {
    fn from_iter<I: IntoIterator<Item = (Symbol, String)>>(pairs: I) -> Self {
        let mut maps = Maps::default();
        for (ours, theirs) in pairs {
            maps.ours.insert(theirs.clone(), ours.clone());
            maps.theirs.insert(ours, theirs);
        }
        Listings(Arc::new(maps))
    }
}
