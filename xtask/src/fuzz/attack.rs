//! The program that attacks one target: how it is built, and what it knows.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// What makes a program tell which of its branches were taken and what it compared, and abort when
/// it touches memory that is not its own (dependencies have `unsafe` code).
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
     -Zsanitizer=address";

/// Leaks are not looked for: what is kept for the next input would look like one.
const ADDRESS_SANITIZER: &str = "detect_leaks=0:detect_odr_violation=0:quarantine_size_mb=16";

/// The program.
#[derive(Debug)]
pub(super) struct Attack {
    program: PathBuf,
    /// Where everything of this verb is: builds, logs, finds, inputs that reached something new.
    pub(super) folder: PathBuf,
}

/// One thing to attack.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) bytes_max: String,
    pub(super) dictionary: Option<String>,
    /// Folders of recorded messages.
    pub(super) vectors: Vec<String>,
}

impl Attack {
    /// Builds it with the nightly compiler, in a folder of its own.
    pub(super) fn build() -> Result<Self> {
        let host = host()?;
        let target_dir = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| cargo::workspace().join("target"), PathBuf::from);
        let folder = target_dir.join("fuzz");
        let mut build = nightly("cargo");
        build
            .current_dir(cargo::workspace())
            .args(["build", "--package", "tidemark-fuzz", "--bin", "attack"])
            .args(["--features", "libfuzzer", "--profile", "fuzz"])
            // Named, so that what runs during the build is not instrumented.
            .args(["--target", &host, "--target-dir"])
            .arg(&folder)
            .env("RUSTFLAGS", FLAGS);
        let program = cargo::build(&mut build, |path| path.ends_with("fuzz/attack"))?;
        Ok(Attack { program, folder })
    }

    /// What it can attack.
    pub(super) fn targets(&self) -> Result<Vec<Target>> {
        let listed = self.command("list").output().context("cannot start what was built")?;
        if !listed.status.success() {
            bail!("what was built does not run ({})", listed.status);
        }
        let text = String::from_utf8(listed.stdout).context("its list is no text")?;
        text.lines().map(|line| Target::of(line).context("its list cannot be read")).collect()
    }

    /// A command that attacks a target.
    pub(super) fn command(&self, target: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(cargo::workspace())
            .env("TIDEMARK_TARGET", target)
            .env("ASAN_OPTIONS", ADDRESS_SANITIZER)
            .stdin(Stdio::null());
        command
    }

    /// Runs one input, once.
    pub(super) fn replay(&self, target: &Target, file: &Path) -> Result<()> {
        cargo::run(self.command(&target.name).arg("-timeout=10").arg(file))
    }
}

impl Target {
    /// A line of the program's list: name, longest input, dictionary (or `-`), folders.
    fn of(line: &str) -> Option<Self> {
        let mut words = line.split(' ').map(str::to_owned);
        let (name, bytes_max, dictionary) = (words.next()?, words.next()?, words.next()?);
        let dictionary = Some(dictionary).filter(|dictionary| dictionary != "-");
        Some(Target { name, bytes_max, dictionary, vectors: words.collect() })
    }
}

/// A program of the nightly toolchain, whatever toolchain this one was started by.
fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]);
    for chosen in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "RUSTDOC"] {
        command.env_remove(chosen);
    }
    command
}

/// The platform that nightly builds for.
fn host() -> Result<String> {
    let asked = nightly("rustc").arg("-vV").stderr(Stdio::null()).output();
    let said = asked.ok().filter(|asked| asked.status.success()).map(|asked| asked.stdout);
    let text = String::from_utf8(said.unwrap_or_default()).unwrap_or_default();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context(
        "fuzzing needs a nightly compiler: run \
         `rustup toolchain install nightly --profile minimal`, then again",
    )
}
