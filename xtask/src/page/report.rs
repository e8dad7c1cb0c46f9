//! What the page weighs.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::Page;
use super::file::{Load, PageFile};
use super::worker::is_kept;

/// The aim for what a browser has to fetch before the first price: on a phone's slow connection
/// (1.6 Mbit/s) these are a second and a half.
const FIRST_LOAD_BYTES_AIM: u64 = 300 * 1_000;

/// Until the aim is met the page must at least not grow: a little more than it weighs now. It has
/// nearly doubled with the user's own data, and signing in and looking after a relay have added
/// 40 kB; loading dialogs when they are first opened is next.
const FIRST_LOAD_BYTES_MAX: u64 = 640 * 1_000;

impl Page {
    /// A table of the files, the sum of the first load, and what the service worker adds to it.
    pub(crate) fn report(&self) -> String {
        let mut table = format!("{:<40} {:>10} {:>10}\n", "file", "bytes", "brotli");
        for file in &self.files {
            let brotli = file.bytes_on_the_wire(&self.folder);
            let later = match file.load {
                Load::First => "",
                Load::Later => "  (later)",
                Load::Worker => "  (the browser, after the first price)",
            };
            let _ =
                writeln!(table, "{:<40} {:>10} {brotli:>10}{later}", file.name, file.content.len());
        }
        let total = self.first_load_bytes();
        let _ = writeln!(table, "{:<40} {:>10} {total:>10}", "first load", "");
        let worker = self.worker_bytes();
        let _ = writeln!(table, "{:<40} {:>10} {worker:>10}", "then, to work offline", "");
        if total > FIRST_LOAD_BYTES_AIM {
            let over = total - FIRST_LOAD_BYTES_AIM;
            let _ = writeln!(table, "{over} bytes more than the aim of {FIRST_LOAD_BYTES_AIM}");
        }
        table
    }

    /// Refuses a page that has grown too heavy.
    pub(crate) fn check_weight(&self) -> Result<()> {
        let bytes = self.first_load_bytes();
        if bytes > FIRST_LOAD_BYTES_MAX {
            bail!("the first load is {bytes} bytes; it may be {FIRST_LOAD_BYTES_MAX}");
        }
        Ok(())
    }

    fn first_load_bytes(&self) -> u64 {
        self.sum(|file| file.load == Load::First)
    }

    /// The worker, and what it keeps that the first load has not left in the browser's cache: all
    /// but the files that are named by their content.
    fn worker_bytes(&self) -> u64 {
        self.sum(|file| match file.load {
            Load::First => !file.is_named_by_content(),
            Load::Later => is_kept(file),
            Load::Worker => true,
        })
    }

    fn sum(&self, counts: impl Fn(&PageFile) -> bool) -> u64 {
        let counted = self.files.iter().filter(|file| counts(file));
        counted.map(|file| file.bytes_on_the_wire(&self.folder)).sum()
    }
}
