//! "My disk has lost something: tell me what is the matter, and leave the file as it is."

use std::fs;
use std::path::{Path, PathBuf};

use redb::{Database, TableDefinition};
use tidemark_relay::store::{
    EmbeddedStore, Keys, OpenError, Order, Read as _, Store as _, StoreError, Transaction,
};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::Epoch;

const CACHE_BYTES: usize = 1024 * 1024;
const NOW: UnixMillis = UnixMillis(5_000);

fn open(dir: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open_in(dir, CACHE_BYTES, NOW)
}

fn value_of(number: u64) -> Vec<u8> {
    number.to_be_bytes().repeat(64)
}

fn fill(store: &EmbeddedStore, records: u64) {
    let mut transaction = Transaction::begin(store).unwrap();
    for number in 0..records {
        transaction.put(number.to_be_bytes().to_vec(), value_of(number));
    }
    transaction.commit().unwrap();
}

/// A store of many records in a file that was closed.
fn closed(dir: &Path, records: u64) -> PathBuf {
    fill(&open(dir).unwrap(), records);
    EmbeddedStore::path_in(dir)
}

/// Every record of a store, or what stands in the way.
fn read_all(store: &EmbeddedStore) -> Result<u64, StoreError> {
    let mut seen = 0_u64;
    store.snapshot()?.scan(&Keys::all(), Order::Ascending, &mut |key, value| {
        assert_eq!(key, seen.to_be_bytes());
        assert_eq!(value, value_of(seen));
        seen += 1;
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(seen)
}

#[test]
fn what_was_committed_is_there_when_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path(), 100);
    let store = EmbeddedStore::open_in(dir.path(), CACHE_BYTES, UnixMillis(9_000)).unwrap();
    assert_eq!(store.epoch(), Epoch(5_000), "the epoch is that of its making");
    assert_eq!(read_all(&store), Ok(100));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "an unfinished file was left");
}

#[test]
fn a_snapshot_does_not_change() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let before = store.snapshot().unwrap();
    fill(&store, 3);
    assert_eq!(before.get(&0_u64.to_be_bytes()), Ok(None));
    assert_eq!(read_all(&store), Ok(3));
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = EmbeddedStore::path_in(dir.path());
    for content in [&b"x"[..], b"my diary, dear to me, and in no way a database"] {
        fs::write(&path, content).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = EmbeddedStore::path_in(dir.path());
    let theirs = Database::create(&path).unwrap();
    let write = theirs.begin_write().unwrap();
    write.open_table(TableDefinition::<&str, u64>::new("theirs")).unwrap().insert("a", 1).unwrap();
    write.commit().unwrap();
    drop(theirs);
    let before = fs::read(&path).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = closed(dir.path(), 3);
    let newer = Database::open(&path).unwrap();
    let write = newer.begin_write().unwrap();
    let about = TableDefinition::<&str, u64>::new("tidemark");
    write.open_table(about).unwrap().insert("format", 99).unwrap();
    write.commit().unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { format: 99, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_empty_file_is_not_taken_for_a_new_store() {
    let dir = tempfile::tempdir().unwrap();
    let path = EmbeddedStore::path_in(dir.path());
    fs::write(&path, b"").unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_store_in_use_is_not_opened_twice() {
    let dir = tempfile::tempdir().unwrap();
    let _first = open(dir.path()).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
}

/// A cut file is refused and stays as it is, wherever it was cut.
#[test]
fn a_file_that_was_cut_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = closed(dir.path(), 500);
    let whole = fs::read(&path).unwrap();
    for part in 1..16 {
        let cut = &whole[..whole.len() * part / 16];
        fs::write(&path, cut).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "cut to {}: {error}", cut.len());
        assert!(fs::read(&path).unwrap() == cut, "the file was changed");
    }
}

/// Whatever was damaged: it is noticed at the start, or it is of no importance.
#[test]
fn damage_is_noticed_and_never_made_worse() {
    let dir = tempfile::tempdir().unwrap();
    let path = closed(dir.path(), 500);
    let whole = fs::read(&path).unwrap();
    let mut dice = fastrand::Rng::with_seed(1);
    let mut refused = 0;
    for round in 0..60 {
        let mut damaged = whole.clone();
        // The file is mostly room for later; its first part is where the damage matters.
        let at = dice.usize(0..whole.len().min(300_000));
        let len = dice.usize(1..600).min(whole.len() - at);
        damaged[at..at + len].iter_mut().for_each(|byte| *byte = dice.u8(..));
        fs::write(&path, &damaged).unwrap();
        match open(dir.path()) {
            Ok(store) => assert_eq!(read_all(&store), Ok(500), "round {round}, {len} at {at}"),
            Err(error) => {
                let is_told =
                    matches!(error, OpenError::Damaged { .. } | OpenError::Foreign { .. });
                assert!(is_told, "round {round}, {len} at {at}: {error}");
                assert!(fs::read(&path).unwrap() == damaged, "the file was changed: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "no damage has hit anything");
}

#[test]
fn looking_into_a_store_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = closed(dir.path(), 10);
    let before = fs::read(&path).unwrap();
    let store = EmbeddedStore::inspect(&path, CACHE_BYTES).unwrap();
    assert_eq!(read_all(&store), Ok(10));
    drop(store);
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
}
