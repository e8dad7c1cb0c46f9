//! What somebody may do with their own documents. Whose documents they are is no question of
//! permits: nobody ever has another's.

use tidemark_shared::documents::{Collection, Conflict, Delta, Document, HistoryPage, UserName};
use tidemark_shared::protocol::{ErrorCode, WireError};

/// Whoever writes or asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Whose documents.
    pub user: UserName,
    /// What may be done with them.
    pub permits: Permits,
}

/// What somebody may do, by collection. Of what is said of a collection the first counts; of which
/// nothing is said is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permits {
    reading: Vec<Said>,
    writing: Vec<Said>,
}

/// Whether something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Denied,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    /// Absent for all.
    of: Option<Collection>,
    verdict: Verdict,
}

impl Who {
    /// Somebody who may do everything with their documents.
    #[must_use]
    pub fn unrestricted(user: UserName) -> Self {
        Who { user, permits: Permits::default() }
    }
}

impl Permits {
    /// Says whether a collection may be read, or all of them. What was said before counts more.
    pub fn say_of_reading(&mut self, of: Option<&Collection>, verdict: Verdict) {
        self.reading.push(Said { of: of.cloned(), verdict });
    }

    /// Says whether a collection may be written, or all of them. What was said before counts more.
    pub fn say_of_writing(&mut self, of: Option<&Collection>, verdict: Verdict) {
        self.writing.push(Said { of: of.cloned(), verdict });
    }

    /// Whether a collection may be read.
    #[must_use]
    pub fn read(&self, collection: &Collection) -> Verdict {
        first(&self.reading, collection)
    }

    /// Whether a collection may be written.
    #[must_use]
    pub fn write(&self, collection: &Collection) -> Verdict {
        first(&self.writing, collection)
    }

    /// Whether nothing is kept from the reader.
    #[must_use]
    pub fn reads_all(&self) -> bool {
        let all_from = self.reading.iter().position(|said| said.of.is_none());
        let (singles, rest) = self
            .reading
            .split_at_checked(all_from.unwrap_or(self.reading.len()))
            .unwrap_or_default();
        let otherwise = rest.first().map_or(Verdict::Allowed, |said| said.verdict);
        let denied = |said: &Said| {
            said.of.as_ref().is_some_and(|of| first(&self.reading, of) == Verdict::Denied)
        };
        otherwise == Verdict::Allowed && !singles.iter().any(denied)
    }

    /// A refusal of a write to a collection that may not be written.
    pub(super) fn check_write(&self, collection: &Collection) -> Result<(), WireError> {
        match self.write(collection) {
            Verdict::Allowed => Ok(()),
            Verdict::Denied => {
                let message = format!(
                    "you are not allowed to write {collection} here; nothing was changed: ask who \
                     runs this relay for it, then write it again"
                );
                Err(WireError::new(ErrorCode::Forbidden, message))
            }
        }
    }

    /// Takes out of an answer what may not be read. Pieces still join: a log has holes anyway.
    pub(super) fn narrow_delta(&self, delta: &mut Delta) {
        if !self.reading.is_empty() {
            delta.documents.retain(|document| self.shows(document));
        }
    }

    /// As [`Self::narrow_delta`].
    pub(super) fn narrow_history(&self, page: &mut HistoryPage) {
        if !self.reading.is_empty() {
            page.revisions.retain(|revision| self.shows(&revision.document));
        }
    }

    /// Whether a document may be seen. A conflict holds what another document was, so both count.
    fn shows(&self, document: &Document) -> bool {
        let collection = &document.entity.collection;
        if self.read(collection) == Verdict::Denied {
            return false;
        }
        if *collection != Collection::conflicts() || document.deleted {
            return true;
        }
        Conflict::of_body(&document.body)
            .is_ok_and(|conflict| self.read(&conflict.entity.collection) == Verdict::Allowed)
    }
}

fn first(said: &[Said], collection: &Collection) -> Verdict {
    said.iter()
        .find(|said| said.of.as_ref().is_none_or(|of| of == collection))
        .map_or(Verdict::Allowed, |said| said.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_said_the_first_counts() {
        let (notes, layouts) = (Collection::notes(), Collection::layouts());
        let mut permits = Permits::default();
        assert!(permits.reads_all());
        permits.say_of_reading(Some(&notes), Verdict::Allowed);
        assert!(permits.reads_all());
        permits.say_of_reading(None, Verdict::Denied);
        permits.say_of_reading(Some(&layouts), Verdict::Allowed);
        assert_eq!(permits.read(&notes), Verdict::Allowed);
        assert_eq!(permits.read(&layouts), Verdict::Denied);
        assert_eq!(permits.write(&layouts), Verdict::Allowed);
        assert!(!permits.reads_all());
    }

    #[test]
    fn one_collection_kept_back_is_not_all() {
        let mut permits = Permits::default();
        permits.say_of_reading(Some(&Collection::notes()), Verdict::Denied);
        assert!(!permits.reads_all());
        let mut permits = Permits::default();
        permits.say_of_reading(None, Verdict::Allowed);
        permits.say_of_reading(Some(&Collection::notes()), Verdict::Denied);
        assert!(permits.reads_all());
    }
}
