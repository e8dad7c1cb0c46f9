//! Copies of a store for a bad day, and the way back.

use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::Epoch;

use super::copy::{self, Tally};
use super::embedded::{self, EmbeddedStore, sync_dir_of};
use super::{CopyError, OpenError, Store as _, door};

/// Memory to copy a store with: it is gone through once.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Why there is no backup, or nothing was restored. Nothing was changed.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The file to write to is there.
    #[error("{} is there already; nothing was written: name a file that is not", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// There is nothing to copy.
    #[error("there is no store in {}; nothing was written: set `data_dir`", dir.display())]
    NoStore {
        /// Where.
        dir: PathBuf,
    },
    /// The relay that runs lets nobody in.
    #[error(
        "the relay that uses {} does not open its door: {error}; nothing was written: do it as \
         the user that the relay runs as, or stop the relay first",
        dir.display()
    )]
    Shut {
        /// Where.
        dir: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A store cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// What was written is not what was read.
    #[error("{}: reading it again gave something else; see that the disk works", path.display())]
    NotAsWritten {
        /// Which.
        path: PathBuf,
    },
    /// The disk.
    #[error("{}: {error}; the store is as it was", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many records.
    pub records: u64,
    /// The epoch of the copy.
    pub epoch: Epoch,
    /// Where the store is that was there before, if one was.
    pub before: Option<PathBuf>,
}

/// Copies the store of a directory that no relay uses: the caller keeps them out.
///
/// # Errors
/// See [`BackupError`].
pub fn backup_at_rest(data_dir: &Path, to: &Path) -> Result<Copied, BackupError> {
    must_be_new(to)?;
    let path = EmbeddedStore::path_in(data_dir);
    if !path.is_file() {
        return Err(BackupError::NoStore { dir: data_dir.to_owned() });
    }
    let store = EmbeddedStore::inspect(&path, CACHE_BYTES)?;
    let snapshot = store.snapshot().map_err(CopyError::from)?;
    let epoch = store.epoch();
    let copied = write(to, epoch, |put| copy::copy_all(&snapshot, put).map_err(CopyError::from))?;
    copied.unplaced.place_new()?;
    Ok(Copied { records: copied.tally.records, epoch, before: None })
}

/// Copies the store of the relay that runs on a directory.
///
/// # Errors
/// See [`BackupError`].
pub fn backup_running(data_dir: &Path, to: &Path) -> Result<Copied, BackupError> {
    must_be_new(to)?;
    let shut = |error| BackupError::Shut { dir: data_dir.to_owned(), error };
    let mut from = BufReader::new(door::knock(data_dir).map_err(shut)?);
    let epoch = copy::receive_epoch(&mut from)?;
    let copied = write(to, epoch, |put| copy::receive(&mut from, put))?;
    copied.unplaced.place_new()?;
    Ok(Copied { records: copied.tally.records, epoch, before: None })
}

/// Puts a backup in the place of a directory's store, which is kept beside it under another name.
/// No relay uses the directory: the caller keeps them out. The restored store begins a new epoch:
/// clients that have seen later writes recognise by it that they have to say them again.
///
/// # Errors
/// See [`BackupError`].
pub fn restore(data_dir: &Path, from: &Path, now: UnixMillis) -> Result<Copied, BackupError> {
    let backup = EmbeddedStore::inspect(from, CACHE_BYTES)?;
    let snapshot = backup.snapshot().map_err(CopyError::from)?;
    let path = EmbeddedStore::path_in(data_dir);
    let is_there = path.try_exists().map_err(|error| failed(&path, error))?;
    // It may be damaged: that may be why it is replaced. Its epoch was a time before now.
    let old = EmbeddedStore::inspect(&path, CACHE_BYTES).map_or(Epoch(0), |old| old.epoch());
    let now_epoch = Epoch(u64::try_from(now.0).unwrap_or_default());
    let epoch = now_epoch.max(Epoch(old.max(backup.epoch()).0 + 1));
    let copied =
        write(&path, epoch, |put| copy::copy_all(&snapshot, put).map_err(CopyError::from))?;
    let before = match is_there {
        true => Some(keep_beside(&path, now).map_err(|error| failed(&path, error))?),
        false => None,
    };
    copied.unplaced.place_over()?;
    Ok(Copied { records: copied.tally.records, epoch, before })
}

struct Written {
    unplaced: embedded::Unplaced,
    tally: Tally,
}

/// Writes a store that has no name yet, and reads it again.
fn write(
    path: &Path,
    epoch: Epoch,
    copy: impl FnOnce(&mut copy::Put<'_>) -> Result<Tally, CopyError>,
) -> Result<Written, BackupError> {
    let mut copied = None;
    let unplaced = embedded::create(path, epoch, |put| {
        let result = copy(put);
        let failed = match &result {
            Err(CopyError::Store(error)) => Err(error.clone()),
            _ => Ok(()),
        };
        copied = Some(result);
        failed
    });
    // Where the copy broke off, what was made of it is of no interest.
    let tally = copied.transpose()?;
    let unplaced = unplaced?;
    let tally = tally.ok_or(CopyError::Garbled)?;
    let again = unplaced.inspect(CACHE_BYTES)?;
    let again = again.snapshot().and_then(|snapshot| copy::tally(&snapshot));
    match again.map_err(CopyError::from)? == tally {
        true => Ok(Written { unplaced, tally }),
        false => Err(BackupError::NotAsWritten { path: path.to_owned() }),
    }
}

/// Gives a store a second name, which says until when it was used.
fn keep_beside(path: &Path, now: UnixMillis) -> io::Result<PathBuf> {
    let kept = path.with_file_name(format!("store-until-{}.redb", date_and_time(now)));
    fs::hard_link(path, &kept)?;
    sync_dir_of(path)?;
    Ok(kept)
}

fn must_be_new(path: &Path) -> Result<(), BackupError> {
    match path.try_exists() {
        Ok(false) => Ok(()),
        Ok(true) => Err(BackupError::Exists { path: path.to_owned() }),
        Err(error) => Err(failed(path, error)),
    }
}

fn failed(path: &Path, error: io::Error) -> BackupError {
    BackupError::Io { path: path.to_owned(), error }
}

/// `20261120T163029.123Z`: UTC, sorts by time, and fits a file's name everywhere.
fn date_and_time(at: UnixMillis) -> String {
    let (days, of_day) = (at.0.div_euclid(86_400_000), at.0.rem_euclid(86_400_000));
    // Years are counted from March, so that the leap day is the last of its year, and in cycles of
    // 400 years, which all have as many days. 719 468 days lie between March of the year 0 and 1970.
    let day = days + 719_468;
    let (cycle, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * cycle + year + i64::from(month <= 2);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, millis) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // From `date -u -d @SECONDS`.
        for (seconds, date) in [
            (0, "19700101T000000.000Z"),
            (951_782_400, "20000229T000000.000Z"),
            (1_735_689_599, "20241231T235959.000Z"),
            (1_795_192_229, "20261120T163029.000Z"),
            (4_107_542_400, "21000301T000000.000Z"),
        ] {
            assert_eq!(date_and_time(UnixMillis(seconds * 1_000)), date);
        }
    }
}
