//! What fits into one frame.

use std::ops::ControlFlow;

use tidemark_shared::documents::{Delta, Document};
use tidemark_shared::protocol::{Epoch, FRAME_BYTES_MAX, Sequence};

/// Bytes of documents or revisions that are sent together: a frame's, without an envelope that is
/// as long as any can be.
const PAGE_BYTES_MAX: usize = FRAME_BYTES_MAX - 8 * 1024;

/// Longest document that can be sent at all, alone in its frame: a conflict, which holds a document
/// three times.
pub(super) const ALONE_BYTES_MAX: usize = FRAME_BYTES_MAX - 2 * 1024;

/// Things that are sent together.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) is_full: bool,
    bytes: usize,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Page { items: Vec::new(), is_full: false, bytes: 0 }
    }
}

impl<T> Page<T> {
    /// Takes a thing in where it fits. The first one always does.
    pub(super) fn add(&mut self, item: T, len_bytes: usize) -> ControlFlow<()> {
        let bytes = self.bytes + len_bytes;
        if !self.items.is_empty() && bytes > PAGE_BYTES_MAX {
            self.is_full = true;
            return ControlFlow::Break(());
        }
        self.bytes = bytes;
        self.items.push(item);
        ControlFlow::Continue(())
    }
}

/// The news of documents between two places of a log, cut so that each piece fits. `documents` are
/// in the order of their sequences, each with its length.
pub(super) fn cut(
    epoch: Epoch,
    after: Sequence,
    head: Sequence,
    documents: Vec<(Document, usize)>,
) -> Vec<Delta> {
    let mut deltas = Vec::new();
    let mut piece = Delta { epoch, after, to: after, head, documents: Vec::new() };
    let mut bytes = 0;
    for (document, len_bytes) in documents {
        bytes += len_bytes;
        if !piece.documents.is_empty() && bytes > PAGE_BYTES_MAX {
            let next = Delta { after: piece.to, documents: Vec::new(), ..piece };
            deltas.push(std::mem::replace(&mut piece, next));
            bytes = len_bytes;
        }
        piece.to = document.sequence;
        piece.documents.push(document);
    }
    piece.to = head;
    if !piece.documents.is_empty() {
        deltas.push(piece);
    }
    deltas
}
