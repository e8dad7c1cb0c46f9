//! A recording with as many trades as wanted, in the form that Binance sends them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// How long the recording is: both measurements fit with the time to get there.
const SECONDS: usize = 60;

/// Any time will do: a replay shifts it to now.
const BEGIN_MS: usize = 1_763_000_000_000;

/// The name of an instrument.
pub(crate) fn symbol(index: usize) -> String {
    format!("S{index:03}USDT")
}

/// Writes the recording.
pub(crate) fn write(file: &Path, instruments: usize, trades_per_s: usize) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for trade in 0..SECONDS * trades_per_s {
        let (symbol, id) = (symbol(trade % instruments), trade / instruments + 1);
        let ms = BEGIN_MS + trade * 1_000 / trades_per_s;
        let stream = symbol.to_lowercase();
        let cents = 10_000 + (trade * 7_919) % 500;
        writeln!(
            out,
            "{ms}000000 {{\"stream\":\"{stream}@trade\",\"data\":{{\"e\":\"trade\",\"E\":{ms},\
             \"s\":\"{symbol}\",\"t\":{id},\"p\":\"{}.{:02}\",\"q\":\"0.5\",\"T\":{ms},\
             \"m\":{},\"M\":true}}}}",
            cents / 100,
            cents % 100,
            trade % 2 == 0,
        )?;
    }
    out.flush()
}

/// The relay's settings to play it.
pub(crate) fn settings(file: &Path, instruments: usize) -> String {
    let mut text = format!(
        "[[feeds]]\nname = \"recording\"\n\
         source = {{ kind = \"replay\", file = {:?}, venue = \"binance\", at_end = \"loop\", \
         instruments = [",
        file.display().to_string()
    );
    for index in 0..instruments {
        let _ = write!(text, "{{ symbol = \"{}\" }}, ", symbol(index));
    }
    text.push_str("] }\n");
    text
}
