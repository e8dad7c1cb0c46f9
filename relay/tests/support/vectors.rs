//! Finds the folder of recorded and documented messages.

use std::path::{Path, PathBuf};

#[allow(clippy::print_stdout, reason = "says why a test did nothing")]
/// A path in the vectors folder, if there is one on this machine.
pub(crate) fn vectors(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let folder = std::env::var_os("TIDEMARK_VECTORS").map_or(beside, PathBuf::from);
    let found = folder.join(path);
    if !found.exists() {
        println!("skipped: no vectors");
        return None;
    }
    Some(found)
}
