//! Bytes that are appended at one end, dropped at the other, and always readable as one slice.

/// A contiguous run of bytes that keeps counting from where it began.
#[derive(Debug, Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    /// How many bytes at the front of `bytes` are dropped but not yet moved out of the way.
    dropped: usize,
    /// The offset, since the arena began, of `bytes[dropped]`.
    start: u64,
}

impl Arena {
    /// Appends, and gives the offset of the end.
    pub(super) fn append(&mut self, piece: &[u8]) -> u64 {
        self.bytes.extend_from_slice(piece);
        self.end()
    }

    /// The offset of the first byte that is still here.
    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// The offset after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.start + (self.bytes.len() - self.dropped) as u64
    }

    /// Drops what is before an offset. Moves memory only once half of it is dropped, so that each
    /// byte is moved once on average.
    pub(super) fn drop_before(&mut self, offset: u64) {
        let cut = offset.saturating_sub(self.start).min(self.end() - self.start);
        self.start += cut;
        // The cut lies within `bytes`, whose length is a usize.
        self.dropped += cut as usize;
        if self.dropped > self.bytes.len() / 2 {
            self.bytes.drain(..self.dropped);
            self.dropped = 0;
            if self.bytes.capacity() / 4 > self.bytes.len() {
                self.bytes.shrink_to(self.bytes.len() * 2);
            }
        }
    }

    /// The bytes between two offsets; empty where they are not all here.
    pub(super) fn slice(&self, from: u64, to: u64) -> &[u8] {
        let index = |offset: u64| Some(offset.checked_sub(self.start)? as usize + self.dropped);
        match (index(from), index(to)) {
            (Some(from), Some(to)) => self.bytes.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_reads_like_a_vector_that_forgot_its_front(
            steps in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..50), 0u64..60), 1..50)
        ) {
            let mut arena = Arena::default();
            let mut model: Vec<u8> = Vec::new();
            let mut start = 0u64;
            for (piece, cut) in steps {
                model.extend_from_slice(&piece);
                prop_assert_eq!(arena.append(&piece), model.len() as u64);
                start = (start + cut).min(model.len() as u64);
                arena.drop_before(start);
                prop_assert_eq!(arena.slice(start, model.len() as u64), &model[start as usize..]);
            }
        }
    }
}
