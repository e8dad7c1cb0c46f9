//! Chores, one verb each: `cargo xtask help`.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`build`], [`serve`], [`test`], [`bench`], [`fuzz`] | one verb each |
//! | [`page`] | how the client becomes a folder that any web server can serve |
//! | [`needs`] | what must be on the machine, and how it gets there |
//! | [`cargo`] | running cargo from inside cargo |
//!
//! What must never be here: anything that the product needs while it runs.

#![allow(clippy::print_stdout, reason = "a chore talks to the person who started it")]

mod bench;
mod build;
mod cargo;
mod fuzz;
mod needs;
mod page;
mod serve;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Chores of this repository.

  cargo xtask build            the page into dist/, and the relay around it
  cargo xtask serve [-- ARGS]  build, then run the relay with the built-in market simulator;
                               ARGS go to the relay: `cargo xtask serve -- --help`
  cargo xtask test             everything that must hold: format, supply chain, lints, unit and integration
                               tests, the release build, and the page in a real Chromium
  cargo xtask bench [-- ROWS]  the relay beside the speed limit of this machine
  cargo xtask fuzz [--seconds N] [TARGET…]
                               every decoder, attacked for N seconds each (60); it needs a nightly
                               compiler; `--replay FILE TARGET` runs one input again
  cargo xtask help             this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let Some((verb, rest)) = args.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    // Both `serve --help` and `serve -- --help` reach the program behind the verb.
    let rest = match rest.split_first() {
        Some((dashes, after)) if dashes == "--" => after,
        _ => rest,
    };
    match verb.as_str() {
        "serve" => return serve::run(rest),
        "bench" => return bench::run(rest),
        "fuzz" => return fuzz::run(rest),
        _ => {}
    }
    if let Some(extra) = rest.first() {
        bail!("`cargo xtask {verb}` takes no arguments, got {extra:?}");
    }
    match verb.as_str() {
        "build" => build::run(),
        "test" => test::run(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("no such verb: {unknown:?}\n\n{HELP}"),
    }
}
