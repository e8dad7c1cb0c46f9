//! Files and copies that somebody or something has changed.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use redb::StorageBackend;
use tidemark_relay::hub::WindowFile;
use tidemark_relay::store::{
    EmbeddedStore, Keys, Order, Read as _, Store as _, Transaction, look_through,
};
use tidemark_shared::protocol::Epoch;

pub(super) fn window_file(data: &[u8]) {
    let file = WindowFile::in_dir(Path::new("."));
    if let Ok(topics) = file.inspect(data) {
        // One line begins, one ends, and each topic has one.
        assert!(data.split(|byte| *byte == b'\n').count() >= topics + 2);
    }
}

pub(super) fn store_copy(data: &[u8]) {
    let mut rest = data;
    if let Ok((_, records)) = look_through(&mut rest) {
        assert!(records <= data.len() as u64 / 8, "more records than there is room for");
    }
}

/// A sound store in which bytes were changed: each four bytes are a place and what is put there.
pub(super) fn store_file(data: &[u8]) {
    const CACHE_BYTES: usize = 64 * 1024;
    let mut image = sound_store();
    for patch in data.chunks_exact(4) {
        let [a, b, c, byte] = patch else { continue };
        // The interesting places are few: headers at the front, and some pages behind them.
        let at = u32::from_be_bytes([0, *a, *b, *c]) as usize % image.len();
        if let Some(there) = image.get_mut(at) {
            *there ^= byte;
        }
    }
    let storage = Image(Arc::new(Mutex::new(image)));
    let Ok(store) = EmbeddedStore::open_storage(storage, Path::new("store"), CACHE_BYTES) else {
        return;
    };
    let Ok(snapshot) = store.snapshot() else { return };
    // What can still be read is what was written: each record says so itself.
    let _ = snapshot.scan(&Keys::all(), Order::Ascending, &mut |key, value| {
        assert_eq!(value, value_of(key), "a record that nobody wrote");
        ControlFlow::Continue(())
    });
}

fn sound_store() -> Vec<u8> {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    let make = || {
        let image = Image(Arc::new(Mutex::new(Vec::new())));
        let path = Path::new("store");
        EmbeddedStore::create_storage(image.clone(), path, Epoch(5)).unwrap();
        let store = EmbeddedStore::open_storage(image.clone(), path, 1024 * 1024).unwrap();
        let mut transaction = Transaction::begin(&store).unwrap();
        for number in 0..20_u8 {
            let key = vec![number; 3];
            transaction.put(key.clone(), value_of(&key));
        }
        transaction.commit().unwrap();
        drop(store);
        image.bytes().clone()
    };
    SOUND.get_or_init(make).clone()
}

fn value_of(key: &[u8]) -> Vec<u8> {
    key.repeat(8)
}

/// A disk in memory.
#[derive(Clone, Debug)]
struct Image(Arc<Mutex<Vec<u8>>>);

/// A damaged store may ask for more than there is memory for.
const IMAGE_BYTES_MAX: u64 = 16 * 1024 * 1024;

impl Image {
    fn bytes(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Image {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (bytes, from) = (self.bytes(), offset as usize);
        let found = bytes.get(from..from.saturating_add(out.len()));
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if len > IMAGE_BYTES_MAX {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (mut bytes, from) = (self.bytes(), offset as usize);
        let place = bytes.get_mut(from..from.saturating_add(data.len()));
        place.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        Ok(())
    }
}
