//! `cargo xtask bench`: the relay beside the speed limit of this machine.

use anyhow::Result;

use crate::{build, cargo};

/// The verb. ROWS are the benchmark's own arguments.
pub(crate) fn run(rows: &[String]) -> Result<()> {
    let built = build::everything()?;
    let bench = ["run", "--release", "--package", "tidemark-tests", "--bin", "bench", "--"];
    cargo::run(cargo::command().args(bench).args(rows).env(build::RELAY, built.relay))
}
