//! A file that is not changed before it has proved to be ours and whole.
//!
//! Opening a store writes to it: a flag that it is in use, repairs after a crash. On a damaged or
//! foreign file that would destroy what somebody could still want. So whatever is written while a
//! store is opened is held in memory, and goes to the file only once the store has passed.

use std::io;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use redb::{BackendError, StorageBackend};

/// A storage on probation.
#[derive(Debug)]
pub(super) struct Probation<B>(Arc<Case<B>>);

#[derive(Debug)]
struct Case<B> {
    storage: B,
    /// What was done meanwhile; nothing any more once it has passed.
    held: RwLock<Option<Vec<Step>>>,
}

#[derive(Debug)]
enum Step {
    SetLen(u64),
    Write(u64, Vec<u8>),
    Sync,
}

impl<B: StorageBackend> Probation<B> {
    pub(super) fn of(storage: B) -> Self {
        Probation(Arc::new(Case { storage, held: RwLock::new(Some(Vec::new())) }))
    }

    /// Does to the storage what was held, as it was done, and everything else from now on.
    pub(super) fn pass(&self) -> io::Result<()> {
        let Case { storage, held } = &*self.0;
        let mut held = held.write().unwrap_or_else(PoisonError::into_inner);
        for step in held.take().unwrap_or_default() {
            match step {
                Step::SetLen(len) => storage.set_len(len)?,
                Step::Write(offset, data) => storage.write(offset, &data)?,
                Step::Sync => storage.sync_data()?,
            }
        }
        Ok(())
    }

    fn held(&self) -> RwLockReadGuard<'_, Option<Vec<Step>>> {
        // Nothing that could panic is done with it.
        self.0.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a step. False when there is nothing to hold any more.
    fn holds(&self, step: impl FnOnce() -> Step) -> bool {
        if self.held().is_none() {
            return false;
        }
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        held.as_mut().map(|steps| steps.push(step())).is_some()
    }
}

impl<B> Clone for Probation<B> {
    fn clone(&self) -> Self {
        Probation(Arc::clone(&self.0))
    }
}

impl<B: StorageBackend> StorageBackend for Probation<B> {
    fn len(&self) -> io::Result<u64> {
        let mut len = self.0.storage.len()?;
        for step in self.held().iter().flatten() {
            match step {
                Step::SetLen(set) => len = *set,
                Step::Write(offset, data) => len = len.max(offset + data.len() as u64),
                Step::Sync => {}
            }
        }
        Ok(len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let held = self.held();
        let Some(steps) = &*held else { return self.0.storage.read(offset, out) };
        if offset.saturating_add(out.len() as u64) > self.len()? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let there = self.0.storage.len()?.saturating_sub(offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(out.len());
        let (begin, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        if !begin.is_empty() {
            self.0.storage.read(offset, begin)?;
        }
        for step in steps {
            match step {
                Step::SetLen(len) => {
                    let kept = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX);
                    out.get_mut(kept..).into_iter().for_each(|cut| cut.fill(0));
                }
                Step::Write(at, data) => lay_over(out, offset, data, *at),
                Step::Sync => {}
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        match self.holds(|| Step::SetLen(len)) {
            true => Ok(()),
            false => self.0.storage.set_len(len),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.holds(|| Step::Sync) {
            true => Ok(()),
            false => self.0.storage.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match self.holds(|| Step::Write(offset, data.to_vec())) {
            true => Ok(()),
            false => self.0.storage.write(offset, data),
        }
    }

    fn close(&self) -> io::Result<()> {
        self.0.storage.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.storage.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.storage.query_lock_range(start, end)
    }
}

/// Copies the part of `data`, which stands at `at`, that lies within `out`, which stands at
/// `offset`.
fn lay_over(out: &mut [u8], offset: u64, data: &[u8], at: u64) {
    let start = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
    let skipped = usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
    let (Some(out), Some(data)) = (out.get_mut(start..), data.get(skipped..)) else { return };
    out.iter_mut().zip(data).for_each(|(byte, written)| *byte = *written);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redb::backends::InMemoryBackend;

    use super::*;

    fn content(storage: &impl StorageBackend) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(storage.len().unwrap()).unwrap()];
        storage.read(0, &mut bytes).unwrap();
        bytes
    }

    fn step() -> impl Strategy<Value = Step> {
        let write = (0..60_u64, proptest::collection::vec(1..9_u8, 0..20));
        prop_oneof![
            1 => (0..64_u64).prop_map(Step::SetLen),
            4 => write.prop_map(|(offset, data)| Step::Write(offset, data)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_held_reads_as_if_it_were_written_and_is_written_later(
            before in proptest::collection::vec(1..9_u8, 0..64),
            steps in proptest::collection::vec(step(), 0..12),
            from in 0..64_usize,
        ) {
            let (storage, twin) = (InMemoryBackend::new(), InMemoryBackend::new());
            for storage in [&storage, &twin] {
                storage.set_len(before.len() as u64).unwrap();
                storage.write(0, &before).unwrap();
            }
            let probation = Probation::of(storage);
            for step in steps {
                // Both grow a storage before they write behind its end, as redb does.
                for storage in [&probation as &dyn StorageBackend, &twin] {
                    match &step {
                        Step::SetLen(len) => storage.set_len(*len).unwrap(),
                        Step::Write(offset, data) => {
                            let end = offset + data.len() as u64;
                            let len = storage.len().unwrap();
                            storage.set_len(len.max(end)).unwrap();
                            storage.write(*offset, data).unwrap();
                        }
                        Step::Sync => storage.sync_data().unwrap(),
                    }
                }
            }
            let written = content(&twin);
            prop_assert_eq!(content(&probation), &written[..]);
            prop_assert_eq!(content(&probation.0.storage), before);
            let from = from.min(written.len());
            let mut end = vec![0; written.len() - from];
            probation.read(from as u64, &mut end).unwrap();
            prop_assert_eq!(&end[..], &written[from..]);
            probation.pass().unwrap();
            prop_assert_eq!(content(&probation.0.storage), &written[..]);
        }
    }
}
