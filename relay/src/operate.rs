//! Backup and restore, and the accounts of a relay that nobody can sign in to, as an operator asks
//! for them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::accounts::{Account, Refusal, Token, at_rest};
use crate::clock::unix_now;
use crate::run::{StartError, lock_dir};
use crate::store;
use crate::store::{
    BackupError, Copied, EmbeddedStore, OpenError, StoreError, backup_at_rest, backup_running,
};

/// Enough for a look at the accounts.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

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
    /// A relay runs that has the accounts in memory.
    #[error(
        "a relay uses the data directory; nothing was changed: while it runs, an admin does this on \
         the page; or stop it, do this, and start it again"
    )]
    AccountsInUse,
    /// The copy.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store, while it was read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account.
    #[error(transparent)]
    Account(#[from] Refusal),
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

/// All accounts in the store of a relay that does not run.
///
/// # Errors
/// See [`OperateError`].
pub fn accounts(data_dir: &Path) -> Result<Vec<Account>, OperateError> {
    let _lock = lock_accounts(data_dir)?;
    let store = EmbeddedStore::inspect(&EmbeddedStore::path_in(data_dir), CACHE_BYTES)?;
    Ok(at_rest::accounts(Arc::new(store))?)
}

/// The secret of a link by which a user gets a new password when the relay runs again.
///
/// # Errors
/// See [`OperateError`].
pub fn reset_password(data_dir: &Path, user: &str) -> Result<Token, OperateError> {
    let _lock = lock_accounts(data_dir)?;
    let store = EmbeddedStore::open(&EmbeddedStore::path_in(data_dir), CACHE_BYTES)?;
    Ok(at_rest::leave_link(Arc::new(store), user, unix_now())?)
}

fn lock_accounts(data_dir: &Path) -> Result<File, OperateError> {
    if !data_dir.is_dir() {
        return Err(BackupError::NoStore { dir: data_dir.to_owned() }.into());
    }
    lock_dir(data_dir).map_err(|error| match error {
        StartError::DataDirInUse { .. } => OperateError::AccountsInUse,
        error => OperateError::DataDir(error),
    })
}
