//! What others have written and we ship: known faults, licences, doubles, where it comes from. The
//! rules and their exceptions stand in `deny.toml`.
//!
//! A machine without a network loses seconds by it, and is told what was not looked at.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{cargo, needs};

/// Where faults are made known.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// It answers within this time, or it is taken as out of reach: nobody is to wait for a network that
/// is not there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How often it is looked whether it has answered.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What checks the rules, and the version that knows their form.
const PROGRAM: &str = "cargo-deny";
const VERSION: &str = "^0.20";

/// The section.
pub(super) fn check() -> Result<()> {
    let is_reached = answers(
        Command::new("git")
            .args(["ls-remote", "--quiet", ADVISORIES, "HEAD"])
            .env("GIT_TERMINAL_PROMPT", "0"),
    );
    match (is_reached, installed()) {
        (true, Some(program)) => deny(program, &["check"]),
        (true, None) => deny(install()?, &["check"]),
        (false, Some(program)) if has_all_sources() => {
            println!("skipped: known faults (advisories), because {ADVISORIES} does not answer");
            deny(program, &["--offline", "check", "bans", "licenses", "sources"])
        }
        (false, _) => {
            println!(
                "skipped: known faults, licences, doubles and sources, because {ADVISORIES} does \
                 not answer and what would look at the rest is not on this machine"
            );
            Ok(())
        }
    }
}

fn deny(program: PathBuf, args: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    cargo::run(command.current_dir(cargo::workspace()).args(args))
}

/// Whether a program ends well within its time. It is ended when it does not.
fn answers(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else { return false };
    let start = Instant::now();
    while start.elapsed() < ANSWERS_WITHIN {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(LOOK_EVERY),
            Err(_) => break,
        }
    }
    // It may have ended just now.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// cargo lists the packages of all platforms, of which a build has fetched its own alone.
fn has_all_sources() -> bool {
    let mut command = cargo::command();
    let list = ["metadata", "--format-version=1", "--locked", "--offline"];
    command.args(list).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn tools() -> PathBuf {
    cargo::workspace().join("target/tools")
}

fn installed() -> Option<PathBuf> {
    let own = tools().join("bin").join(PROGRAM);
    if own.is_file() { Some(own) } else { needs::on_path(PROGRAM) }
}

fn install() -> Result<PathBuf> {
    println!("installing {PROGRAM}, once, into target/tools");
    let root = tools();
    // Unoptimised: it is compiled for minutes otherwise, and runs for seconds.
    let how = ["install", PROGRAM, "--version", VERSION, "--locked", "--debug", "--quiet"];
    cargo::run(cargo::command().args(how).arg("--root").arg(&root))?;
    match installed() {
        Some(program) => Ok(program),
        None => bail!("cargo has installed no {PROGRAM} into {}", root.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_or_is_not_there_does_not_answer() {
        assert!(answers(&mut Command::new("true")));
        assert!(!answers(&mut Command::new("false")));
        assert!(!answers(&mut Command::new("/no/such/program")));
    }
}
