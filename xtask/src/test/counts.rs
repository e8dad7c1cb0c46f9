//! How many tests passed and failed.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What `cargo test` counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    pub(super) failed: u32,
}

impl Counts {
    /// Runs a `cargo test …`, shows what it says and adds what it counted.
    pub(super) fn add_cargo_test(&mut self, command: &mut Command) -> Result<()> {
        let mut child =
            command.stdout(Stdio::piped()).spawn().context("cannot start `cargo test`")?;
        let output = child.stdout.take().context("`cargo test` has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line.context("reading what `cargo test` says")?;
            println!("{line}");
            if let Some(counts) = Counts::of_line(&line) {
                *self += counts;
            }
        }
        let status = child.wait().context("waiting for `cargo test`")?;
        if !status.success() {
            bail!("`cargo test` failed ({status}), {} tests with it", self.failed);
        }
        Ok(())
    }

    /// Reads `test result: ok. 12 passed; 0 failed; …`.
    fn of_line(line: &str) -> Option<Counts> {
        let (_, result) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut parts = result.split("; ");
        let mut number = |word| parts.next()?.strip_suffix(word)?.trim().parse().ok();
        Some(Counts { passed: number("passed")?, failed: number("failed")? })
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_result_lines_are_counted_and_others_are_not() {
        let ok = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; finished in 0.1s";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured";
        assert_eq!(Counts::of_line(ok), Some(Counts { passed: 12, failed: 0 }));
        assert_eq!(Counts::of_line(bad), Some(Counts { passed: 3, failed: 2 }));
        assert_eq!(Counts::of_line("test proxy ... ok"), None);
    }
}
