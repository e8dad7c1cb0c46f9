//! A document while its user changes it: small changes in quick succession become one write, and
//! each write goes on from where the one before it ended, whatever has come from elsewhere
//! meanwhile.

use tidemark_shared::documents::{Body, Draft, Entity};

use super::seen::Seen;

/// A document that is being changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editing {
    /// What the next write starts from.
    seen: Seen,
    /// What the user wants.
    to: Body,
    /// What the write on its way to the browser's database wants.
    writing: Option<Body>,
}

/// What is left to do after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing.
    Nothing,
    /// The user has gone on meanwhile.
    More,
}

impl Editing {
    /// Begins with what the user sees.
    pub(crate) fn begin(seen: Seen) -> Self {
        let to = seen.body.clone().unwrap_or_default();
        Editing { seen, to, writing: None }
    }

    /// What the user wants.
    pub(crate) const fn to(&self) -> &Body {
        &self.to
    }

    /// The user wants something else.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Body)) {
        change(&mut self.to);
    }

    /// Whether a write is on its way to the browser's database.
    pub(crate) const fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// The write to do now; nothing when there is none, or one is on its way.
    pub(crate) fn take(&mut self, entity: &Entity) -> Option<Draft> {
        if self.is_writing() {
            return None;
        }
        let draft = self.seen.draft(entity.clone(), Some(&self.to));
        if draft.changes.is_empty() {
            return None;
        }
        self.writing = Some(self.to.clone());
        Some(draft)
    }

    /// The write is safe: the next one goes on from it.
    pub(crate) fn saved(&mut self) -> Rest {
        if let Some(written) = self.writing.take() {
            self.seen.body = Some(written);
        }
        if self.seen.body.as_ref() == Some(&self.to) { Rest::Nothing } else { Rest::More }
    }

    /// The write was not done: all of it is still to be written.
    pub(crate) fn failed(&mut self) {
        self.writing = None;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tidemark_shared::documents::Version;

    use super::*;
    use crate::desk::seen::body;

    fn note() -> Entity {
        "notes/AAPL".parse().unwrap()
    }

    fn begun(text: &str) -> Editing {
        Editing::begin(Seen { version: Version(4), body: Some(body(json!({ "text": text }))) })
    }

    fn write(editing: &mut Editing, text: &str) {
        editing.change(|body| _ = body.0.insert("text".parse().unwrap(), text.into()));
    }

    fn taken(editing: &mut Editing) -> (Option<Value>, Option<Value>) {
        let draft = editing.take(&note()).expect("there is something to write");
        let change = draft.changes["text"].clone();
        (change.from, change.to)
    }

    #[test]
    fn ten_letters_typed_without_a_pause_are_one_write() {
        let mut editing = begun("");
        for end in 1..=10 {
            write(&mut editing, &"tidemarks!"[..end]);
        }
        assert_eq!(taken(&mut editing), (Some(json!("")), Some(json!("tidemarks!"))));
        assert_eq!(editing.take(&note()), None, "one at a time");
        assert_eq!(editing.saved(), Rest::Nothing);
        assert_eq!(editing.take(&note()), None);
    }

    #[test]
    fn what_is_typed_while_a_write_is_saved_goes_on_from_that_write() {
        let mut editing = begun("a");
        write(&mut editing, "ab");
        taken(&mut editing);
        write(&mut editing, "abc");
        assert_eq!(editing.saved(), Rest::More);
        assert_eq!(taken(&mut editing), (Some(json!("ab")), Some(json!("abc"))));
    }

    #[test]
    fn a_write_that_could_not_be_saved_is_still_there_with_its_old_start() {
        let mut editing = begun("a");
        write(&mut editing, "ab");
        taken(&mut editing);
        editing.failed();
        write(&mut editing, "abc");
        assert_eq!(taken(&mut editing), (Some(json!("a")), Some(json!("abc"))));
    }

    #[test]
    fn a_change_that_was_taken_back_before_the_pause_writes_nothing() {
        let mut editing = begun("a");
        write(&mut editing, "ab");
        write(&mut editing, "a");
        assert_eq!(editing.take(&note()), None);
        assert_eq!(editing.saved(), Rest::Nothing);
    }
}
