//! One file of the page, its brotli form, and their way to the disk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::CompressorWriter;
use sha2::{Digest, Sha256};

/// Digits of the hash in a name: with 32 bits, two versions of one file share a name once in
/// four thousand million builds.
const HASH_DIGITS: usize = 8;

/// The page is compressed once and downloaded often: as small as brotli can.
const BROTLI_QUALITY: u32 = 11;

/// Brotli's largest window that every browser takes: 4 MiB, more than any of our files.
const BROTLI_WINDOW_LOG2: u32 = 22;

/// Content that brotli makes smaller; pictures and fonts are compressed already.
const COMPRESSIBLE: [&str; 9] =
    ["css", "html", "ico", "js", "json", "mjs", "svg", "wasm", "webmanifest"];

/// One file of the page.
pub(super) struct PageFile {
    /// Its path below the page.
    pub(super) name: String,
    pub(super) content: Vec<u8>,
    /// When a browser loads it.
    pub(super) load: Load,
}

/// When a browser loads a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// Before the first price is on the screen.
    First,
    /// Later, or only when asked for.
    Later,
    /// By the browser itself, when the page asks for a service worker: after the first price.
    Worker,
}

impl PageFile {
    /// A file whose name says which content it has: `stem-1a2b3c4d.extension`.
    pub(super) fn hashed(stem: &str, extension: &str, content: Vec<u8>) -> Self {
        let hash = content_hash(&content, HASH_DIGITS);
        PageFile { name: format!("{stem}-{hash}.{extension}"), content, load: Load::First }
    }

    /// Whether its name says which content it has.
    pub(super) fn is_named_by_content(&self) -> bool {
        let hash = self.name.rsplit_once('-').and_then(|(_, rest)| rest.split_once('.'));
        hash.is_some_and(|(hash, _)| {
            hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    /// The files on the disk that belong to it.
    pub(super) fn names(&self) -> Vec<PathBuf> {
        let mut names = vec![PathBuf::from(&self.name)];
        names.extend(self.brotli_name().map(PathBuf::from));
        names
    }

    /// Writes it, unless the same content is there already.
    pub(super) fn write_to(&self, folder: &Path) -> Result<()> {
        let path = folder.join(&self.name);
        let brotli = self.brotli_name().map(|name| folder.join(name));
        let brotli_is_there = brotli.as_ref().is_none_or(|path| path.is_file());
        if brotli_is_there && fs::read(&path).is_ok_and(|old| old == self.content) {
            return Ok(());
        }
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
        // The brotli form goes first: a build that is stopped between the two writes both again.
        if let Some(brotli) = brotli {
            write(&brotli, &compress(&self.content)?)?;
        }
        write(&path, &self.content)
    }

    /// The size of its brotli form on the disk, or its own where it has none.
    pub(super) fn bytes_on_the_wire(&self, folder: &Path) -> u64 {
        let raw = u64::try_from(self.content.len()).unwrap_or(u64::MAX);
        match self.brotli_name() {
            Some(name) => fs::metadata(folder.join(name)).map_or(raw, |file| file.len()),
            None => raw,
        }
    }

    fn brotli_name(&self) -> Option<String> {
        let extension = Path::new(&self.name).extension()?.to_str()?;
        COMPRESSIBLE.contains(&extension).then(|| format!("{}.br", self.name))
    }
}

/// The first digits of a content's hash.
pub(super) fn content_hash(content: &[u8], digits: usize) -> String {
    let digest = Sha256::digest(content);
    let mut hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hash.truncate(digits);
    hash
}

fn compress(content: &[u8]) -> Result<Vec<u8>> {
    const BUFFER_BYTES: usize = 64 * 1024;
    let mut writer =
        CompressorWriter::new(Vec::new(), BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW_LOG2);
    writer.write_all(content).context("compressing with brotli")?;
    Ok(writer.into_inner())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_same_content_has_the_same_name_and_another_content_another() {
        let name = |content: &str| PageFile::hashed("tidemark", "css", content.into()).name;
        assert_eq!(name("a{}"), name("a{}"));
        assert_ne!(name("a{}"), name("b{}"));
        assert_eq!(name("a{}").len(), "tidemark-.css".len() + HASH_DIGITS);
        assert!(PageFile::hashed("tidemark", "css", vec![]).is_named_by_content());
    }

    #[test]
    fn the_brotli_form_unpacks_to_the_file() {
        let content = b"tick ".repeat(1_000);
        let packed = compress(&content).unwrap();
        assert!(packed.len() < content.len() / 10);
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(packed.as_slice(), 4_096).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, content);
    }

    #[test]
    fn pictures_have_no_brotli_form() {
        let file = |name: &str| PageFile { name: name.into(), content: vec![], load: Load::Later };
        assert_eq!(file("icons/a.png").names(), [PathBuf::from("icons/a.png")]);
        let names = ["index.html", "index.html.br"].map(PathBuf::from);
        assert_eq!(file("index.html").names(), names);
    }
}
