//! Running cargo from inside cargo.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    // What `cargo run` says now goes before what was true when this was compiled: a checkout may
    // have been moved, and its target folder with it.
    let own =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let own = PathBuf::from(own);
    own.parent().expect("this crate's folder lies in the workspace's folder").to_owned()
}

/// A command that runs cargo in the workspace.
pub(crate) fn command() -> Command {
    // Read when it runs, not when it was compiled: another toolchain may have been chosen since.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace());
    command
}

/// Runs a command to its end; its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let words = words(command);
    let status = command.status().with_context(|| format!("cannot start `{words}`"))?;
    if !status.success() {
        bail!("`{words}` failed ({status})");
    }
    Ok(())
}

/// Runs a `cargo build …` and says where it put the file that `is_wanted` recognises.
pub(crate) fn build(command: &mut Command, is_wanted: fn(&Path) -> bool) -> Result<PathBuf> {
    let words = words(command);
    let output = command
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{words}`"))?;
    if !output.status.success() {
        bail!("`{words}` failed ({})", output.status);
    }
    let reports = String::from_utf8(output.stdout).context("cargo's report is no text")?;
    reports
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|report| report.get("reason").is_some_and(|it| it == "compiler-artifact"))
        .filter_map(|report| report.get("filenames")?.as_array().cloned())
        .flatten()
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .rfind(|path| is_wanted(path))
        .with_context(|| format!("`{words}` did not make what it should"))
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
