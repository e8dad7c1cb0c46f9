//! `cargo xtask serve`: build, then become the relay.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build;

/// The verb. It ends when the relay does: the relay takes this process over, so that Ctrl-C and
/// SIGTERM reach it, and nobody is left who could end before it has said goodbye.
pub(crate) fn run(relay_args: &[String]) -> Result<()> {
    let built = build::everything()?;
    // Without feeds in its configuration, the relay starts its market simulator.
    let mut relay = Command::new(&built.relay);
    let error = relay.args(relay_args).exec();
    Err(error).with_context(|| format!("cannot start {}", built.relay.display()))
}
