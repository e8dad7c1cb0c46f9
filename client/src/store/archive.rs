//! Keeps confirmed documents for the next start. Losing them loses nothing but time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tidemark_shared::documents::Document;
use tidemark_shared::outbox::Kept;
use tidemark_shared::protocol::Position;

use super::{Entry, Keep, KeepError, Shelf};

/// Names the row that says where the document log stood. No document has a name without a slash.
const POSITION: &str = "position";

/// The confirmed documents of the last visit. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archive(Rc<Inner>);

struct Inner {
    place: Rc<dyn Keep>,
    waiting: RefCell<VecDeque<Piece>>,
    /// Whether pieces are being written. Each begins when the one before it is safe: a position
    /// must never be kept without all documents before it.
    writing: Cell<bool>,
    /// A piece was lost: those after it are of no use until the archive begins anew.
    broken: Cell<bool>,
}

struct Piece {
    kept: Kept,
    entries: Vec<Entry>,
}

impl Archive {
    /// An archive in `place`.
    pub(crate) fn new(place: Rc<dyn Keep>) -> Self {
        Archive(Rc::new(Inner {
            place,
            waiting: RefCell::default(),
            writing: Cell::new(false),
            broken: Cell::new(false),
        }))
    }

    /// The documents of the last visit, and where their log stood. Nothing when anything of it
    /// cannot be read: then all of it comes from the relay again.
    pub(crate) async fn load(&self) -> (Vec<Document>, Option<Position>) {
        let kept = self.0.place.read(Shelf::Documents).await.unwrap_or_default();
        let mut documents = Vec::with_capacity(kept.len());
        let mut position = None;
        for (name, text) in &kept {
            if name == POSITION {
                position = serde_json::from_slice(text.as_bytes()).ok();
            } else if let Ok(document) = serde_json::from_slice(text.as_bytes()) {
                documents.push(document);
            } else {
                return (Vec::new(), None);
            }
        }
        match position {
            Some(position) => (documents, Some(position)),
            None => (Vec::new(), None),
        }
    }

    /// Keeps documents, after all that was given before.
    pub(crate) fn keep(&self, kept: Kept, documents: Vec<Document>, position: Position) {
        let of = |document: &Document| {
            (document.entity.to_string(), serde_json::to_string(document).ok())
        };
        let mut entries: Vec<Entry> = documents.iter().map(of).collect();
        entries.push((POSITION.to_owned(), serde_json::to_string(&position).ok()));
        self.0.waiting.borrow_mut().push_back(Piece { kept, entries });
        if !self.0.writing.replace(true) {
            let archive = self.clone();
            wasm_bindgen_futures::spawn_local(async move { archive.write_all().await });
        }
    }

    /// Empties the whole cache, because what is precious needs the room.
    pub(crate) async fn make_room(&self) {
        self.0.broken.set(true);
        for shelf in Shelf::DISPOSABLE {
            // What cannot be emptied makes no room; the caller sees that.
            let _ = self.0.place.replace(shelf, Vec::new()).await;
        }
    }

    async fn write_all(&self) {
        loop {
            let next = self.0.waiting.borrow_mut().pop_front();
            let Some(piece) = next else { break };
            // Whoever reads the archive is told where it ends, so what is missing comes again.
            let _ = self.write(piece).await;
        }
        self.0.writing.set(false);
    }

    async fn write(&self, piece: Piece) -> Result<(), KeepError> {
        let place = &self.0.place;
        let outcome = match (piece.kept, self.0.broken.get()) {
            (Kept::Replaced, _) => place.replace(Shelf::Documents, piece.entries).await,
            (Kept::Stays, true) => return Ok(()),
            (Kept::Stays, false) => place.write(Shelf::Documents, piece.entries).await,
        };
        self.0.broken.set(outcome.is_err());
        outcome
    }
}

#[cfg(test)]
mod tests {
    use tidemark_shared::documents::{Author, Body, Digest, GroupId, Version};
    use tidemark_shared::protocol::{Epoch, Sequence};

    use super::*;
    use crate::store::keeper::tests::{FullOnce, now};

    fn document(id: u64) -> Document {
        let body = Body::default();
        Document {
            entity: format!("notes/{id}").parse().unwrap(),
            version: Version(1),
            sequence: Sequence(id),
            stamp: Default::default(),
            author: Author { user: "a".parse().unwrap(), group: GroupId::from_bits(1) },
            deleted: false,
            checksum: Digest::of(&body),
            body,
        }
    }

    fn piece(archive: &Archive, kept: Kept, id: u64) {
        let document = document(id);
        let name = document.entity.to_string();
        let position = Position::new(Epoch(1), Sequence(id));
        let entries = vec![
            (name, serde_json::to_string(&document).ok()),
            (POSITION.to_owned(), serde_json::to_string(&position).ok()),
        ];
        let _ = now(archive.write(Piece { kept, entries }));
    }

    #[test]
    fn a_position_is_never_kept_without_the_documents_before_it() {
        let archive = Archive::new(Rc::new(FullOnce::default()));
        piece(&archive, Kept::Stays, 1);
        piece(&archive, Kept::Stays, 2);
        assert_eq!(now(archive.load()), (Vec::new(), None), "the first one did not get through");
        piece(&archive, Kept::Replaced, 3);
        piece(&archive, Kept::Stays, 4);
        let (documents, position) = now(archive.load());
        assert_eq!(documents, [document(3), document(4)]);
        assert_eq!(position, Some(Position::new(Epoch(1), Sequence(4))));
    }
}
