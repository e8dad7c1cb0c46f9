//! The client as JavaScript and WebAssembly.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::cargo;
use crate::needs::WASM_TARGET;

/// What wasm-bindgen makes of the client.
pub(super) struct Client {
    pub(super) js: Vec<u8>,
    pub(super) wasm: Vec<u8>,
    /// Modules that the JavaScript imports, by their path below the page.
    pub(super) modules: Vec<(String, Vec<u8>)>,
}

/// Compiles the client and generates its JavaScript half.
pub(super) fn client() -> Result<Client> {
    let compiled = cargo::build(
        cargo::command().args([
            "build",
            "--package",
            "tidemark-client",
            "--lib",
            "--profile",
            "wasm-release",
            "--target",
            WASM_TARGET,
        ]),
        |path| path.extension().is_some_and(|extension| extension == "wasm"),
    )?;
    generate(&compiled).context("wasm-bindgen refuses the client")
}

fn generate(compiled: &Path) -> Result<Client> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let local = output
        .local_modules()
        .iter()
        .map(|(path, text)| (format!("snippets/{path}"), text.clone().into_bytes()));
    let inline = output.snippets().iter().flat_map(|(crate_name, texts)| {
        texts.iter().enumerate().map(move |(index, text)| {
            (format!("snippets/{crate_name}/inline{index}.js"), text.clone().into_bytes())
        })
    });
    let modules = local.chain(inline).collect();
    let js = output.js().as_bytes().to_vec();
    Ok(Client { js, modules, wasm: output.wasm_mut().emit_wasm() })
}
