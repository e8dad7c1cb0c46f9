//! All records of one store, carried to another: as a file, or over a socket.

use std::io::{self, Read as _, Write};
use std::ops::ControlFlow;

use flate2::Crc;
use thiserror::Error;
use tidemark_shared::protocol::Epoch;

use super::{Keys, Order, Read, StoreError};

/// What a copy over a socket begins with: what it is, and its form.
const GREETING: &[u8; 16] = b"tidemark copy 1\n";

/// Stands where the next key's length would: there are no more.
const END: u32 = u32::MAX;

/// Longest key or value that is believed: none that is written is near it.
const LEN_BYTES_MAX: u32 = 16 * 1024 * 1024;

/// Takes in a record, its key and its value.
pub(super) type Put<'p, E = StoreError> = dyn FnMut(&[u8], &[u8]) -> Result<(), E> + 'p;

/// How many records there are, and what they add up to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    sum: Crc,
}

/// Why a copy did not come to its end.
#[derive(Debug, Error)]
pub enum CopyError {
    /// Reading or writing the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connection.
    #[error("the copy broke off: {0}; try again")]
    Io(#[from] io::Error),
    /// What came is not what was sent.
    #[error("the copy is not what was sent; try again")]
    Garbled,
}

impl Tally {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.records += 1;
        for part in [key, value] {
            self.sum.update(&(part.len() as u64).to_le_bytes());
            self.sum.update(part);
        }
    }
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        (self.records, self.sum.sum()) == (other.records, other.sum.sum())
    }
}

/// Reads every record, and so finds damage in any.
pub(super) fn tally(from: &impl Read) -> Result<Tally, StoreError> {
    copy_all(from, &mut |_, _| Ok::<(), StoreError>(()))
}

/// Hands on every record.
pub(super) fn copy_all<E: From<StoreError>>(
    from: &impl Read,
    put: &mut Put<'_, E>,
) -> Result<Tally, E> {
    let mut tally = Tally::default();
    let mut failed = None;
    from.scan(&Keys::all(), Order::Ascending, &mut |key, value| {
        tally.add(key, value);
        match put(key, value) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(tally), Err)
}

/// Sends every record.
pub(super) fn send(from: &impl Read, epoch: Epoch, to: &mut impl Write) -> Result<(), CopyError> {
    to.write_all(GREETING)?;
    to.write_all(&epoch.0.to_le_bytes())?;
    let tally = copy_all(from, &mut |key, value| {
        for len in [key.len(), value.len()] {
            let len = u32::try_from(len).ok().filter(|len| *len <= LEN_BYTES_MAX);
            to.write_all(&len.ok_or(CopyError::Garbled)?.to_le_bytes())?;
        }
        to.write_all(key)?;
        Ok::<(), CopyError>(to.write_all(value)?)
    })?;
    to.write_all(&END.to_le_bytes())?;
    to.write_all(&tally.records.to_le_bytes())?;
    to.write_all(&tally.sum.sum().to_le_bytes())?;
    Ok(to.flush()?)
}

/// Looks through a copy that comes over a socket, keeping nothing of it: its epoch, and how many
/// records it has.
///
/// # Errors
/// When it is not what was sent.
pub fn look_through(from: &mut impl io::Read) -> Result<(Epoch, u64), CopyError> {
    let epoch = receive_epoch(from)?;
    Ok((epoch, receive(from, &mut |_, _| Ok(()))?.records))
}

/// The beginning of what is sent: whose records follow.
pub(super) fn receive_epoch(from: &mut impl io::Read) -> Result<Epoch, CopyError> {
    match array(from)? {
        greeting if greeting == *GREETING => Ok(Epoch(u64::from_le_bytes(array(from)?))),
        _ => Err(CopyError::Garbled),
    }
}

/// The records that follow.
pub(super) fn receive(from: &mut impl io::Read, put: &mut Put<'_>) -> Result<Tally, CopyError> {
    let mut tally = Tally::default();
    loop {
        let key_len = u32::from_le_bytes(array(from)?);
        if key_len == END {
            break;
        }
        let value_len = u32::from_le_bytes(array(from)?);
        let (key, value) = (bytes(from, key_len)?, bytes(from, value_len)?);
        tally.add(&key, &value);
        put(&key, &value)?;
    }
    let (records, sum) = (u64::from_le_bytes(array(from)?), u32::from_le_bytes(array(from)?));
    match (tally.records, tally.sum.sum()) == (records, sum) {
        true => Ok(tally),
        false => Err(CopyError::Garbled),
    }
}

fn array<const N: usize>(from: &mut impl io::Read) -> io::Result<[u8; N]> {
    let mut array = [0; N];
    from.read_exact(&mut array)?;
    Ok(array)
}

fn bytes(from: &mut impl io::Read, len: u32) -> Result<Vec<u8>, CopyError> {
    if len > LEN_BYTES_MAX {
        return Err(CopyError::Garbled);
    }
    let mut bytes = Vec::new();
    from.take(len.into()).read_to_end(&mut bytes)?;
    match bytes.len() == len as usize {
        true => Ok(bytes),
        false => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Store as _, Transaction};

    fn sent() -> Vec<u8> {
        let store = MemoryStore::new(Epoch(7));
        let mut transaction = Transaction::begin(&store).unwrap();
        transaction.put(b"a".to_vec(), b"1".to_vec());
        transaction.put(b"b".to_vec(), Vec::new());
        transaction.commit().unwrap();
        let mut sent = Vec::new();
        send(&store.snapshot().unwrap(), store.epoch(), &mut sent).unwrap();
        sent
    }

    type Records = Vec<(Vec<u8>, Vec<u8>)>;

    fn received(mut sent: &[u8]) -> Result<Records, CopyError> {
        let mut records = Vec::new();
        assert_eq!(receive_epoch(&mut sent)?, Epoch(7));
        receive(&mut sent, &mut |key, value| {
            records.push((key.to_vec(), value.to_vec()));
            Ok(())
        })?;
        Ok(records)
    }

    #[test]
    fn what_is_sent_is_what_is_received() {
        let records = received(&sent()).unwrap();
        assert_eq!(records, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), Vec::new())]);
    }

    #[test]
    fn a_copy_that_broke_off_or_was_changed_is_none() {
        let sent = sent();
        for len in 0..sent.len() {
            assert!(received(&sent[..len]).is_err(), "cut to {len}");
        }
        let begin = GREETING.len() + 8;
        for at in begin..sent.len() {
            let mut changed = sent.clone();
            changed[at] ^= 1;
            assert!(received(&changed).is_err(), "changed at {at}");
        }
    }
}
