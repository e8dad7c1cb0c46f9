//! How the client becomes a folder that any web server can serve.
//!
//! The files of `static/` go there as they are, but for two things: the style sheets are joined
//! into one, and what only the index refers to (scripts, WebAssembly, style) carries a part of its
//! own hash in its name, so that browsers may keep it for ever. `index.html` gets those names in the
//! place of `%TIDEMARK_JS%` and the like, and the service worker gets the list of all files with
//! their hashes. Beside each file that shrinks lies its brotli form, so that no server has to
//! compress anything.
//!
//! What must never be here: a step that needs the network, or a tool that must be installed.

mod bindgen;
mod file;
mod policy;
mod report;
mod sources;
mod worker;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::file::PageFile;
use crate::cargo;

/// A page that was assembled.
pub(crate) struct Page {
    /// Where it is.
    pub(crate) folder: PathBuf,
    files: Vec<PageFile>,
}

/// Builds the client and puts the page together in `dist/`.
pub(crate) fn assemble() -> Result<Page> {
    let client = bindgen::client()?;
    let files = sources::collect(client, &cargo::workspace().join("static"))?;
    let folder = cargo::workspace().join("dist");
    for file in &files {
        file.write_to(&folder)?;
    }
    let current = files.iter().flat_map(PageFile::names).collect();
    remove_all_but(&current, &folder, &folder)?;
    Ok(Page { folder, files })
}

/// Removes what earlier builds left behind.
fn remove_all_but(current: &BTreeSet<PathBuf>, root: &Path, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            remove_all_but(current, root, &path)?;
            // Fails on a folder that still holds something, which is meant.
            let _ = fs::remove_dir(&path);
        } else if !path.strip_prefix(root).is_ok_and(|name| current.contains(name)) {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}
