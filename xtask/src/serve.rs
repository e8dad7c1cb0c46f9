//! `cargo xtask serve`: build, then run the relay.

use std::process::Command;

use anyhow::Result;

use crate::{build, cargo};

/// The verb. Ends when the relay ends; Ctrl-C reaches both, and the relay closes its connections.
pub(crate) fn run(relay_args: &[String]) -> Result<()> {
    let built = build::everything()?;
    // Without feeds in its configuration, the relay starts its market simulator.
    cargo::run(Command::new(built.relay).current_dir(cargo::workspace()).args(relay_args))
}
