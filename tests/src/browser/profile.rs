//! What a browser remembers between two starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use tempfile::TempDir;

/// Where a running browser writes down its port.
const PORT_FILE: &str = "DevToolsActivePort";

/// A browser's folder: its databases, its settings, its caches. Only one browser at a time can run
/// on it. Gone when nobody has it any more.
#[derive(Clone, Debug)]
pub struct Profile {
    folder: Arc<TempDir>,
}

impl Profile {
    /// An empty one.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn empty() -> io::Result<Profile> {
        let folder = tempfile::Builder::new().prefix("tidemark-chromium-").tempdir()?;
        Ok(Profile { folder: Arc::new(folder) })
    }

    /// Another one with the same content, as a backup or a cloned machine brings it. The browser
    /// on this one must not run.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn clone_files(&self) -> io::Result<Profile> {
        let copy = Profile::empty()?;
        copy_folder(self.folder(), copy.folder())?;
        Ok(copy)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn port_file(&self) -> PathBuf {
        self.folder().join(PORT_FILE)
    }

    /// What an earlier run has left would be taken for this one's: its port, and, after a crash,
    /// its claim on the folder.
    pub(super) fn forget_last_run(&self) -> io::Result<()> {
        for name in [PORT_FILE, "SingletonLock", "SingletonCookie", "SingletonSocket"] {
            match fs::remove_file(self.folder().join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
        }
        // Links and sockets belong to a running browser.
    }
    Ok(())
}
