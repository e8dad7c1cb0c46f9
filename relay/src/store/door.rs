//! The way to the store of a running relay: whoever knocks is sent a copy of everything.
//!
//! It is a socket in a folder that only the relay's own user may enter, so it asks no questions.
//! The copy is of one instant and is taken while the relay goes on.

use std::fs::{self, DirBuilder};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{CopyError, Store, copy};

/// Nobody but the relay's own user.
const PRIVATE: u32 = 0o700;

/// Whoever takes nothing for so long is cut: a snapshot that is held makes the file grow.
const TAKES_WITHIN: Duration = Duration::from_secs(30);

/// A door that is open. It is shut when it is dropped.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    is_shut: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Opens the door to a store. The caller keeps other relays out of the directory.
    ///
    /// # Errors
    /// When the system refuses; the path may be too long for a socket.
    pub fn open<S: Store>(data_dir: &Path, store: Arc<S>) -> io::Result<Self> {
        let path = path_in(data_dir);
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(PRIVATE).create(folder)?;
            // It may be there from before, with other rights.
            fs::set_permissions(folder, fs::Permissions::from_mode(PRIVATE))?;
        }
        // A relay that was killed leaves its door behind.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        let is_shut = Arc::new(AtomicBool::new(false));
        let shut = Arc::clone(&is_shut);
        let serve = move || {
            for visitor in listener.incoming() {
                if shut.load(Ordering::SeqCst) {
                    break;
                }
                match visitor.map_err(CopyError::from).and_then(|to| hand_out(&*store, to)) {
                    Ok(()) => tracing::info!("a copy of the store was handed out"),
                    Err(error) => tracing::warn!(%error, "a copy of the store was not handed out"),
                }
            }
        };
        let thread = thread::Builder::new().name("store-door".to_owned()).spawn(serve)?;
        Ok(Door { path, is_shut, thread: Some(thread) })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.is_shut.store(true, Ordering::SeqCst);
        // The thread waits for somebody to come. Without anybody it is left waiting.
        if UnixStream::connect(&self.path).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // A panic in it has hurt nobody.
            let _ = thread.join();
        }
        // The next relay would remove it, too.
        let _ = fs::remove_file(&self.path);
    }
}

/// Knocks at the door of the relay that uses a directory.
pub(super) fn knock(data_dir: &Path) -> io::Result<UnixStream> {
    let from = UnixStream::connect(path_in(data_dir))?;
    from.set_read_timeout(Some(TAKES_WITHIN))?;
    Ok(from)
}

fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("door").join("store")
}

fn hand_out<S: Store>(store: &S, to: UnixStream) -> Result<(), CopyError> {
    to.set_write_timeout(Some(TAKES_WITHIN))?;
    copy::send(&store.snapshot()?, store.epoch(), &mut BufWriter::new(to))
}
