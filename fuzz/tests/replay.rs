//! Every target on its corpus, its past finds among it, and on recorded messages where there are
//! any. With any compiler, and fast.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]
#![allow(
    clippy::print_stdout,
    reason = "says what it was at when it failed, and why it did nothing"
)]

use std::fs;
use std::path::{Path, PathBuf};

use tidemark_fuzz::TARGETS;

#[test]
fn every_target_stands_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS {
        let files = files(&corpus.join(target.name));
        assert!(!files.is_empty(), "{} has no corpus", target.name);
        for file in files {
            // Printed with what fails.
            println!("{}: {}", target.name, file.display());
            (target.run)(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn every_corpus_belongs_to_a_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for folder in fs::read_dir(corpus).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(tidemark_fuzz::target(&name).is_some(), "{name} is no target");
    }
}

#[test]
fn every_target_stands_recorded_messages() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let vectors = std::env::var_os("TIDEMARK_VECTORS").map_or(beside, PathBuf::from);
    if !vectors.is_dir() {
        println!("skipped: no vectors");
        return;
    }
    for target in TARGETS {
        for file in target.vectors.iter().flat_map(|folder| files(&vectors.join(folder))) {
            println!("{}: {}", target.name, file.display());
            (target.run)(&fs::read(file).unwrap());
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}
