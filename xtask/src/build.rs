//! `cargo xtask build`: the page into `dist/`, and the relay around it.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::page::Page;
use crate::{cargo, needs, page};

/// Names the folder with the page to the relay's build script.
const CLIENT_DIST: &str = "TIDEMARK_CLIENT_DIST";

/// Names the relay's binary to the tests and the benchmark that start it.
pub(crate) const RELAY: &str = "TIDEMARK_RELAY";

/// What a build makes.
pub(crate) struct Built {
    /// The folder with the page.
    pub(crate) page: Page,
    /// The relay's binary.
    pub(crate) relay: PathBuf,
}

/// The verb.
pub(crate) fn run() -> Result<()> {
    let built = everything()?;
    print!("{}", built.page.report());
    println!("the page is in  {}", built.page.folder.display());
    println!("the relay is    {}", built.relay.display());
    Ok(())
}

/// Makes the page and the relay. What is up to date stays as it is.
pub(crate) fn everything() -> Result<Built> {
    needs::wasm_target()?;
    let page = page::assemble().context("the page could not be built")?;
    let relay = cargo::build(
        cargo::command()
            .args(["build", "--release", "--package", "tidemark-relay", "--bin", "tidemark-relay"])
            .env(CLIENT_DIST, &page.folder),
        |path| path.file_stem().is_some_and(|stem| stem == "tidemark-relay"),
    )
    .context("the relay could not be built")?;
    Ok(Built { page, relay })
}
