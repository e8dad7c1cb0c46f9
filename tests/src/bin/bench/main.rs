//! The repository's own benchmark: the relay beside the speed limit of this machine.
//!
//! The limit is [`bare`]: one thread that writes ready-made frames and does nothing else. Both are
//! measured in turns, in one run, on the same core, by the same generator on another core, and what
//! counts is their ratio: absolute figures say more about the machine than about the relay.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`rows`] | what is measured, and the bar that each ratio has to pass |
//! | [`server`] | a server under measurement, as a process |
//! | [`bare`] | the speed limit |
//! | [`load`] | the generator: a thousand readers and one publisher, on one thread |
//! | [`durable`] | writes that are on the disk when they are answered |
//! | [`stamp`] | how a message is recognised and timed wherever it turns up |
//! | [`machine`] | cores, CPU time, memory |

#![allow(clippy::print_stdout, reason = "figures go to the terminal")]
#![allow(clippy::indexing_slicing, reason = "a benchmark that cannot go on stops")]

mod bare;
mod durable;
mod load;
mod machine;
mod rows;
mod server;
mod stamp;

use anyhow::{Result, bail};

const HELP: &str = "\
usage: bench [ROW…]       rows: A B CD E F I; without any: all of them
       bench bare PORT    the speed limit alone, for other generators
";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--help" | "-h" | "help"] => {
            print!("{HELP}");
            Ok(())
        }
        ["bare", port] => bare::serve(port.parse()?),
        wanted => {
            if let Some(unknown) = wanted.iter().find(|row| !rows::NAMES.contains(row)) {
                bail!("no such row: {unknown}\n{HELP}");
            }
            rows::measure(wanted)
        }
    }
}
