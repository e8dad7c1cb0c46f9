//! Backup and restore, as an operator asks for them.

use std::path::Path;

use thiserror::Error;

use crate::clock::unix_now;
use crate::run::{StartError, lock_dir};
use crate::store;
use crate::store::{BackupError, Copied, backup_at_rest, backup_running};

/// Why it was not done. Nothing was changed.
#[derive(Debug, Error)]
pub enum OperateError {
    /// The data directory.
    #[error(transparent)]
    DataDir(StartError),
    /// A relay runs that would go on with the old store.
    #[error(
        "a relay uses the data directory; nothing was changed: stop it, then restore, then start \
         it again"
    )]
    Running,
    /// The copy.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

/// Writes a copy of the store to a new file, whether a relay runs or not.
///
/// # Errors
/// See [`OperateError`].
pub fn backup(data_dir: &Path, to: &Path) -> Result<Copied, OperateError> {
    if !data_dir.is_dir() {
        return Err(BackupError::NoStore { dir: data_dir.to_owned() }.into());
    }
    match lock_dir(data_dir) {
        Ok(_lock) => Ok(backup_at_rest(data_dir, to)?),
        Err(StartError::DataDirInUse { .. }) => Ok(backup_running(data_dir, to)?),
        Err(error) => Err(OperateError::DataDir(error)),
    }
}

/// Puts a backup in the place of the store.
///
/// # Errors
/// See [`OperateError`].
pub fn restore(data_dir: &Path, from: &Path) -> Result<Copied, OperateError> {
    match lock_dir(data_dir) {
        Ok(_lock) => Ok(store::restore(data_dir, from, unix_now())?),
        Err(StartError::DataDirInUse { .. }) => Err(OperateError::Running),
        Err(error) => Err(OperateError::DataDir(error)),
    }
}
