//! What must be on the machine beside Rust, and how it gets there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The page's platform.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Sees to it that Rust can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    println!("adding the Rust target {WASM_TARGET}");
    let added = Command::new("rustup").args(["target", "add", WASM_TARGET]).status();
    if added.is_ok_and(|status| status.success()) && has_wasm_target() {
        return Ok(());
    }
    bail!("Rust cannot compile for the browser: run `rustup target add {WASM_TARGET}`, then again")
}

/// Sees to it that there is a browser for the tests.
pub(crate) fn chromium() -> Result<()> {
    const PACKAGE: &str = "chromium";
    if is_on_path("chromium") || is_on_path("chromium-browser") || is_on_path("google-chrome") {
        return Ok(());
    }
    println!("installing {PACKAGE}");
    let installed = apt_get(&["update"])
        .and_then(|()| apt_get(&["install", "--yes", "--no-install-recommends", PACKAGE]));
    match installed {
        Ok(()) if is_on_path(PACKAGE) => Ok(()),
        _ => bail!(
            "the browser tests need Chromium: run `apt-get install {PACKAGE}` as root, then again"
        ),
    }
}

fn has_wasm_target() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer =
        Command::new(rustc).args(["--print", "target-libdir", "--target", WASM_TARGET]).output();
    answer.is_ok_and(|answer| {
        let folder = String::from_utf8_lossy(&answer.stdout);
        answer.status.success() && Path::new(folder.trim()).is_dir()
    })
}

fn apt_get(args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    let status = command.status().context("there is no apt-get")?;
    if !status.success() {
        bail!("apt-get failed ({status})");
    }
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    on_path(program).is_some()
}

/// Where a program is, if the shell would find it.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|it| it.is_file())
}
