//! The service worker: which files it keeps, and by which hashes it knows them.

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::file::{Load, PageFile, content_hash};

/// The worker's name on every host: browsers ask for it by that name for ever.
pub(super) const WORKER: &str = "sw.js";

/// What an operator puts in its place to get rid of it.
const WORKER_OFF: &str = "sw-off.js";

/// The operator's own file, which may be changed after the build: it has no hash to know it by.
const CONFIGURATION: &str = "tidemark.json";

/// The page is kept under its folder's name, because many hosts send its own name there.
const INDEX: (&str, &str) = ("index.html", "./");

const VERSION_PLACE: &str = "%TIDEMARK_VERSION%";
const FILES_PLACE: &str = "%TIDEMARK_FILES%";

/// Digits that name a build: two of them share a name once in 2^64.
const VERSION_DIGITS: usize = 16;

/// The worker that keeps `files`, from the source in `static/`.
pub(super) fn worker(source: &str, files: &[PageFile]) -> Result<PageFile> {
    for place in [VERSION_PLACE, FILES_PLACE] {
        if source.matches(place).count() != 1 {
            bail!("{WORKER} must mention {place} once");
        }
    }
    let kept: Vec<[String; 2]> = files.iter().filter(|file| is_kept(file)).map(entry).collect();
    let filled = source.replace(FILES_PLACE, &json!(kept).to_string());
    // Another worker over the same files is another build, too.
    let version = content_hash(filled.as_bytes(), VERSION_DIGITS);
    let content = filled.replace(VERSION_PLACE, &version).into_bytes();
    Ok(PageFile { name: WORKER.into(), content, load: Load::Worker })
}

/// Whether the page needs a file while there is no network. Icons as pictures are for the system,
/// which takes them when it installs the page.
pub(super) fn is_kept(file: &PageFile) -> bool {
    let is_icon = file.name.ends_with(".png");
    !is_icon && ![WORKER, WORKER_OFF, CONFIGURATION].contains(&file.name.as_str())
}

/// What stands in the worker's list: path and hash, the latter in the form that browsers check.
fn entry(file: &PageFile) -> [String; 2] {
    let path = if file.name == INDEX.0 { INDEX.1 } else { &file.name };
    let hash = BASE64_STANDARD.encode(Sha256::digest(&file.content));
    [path.to_owned(), format!("sha256-{hash}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "const VERSION = \"%TIDEMARK_VERSION%\"; const FILES = %TIDEMARK_FILES%;";

    fn file(name: &str, content: &str) -> PageFile {
        PageFile { name: name.into(), content: content.into(), load: Load::First }
    }

    fn text(files: &[PageFile]) -> String {
        String::from_utf8(worker(SOURCE, files).unwrap().content).unwrap()
    }

    #[test]
    fn the_worker_knows_the_pages_files_by_their_hashes() {
        let text = text(&[file("index.html", "abc"), file("tidemark-1a2b3c4d.js", "")]);
        // The SHA-256 of "abc" and of nothing, as in the standard's examples.
        let abc = "[\"./\",\"sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\"]";
        let nothing = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert!(text.contains(abc) && text.contains(nothing), "{text}");
        assert!(!text.contains('%'), "{text}");
    }

    #[test]
    fn any_other_content_is_another_version() {
        let one = text(&[file("index.html", "one")]);
        assert_eq!(one, text(&[file("index.html", "one")]));
        assert_ne!(one, text(&[file("index.html", "two")]));
    }

    #[test]
    fn what_the_operator_changes_and_what_the_system_takes_is_not_kept() {
        let files = ["tidemark.json", "sw-off.js", "icon-192.png"].map(|name| file(name, "x"));
        assert!(text(&files).contains("const FILES = [];"), "{}", text(&files));
    }

    #[test]
    fn a_source_without_its_places_stops_the_build() {
        let error = worker("const FILES = [];", &[]).err().unwrap();
        assert_eq!(error.to_string(), "sw.js must mention %TIDEMARK_VERSION% once");
    }

    #[test]
    fn the_way_out_removes_the_very_caches_that_the_worker_makes() {
        let read = |name: &str| {
            let folder = crate::cargo::workspace().join("static");
            std::fs::read_to_string(folder.join(name)).unwrap()
        };
        let ours = |text: String| {
            text.lines().find(|line| line.starts_with("const OURS = ")).map(str::to_owned)
        };
        let in_worker = ours(read(WORKER));
        assert!(in_worker.is_some());
        assert_eq!(in_worker, ours(read(WORKER_OFF)));
    }
}
