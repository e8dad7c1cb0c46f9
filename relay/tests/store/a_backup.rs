//! "I made a backup while it ran, then the disk died: I have everything from that moment."

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tidemark_relay::documents::{DocumentRules, Engine, Limits, MergeByRules};
use tidemark_relay::operate::{self, OperateError};
use tidemark_relay::store::{
    BackupError, CopyError, Door, EmbeddedStore, Store as _, backup_running, restore,
};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Document, MutationId, Nack};
use tidemark_shared::protocol::Epoch;

use crate::device::{Device, edit};

const CACHE_BYTES: usize = 1024 * 1024;
const NOW: UnixMillis = UnixMillis(5_000);

fn open(dir: &Path) -> Arc<EmbeddedStore> {
    Arc::new(EmbeddedStore::open_in(dir, CACHE_BYTES, NOW).unwrap())
}

fn engine(store: &Arc<EmbeddedStore>) -> Engine<EmbeddedStore, MergeByRules> {
    let rules = DocumentRules { merging: MergeByRules::default(), limits: Limits::default() };
    Engine::new(Arc::clone(store), rules)
}

fn note(store: &Arc<EmbeddedStore>, device: &mut Device, symbol: &str) {
    let engine = engine(store);
    let draft = edit(&format!("notes/{symbol}"), 0, &[("text", None, Some("mine"))]);
    let push = device.push([device.clone().write(draft.clone())]);
    device.write(draft);
    let mut group = engine.begin().unwrap();
    assert_eq!(group.apply(&device.user, &push, NOW).unwrap().pushed.nack, None);
    group.commit().unwrap();
}

fn notes(store: &Arc<EmbeddedStore>) -> Vec<Document> {
    engine(store).documents(&"ann".parse().unwrap(), None).unwrap().documents
}

#[test]
fn what_was_there_when_it_was_made_is_there_when_it_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let file = dir.path().join("monday.backup");
    fs::create_dir(&data_dir).unwrap();
    let mut phone = Device::new("ann", 1);
    let store = open(&data_dir);
    note(&store, &mut phone, "A");
    let saved = notes(&store);
    let door = Door::open(&data_dir, Arc::clone(&store)).unwrap();
    backup_running(&data_dir, &file).unwrap();
    drop(door);
    note(&store, &mut phone, "B");
    assert_eq!(notes(&store).len(), 2);
    drop(store);

    let restored = operate::restore(&data_dir, &file).unwrap();
    let store = open(&data_dir);
    assert_eq!(notes(&store), saved);
    assert_eq!(store.epoch(), restored.epoch);
    assert!(store.epoch() > Epoch(5_000), "a restored store is a new one");
    let before = EmbeddedStore::inspect(&restored.before.unwrap(), CACHE_BYTES).unwrap();
    assert_eq!(notes(&Arc::new(before)).len(), 2);

    // A device that has gone on since is told that the documents began anew.
    let mut push = phone.push([]);
    push.epoch = Some(Epoch(5_000));
    let engine = engine(&store);
    let applied = engine.begin().unwrap().apply(&phone.user, &push, NOW).unwrap();
    assert_eq!(applied.pushed.nack, Some(Nack::NewEpoch));
    assert_eq!(phone.last, MutationId(2));
}

#[test]
fn it_can_be_made_while_no_relay_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, file) = (dir.path().join("data"), dir.path().join("backup"));
    fs::create_dir(&data_dir).unwrap();
    note(&open(&data_dir), &mut Device::new("ann", 1), "A");
    let made = operate::backup(&data_dir, &file).unwrap();
    assert_eq!(made.epoch, Epoch(5_000));
    fs::remove_file(EmbeddedStore::path_in(&data_dir)).unwrap();
    let restored = operate::restore(&data_dir, &file).unwrap();
    assert_eq!((restored.records, restored.before), (made.records, None));
    assert_eq!(notes(&open(&data_dir)).len(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "something unfinished was left");
}

#[test]
fn nothing_is_ever_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    fs::write(&file, b"precious").unwrap();
    let _store = open(dir.path());
    let error = operate::backup(dir.path(), &file).unwrap_err();
    assert!(matches!(error, OperateError::Backup(BackupError::Exists { .. })), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
}

#[test]
fn restoring_what_is_no_backup_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    drop(open(dir.path()));
    let path = EmbeddedStore::path_in(dir.path());
    let before = fs::read(&path).unwrap();
    for rubbish in [&b""[..], b"not a backup", &before[..before.len() / 2]] {
        fs::write(&file, rubbish).unwrap();
        let error = restore(dir.path(), &file, NOW).unwrap_err();
        assert!(matches!(error, BackupError::Open(_)), "{error}");
        assert!(fs::read(&path).unwrap() == before, "the store was changed");
    }
}

#[test]
fn a_damaged_store_is_replaced_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, file) = (dir.path().join("data"), dir.path().join("backup"));
    fs::create_dir(&data_dir).unwrap();
    note(&open(&data_dir), &mut Device::new("ann", 1), "A");
    operate::backup(&data_dir, &file).unwrap();
    let path = EmbeddedStore::path_in(&data_dir);
    fs::write(&path, b"the disk died").unwrap();
    let restored = operate::restore(&data_dir, &file).unwrap();
    assert_eq!(fs::read(restored.before.unwrap()).unwrap(), b"the disk died");
    assert_eq!(notes(&open(&data_dir)).len(), 1);
}

#[test]
fn a_relay_that_goes_away_leaves_no_half_backup() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    fs::create_dir(dir.path().join("door")).unwrap();
    let door = std::os::unix::net::UnixListener::bind(dir.path().join("door/store")).unwrap();
    let relay = std::thread::spawn(move || {
        use std::io::Write as _;
        let (mut to, _) = door.accept().unwrap();
        to.write_all(b"tidemark copy 1\n\x07\0\0\0\0\0\0\0\x01\0\0\0").unwrap();
    });
    let error = backup_running(dir.path(), &file).unwrap_err();
    relay.join().unwrap();
    assert!(matches!(error, BackupError::Copy(CopyError::Io(_))), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "something unfinished was left");
}
