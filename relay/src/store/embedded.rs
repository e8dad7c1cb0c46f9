//! The store in a file, by redb.
//!
//! Every commit is in two phases: first all that is new is written and synced, then one byte is
//! flipped and synced. redb's savepoints, its commits without durability and its integrity checks
//! while others write are not used: they are the parts of it that had defects.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadOnlyTable, ReadableDatabase as _, StorageBackend,
    StorageError, TableDefinition, TableError,
};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::Epoch;

use super::copy::Put;
use super::probation::Probation;
use super::seal::{sealed, unsealed};
use super::{Changes, Keys, OpenError, Order, Read, Store, StoreError, Visit};

/// The file in a data directory.
const FILE_NAME: &str = "store.redb";

/// What records mean, and how keys are spelled. A change that older versions cannot read raises it.
const FORMAT: u64 = 1;

/// What every redb file begins with.
const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

/// Users' data: nobody but the relay's own user reads it.
const PRIVATE: u32 = 0o600;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("tidemark");
const ABOUT_FORMAT: &str = "format";
const ABOUT_EPOCH: &str = "epoch";
const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

/// A store in a file.
pub struct EmbeddedStore {
    database: Database,
    epoch: Epoch,
    turn: Mutex<()>,
}

/// All records of a store in a file as they were at one instant.
pub struct EmbeddedSnapshot(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl EmbeddedStore {
    /// Where the store of a data directory is.
    #[must_use]
    pub fn path_in(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE_NAME)
    }

    /// Opens the store of a data directory, or makes it. The caller keeps other relays out of the
    /// directory.
    ///
    /// # Errors
    /// When it is damaged, not ours or from a newer version, or the disk refuses. The file is then
    /// as it was.
    pub fn open_in(
        data_dir: &Path,
        cache_bytes: usize,
        now: UnixMillis,
    ) -> Result<Self, OpenError> {
        let path = Self::path_in(data_dir);
        if !path.try_exists().map_err(|error| OpenError::io(&path, error))? {
            let epoch = Epoch(u64::try_from(now.0).unwrap_or_default().max(1));
            create(&path, epoch, |_| Ok(()))?.place_new()?;
        }
        Self::open(&path, cache_bytes)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// As [`Self::open_in`], and when it is not there.
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, OpenError> {
        Self::open_storage(
            file_storage(path, File::options().read(true).write(true))?,
            path,
            cache_bytes,
        )
    }

    /// Opens a store only to look into it: its file is never changed.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn inspect(path: &Path, cache_bytes: usize) -> Result<Self, OpenError> {
        let storage = LookedInto(file_storage(path, File::options().read(true))?);
        open_probation(&Probation::of(storage), path, cache_bytes)
    }

    /// Opens a store on any storage. `path` is what errors call it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_storage(
        storage: impl StorageBackend,
        path: &Path,
        cache_bytes: usize,
    ) -> Result<Self, OpenError> {
        let storage = Probation::of(storage);
        let store = open_probation(&storage, path, cache_bytes)?;
        storage.pass().map_err(|error| OpenError::io(path, error))?;
        Ok(store)
    }

    /// Makes an empty store on any storage that is empty. `path` is what errors call it.
    ///
    /// # Errors
    /// When the storage refuses.
    pub fn create_storage(
        storage: impl StorageBackend,
        path: &Path,
        epoch: Epoch,
    ) -> Result<(), OpenError> {
        fill(storage, path, epoch, |_| Ok(()))
    }
}

impl Store for EmbeddedStore {
    type Snapshot = EmbeddedSnapshot;

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn snapshot(&self) -> Result<Self::Snapshot, StoreError> {
        let read = self.database.begin_read().map_err(StoreError::failed)?;
        read.open_table(RECORDS).map(EmbeddedSnapshot).map_err(StoreError::failed)
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut write = self.database.begin_write().map_err(StoreError::failed)?;
        write.set_two_phase_commit(true);
        {
            let mut records = write.open_table(RECORDS).map_err(StoreError::failed)?;
            for (key, value) in changes {
                match value {
                    Some(value) => records.insert(&key[..], &sealed(key, value)[..]),
                    None => records.remove(&key[..]),
                }
                .map_err(StoreError::failed)?;
            }
        }
        write.commit().map_err(StoreError::failed)
    }

