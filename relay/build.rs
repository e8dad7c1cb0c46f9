//! Embeds the client's built files, so that the relay is one binary with nothing around it.
//!
//! `TIDEMARK_CLIENT_DIST` names their folder; `cargo xtask build` sets it. Without it the relay is
//! built all the same and says on its page how to get one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=TIDEMARK_CLIENT_DIST");
    let mut files = Vec::new();
    let dist = env::var_os("TIDEMARK_CLIENT_DIST").map(PathBuf::from);
    if let Some(dist) = &dist {
        println!("cargo::rerun-if-changed={}", dist.display());
        collect(dist, dist, &mut files)?;
        files.sort();
    }
    let mut code = String::from("&[\n");
    for (path, file) in files.iter().filter(|(path, _)| !path.ends_with(".br")) {
        let brotli = files.iter().find(|(other, _)| *other == format!("{path}.br"));
        let brotli = match brotli {
            Some((_, file)) => format!("Some(include_bytes!({:?}))", file.display().to_string()),
            None => "None".to_owned(),
        };
        let bytes = file.display().to_string();
        writeln!(
            code,
            "    Asset {{ path: {path:?}, bytes: include_bytes!({bytes:?}), brotli: {brotli} }},"
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("assets.rs"), code)
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let name = below.to_string_lossy().replace('\\', "/");
            files.push((format!("/{name}"), fs::canonicalize(&path)?));
        }
    }
    Ok(())
}
