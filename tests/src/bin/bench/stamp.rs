//! A message is recognised by a stamp anywhere in its text, so that any wrapping is counted alike.

use std::time::{Duration, Instant};

/// `@T`, when it was published (16 hexadecimal digits of nanoseconds), and its number (8).
pub(crate) const STAMP_BYTES: usize = 2 + 16 + 8;

/// A stamp that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) published: Duration,
    pub(crate) number: u32,
}

impl Stamp {
    pub(crate) fn now(start: Instant, number: u32) -> Stamp {
        Stamp { published: start.elapsed(), number }
    }

    pub(crate) fn text(self) -> String {
        let nanos = u64::try_from(self.published.as_nanos()).unwrap_or(u64::MAX);
        format!("@T{nanos:016x}{:08x}", self.number)
    }

    fn parse(bytes: &[u8]) -> Option<Stamp> {
        let text = std::str::from_utf8(bytes.get(2..STAMP_BYTES)?).ok()?;
        let (nanos, number) = text.split_at_checked(16)?;
        let published = Duration::from_nanos(u64::from_str_radix(nanos, 16).ok()?);
        Some(Stamp { published, number: u32::from_str_radix(number, 16).ok()? })
    }
}

/// Calls back for each stamp in `bytes`, and says from where on a stamp may be incomplete.
pub(crate) fn scan(bytes: &[u8], mut found: impl FnMut(Stamp)) -> usize {
    let mut after = 0;
    for at in memchr::memchr_iter(b'@', bytes) {
        if at < after {
            continue;
        }
        if at + STAMP_BYTES > bytes.len() {
            return at;
        }
        if bytes[at + 1] == b'T'
            && let Some(stamp) = Stamp::parse(&bytes[at..])
        {
            found(stamp);
            after = at + STAMP_BYTES;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_found_wherever_they_are_and_a_cut_one_is_left_for_later() {
        let stamp = Stamp { published: Duration::from_nanos(0xabc), number: 7 };
        let text = format!("x@{}yy{}@T00", stamp.text(), stamp.text());
        let mut found = Vec::new();
        let rest = scan(text.as_bytes(), |stamp| found.push(stamp));
        assert_eq!(found, [stamp, stamp]);
        assert_eq!(&text[rest..], "@T00");
    }
}
