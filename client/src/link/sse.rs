//! Reads `text/event-stream` from bytes that arrive in any pieces. Only `data` matters to us.

/// Longest event that is put together, in bytes: a frame is at most 64 KiB, its `data:` prefixes
/// and line ends are less than that again.
const EVENT_BYTES_MAX: usize = 160 * 1024;

/// The stream sent an event that is larger than any frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {EVENT_BYTES_MAX} bytes")]
pub(super) struct EventTooLong;

/// Puts events together.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    line: Vec<u8>,
    data: Vec<u8>,
    after_return: bool,
}

impl EventReader {
    /// Takes the next bytes and gives the data of every event that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, EventTooLong> {
        let mut events = Vec::new();
        for &byte in bytes {
            let follows_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if follows_return => {}
                b'\n' | b'\r' => self.end_line(&mut events),
                _ if self.line.len() + self.data.len() >= EVENT_BYTES_MAX => {
                    return Err(EventTooLong);
                }
                _ => self.line.push(byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self, events: &mut Vec<Vec<u8>>) {
        if self.line.is_empty() {
            if !self.data.is_empty() {
                events.push(std::mem::take(&mut self.data));
            }
        } else if let Some(value) = self.line.strip_prefix(b"data:") {
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.data.push(b'\n');
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Vec<String> {
        let mut reader = EventReader::default();
        let mut events = Vec::new();
        for piece in pieces {
            events.extend(reader.take(piece.as_bytes()).unwrap());
        }
        events.into_iter().map(|event| String::from_utf8(event).unwrap()).collect()
    }

    #[test]
    fn an_event_is_read_however_the_network_cuts_it() {
        let whole = "event: x\ndata: {\"a\":1}\ndata:{\"b\":2}\n\n: comment\n\ndata: c\r\n\r\n";
        let expected = ["{\"a\":1}\n{\"b\":2}\n".to_owned(), "c\n".to_owned()];
        assert_eq!(read(&[whole]), expected);
        for cut in 1..whole.len() {
            let (head, tail) = whole.split_at(cut);
            assert_eq!(read(&[head, tail]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn comments_and_unfinished_events_are_no_events() {
        assert!(read(&[": keep-alive\n\n\n", "data: never finished"]).is_empty());
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = EventReader::default();
        assert_eq!(reader.take(&vec![b'x'; EVENT_BYTES_MAX + 1]), Err(EventTooLong));
    }
}