    fn turn(&self) -> &Mutex<()> {
        &self.turn
    }
}

impl Read for EmbeddedSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.0.get_owned(key).map_err(StoreError::failed)?;
        stored.map(|stored| unsealed(key, stored.value()).map(<[u8]>::to_vec)).transpose()
    }

    fn scan(&self, keys: &Keys, order: Order, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let range = self.0.range_owned::<&[u8]>(&keys.from[..]..&keys.before[..]);
        let mut range = range.map_err(StoreError::failed)?;
        loop {
            let next = match order {
                Order::Ascending => range.next(),
                Order::Descending => range.next_back(),
            };
            let Some(record) = next else { return Ok(()) };
            let (key, stored) = record.map_err(StoreError::failed)?;
            if visit(key.value(), unsealed(key.value(), stored.value())?).is_break() {
                return Ok(());
            }
        }
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A store that is whole, synced, and has no name yet.
#[derive(Debug)]
pub(super) struct Unplaced {
    unfinished: PathBuf,
    path: PathBuf,
}

/// Makes a store beside `path`, under a name that nobody opens.
pub(super) fn create(
    path: &Path,
    epoch: Epoch,
    put_all: impl FnOnce(&mut Put<'_>) -> Result<(), StoreError>,
) -> Result<Unplaced, OpenError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unplaced = Unplaced { unfinished: unfinished.into(), path: path.to_owned() };
    let unfinished = &unplaced.unfinished;
    let mut options = File::options();
    // What an attempt before this one has left is of no use to anybody.
    options.create(true).truncate(true).read(true).write(true).mode(PRIVATE);
    fill(file_storage(unfinished, &mut options)?, unfinished, epoch, put_all)?;
    File::open(unfinished)
        .and_then(|file| file.sync_all())
        .map_err(|error| OpenError::io(unfinished, error))?;
    Ok(unplaced)
}

impl Drop for Unplaced {
    fn drop(&mut self) {
        // It has its own name by now, or it is not wanted.
        let _ = fs::remove_file(&self.unfinished);
    }
}

impl Unplaced {
    /// Opens it only to look into it.
    pub(super) fn inspect(&self, cache_bytes: usize) -> Result<EmbeddedStore, OpenError> {
        EmbeddedStore::inspect(&self.unfinished, cache_bytes)
    }

    /// Gives it its name, instead of what has it.
    pub(super) fn place_over(self) -> Result<(), OpenError> {
        fs::rename(&self.unfinished, &self.path)
            .and_then(|()| sync_dir_of(&self.path))
            .map_err(|error| OpenError::io(&self.path, error))
    }

    /// Gives it its name, which nothing has yet.
    pub(super) fn place_new(self) -> Result<(), OpenError> {
        // Unlike a rename, a link never replaces anything.
        fs::hard_link(&self.unfinished, &self.path)
            .and_then(|()| fs::remove_file(&self.unfinished))
            .and_then(|()| sync_dir_of(&self.path))
            .map_err(|error| OpenError::io(&self.path, error))
    }
}

/// A file that is only read. It is not locked: that would need the right to write it.
#[derive(Debug)]
struct LookedInto(FileBackend);

impl StorageBackend for LookedInto {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// A name is on the disk only once its directory is.
pub(super) fn sync_dir_of(path: &Path) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
}

fn file_storage(path: &Path, options: &mut OpenOptions) -> Result<FileBackend, OpenError> {
    let file = options.open(path).map_err(|error| OpenError::io(path, error))?;
    FileBackend::new(file).map_err(|error| refused(path, error))
}

fn fill(
    storage: impl StorageBackend,
    path: &Path,
    epoch: Epoch,
    put_all: impl FnOnce(&mut Put<'_>) -> Result<(), StoreError>,
) -> Result<(), OpenError> {
    let failed = |error: StoreError| OpenError::io(path, io::Error::other(error));
    let database =
        Builder::new().create_with_backend(storage).map_err(|error| refused(path, error))?;
    let mut write = database.begin_write().map_err(|error| failed(StoreError::failed(error)))?;
    write.set_two_phase_commit(true);
    (|| {
        let mut about = write.open_table(ABOUT).map_err(StoreError::failed)?;
        about.insert(ABOUT_FORMAT, FORMAT).map_err(StoreError::failed)?;
        about.insert(ABOUT_EPOCH, epoch.0).map_err(StoreError::failed)?;
        let mut records = write.open_table(RECORDS).map_err(StoreError::failed)?;
        put_all(&mut |key, value| {
            let put = records.insert(key, &sealed(key, value)[..]);
            put.map(drop).map_err(StoreError::failed)
        })
    })()
    .map_err(failed)?;
    write.commit().map_err(|error| failed(StoreError::failed(error)))
}

/// Opens, checks every page, and sees whose it is, while the storage holds all writes back.
fn open_probation<B: StorageBackend>(
    storage: &Probation<B>,
    path: &Path,
    cache_bytes: usize,
) -> Result<EmbeddedStore, OpenError> {
    let foreign = || OpenError::Foreign { path: path.to_owned() };
    match storage.len().map_err(|error| OpenError::io(path, error))? {
        0 => return Err(OpenError::damaged(path, "it is empty")),
        len if len < MAGIC.len() as u64 => return Err(foreign()),
        _ => {}
    }
    let mut magic = MAGIC;
    storage.read(0, &mut magic).map_err(|error| OpenError::io(path, error))?;
    if magic != MAGIC {
        return Err(foreign());
    }
    let mut builder = Builder::new();
    builder.set_cache_size(cache_bytes);
    // Over pages that make no sense redb may panic. Nothing of it is used after that, and nothing
    // that it has written so far has reached the storage.
    let checked = catch_unwind(AssertUnwindSafe(|| {
        let mut database = builder.create_with_backend(storage.clone())?;
        let is_whole = database.check_integrity()?;
        Ok((database, is_whole))
    }));
    let database = match checked {
        Ok(Ok((database, true))) => database,
        Ok(Ok((_, false))) | Err(_) => {
            return Err(OpenError::damaged(path, "its pages do not fit together"));
        }
        Ok(Err(error)) => return Err(refused(path, error)),
    };
    let about = (|| {
        let about = database.begin_read().ok()?.open_table(ABOUT).ok()?;
        Some((about.get(ABOUT_FORMAT).ok()??.value(), about.get(ABOUT_EPOCH).ok()??.value()))
    })();
    let (format, epoch) = about.ok_or_else(foreign)?;
    if format > FORMAT {
        return Err(OpenError::Newer { path: path.to_owned(), format, known: FORMAT });
    }
    match database.begin_read().map(|read| read.open_table(RECORDS)) {
        Ok(Ok(_)) => Ok(EmbeddedStore { database, epoch: Epoch(epoch), turn: Mutex::new(()) }),
        Ok(Err(TableError::Storage(error))) => Err(OpenError::damaged(path, error)),
        Ok(Err(_)) => Err(foreign()),
        Err(error) => Err(OpenError::damaged(path, error)),
    }
}

fn refused(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { path: path.to_owned() },
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != io::ErrorKind::UnexpectedEof
                && error.kind() != io::ErrorKind::InvalidData =>
        {
            OpenError::io(path, error)
        }
        DatabaseError::UpgradeRequired(_) => {
            OpenError::damaged(path, "its file format is none that a Tidemark has written")
        }
        error => OpenError::damaged(path, error),
    }
}
