//! Reads recorded sessions of venues, line by line.
//!
//! A frame is a line of `<Unix nanoseconds> <JSON>` or `<Unix seconds>: <JSON>`. Other lines
//! (addresses, requests) are passed over and counted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tidemark_shared::clock::UnixMillis;

/// Longest line taken: the same as the longest message of a live venue.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// A recorded session, frame by frame.
pub struct Recording {
    lines: Box<dyn BufRead + Send>,
    passed_over: u64,
}

/// One recorded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFrame {
    /// When it was received.
    pub at: UnixMillis,
    /// What it said.
    pub text: String,
}

impl Recording {
    /// Opens a file; one whose name ends in `.gz` is unpacked while it is read.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let packed = path.extension().is_some_and(|extension| extension == "gz");
        Ok(if packed { Self::of(MultiGzDecoder::new(file)) } else { Self::of(file) })
    }

    /// Reads a session from anywhere.
    #[must_use]
    pub fn of(source: impl Read + Send + 'static) -> Self {
        Recording { lines: Box::new(BufReader::new(source)), passed_over: 0 }
    }

    /// Lines so far that were no frames.
    #[must_use]
    pub const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        Ok((!line.is_empty()).then_some(line))
    }
}

impl Iterator for Recording {
    type Item = io::Result<RecordedFrame>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.next_line() {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            match std::str::from_utf8(&line).ok().and_then(frame) {
                Some(frame) => return Some(Ok(frame)),
                None => self.passed_over += 1,
            }
        }
    }
}

fn frame(line: &str) -> Option<RecordedFrame> {
    let (time, text) = line.trim_end().split_once(' ')?;
    let at = match time.strip_suffix(':') {
        Some(seconds) => millis_of_seconds(seconds)?,
        None => millis_of_nanos(time)?,
    };
    text.starts_with(['{', '[']).then(|| RecordedFrame { at, text: text.to_owned() })
}

fn millis_of_nanos(text: &str) -> Option<UnixMillis> {
    let nanos: u64 = text.parse().ok()?;
    i64::try_from(nanos / 1_000_000).ok().map(UnixMillis)
}

fn millis_of_seconds(text: &str) -> Option<UnixMillis> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds = i64::from(seconds.parse::<u32>().ok()?);
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    digits
        .then(|| padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
        .map(|millis| UnixMillis(seconds * 1_000 + millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read_and_the_rest_is_counted() {
        let session = "\
wss://example <-> 1618677816.8434298
wss://example <- 1618677817.020616: {\"type\":\"subscribe\"}
1618677817.061845: {\"a\":1}
1723161600001658384 {\"b\":2}
1618677818: {\"c\":3}

not a frame
1723161600001658384 rubbish";
        let mut recording = Recording::of(session.as_bytes());
        let frames: Vec<_> = recording.by_ref().map(Result::unwrap).collect();
        let times: Vec<_> = frames.iter().map(|frame| frame.at.0).collect();
        assert_eq!(times, [1_618_677_817_061, 1_723_161_600_001, 1_618_677_818_000]);
        assert_eq!(frames[0].text, "{\"a\":1}");
        assert_eq!(recording.passed_over(), 5);
    }

    #[test]
    fn a_line_without_end_is_not_swallowed_whole() {
        let endless = io::repeat(b'x').take(3 * LINE_BYTES_MAX);
        let mut recording = Recording::of(endless);
        assert!(recording.next().is_none());
        assert_eq!(recording.passed_over(), 3);
    }
}
