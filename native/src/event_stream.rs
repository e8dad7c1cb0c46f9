//! Where the events of an SSE body begin and end.

use thiserror::Error;
use tidemark_shared::protocol::FRAME_BYTES_MAX;

/// Longest event that is waited for, in bytes: the largest frame, as lines of `data: ` each.
const EVENT_BYTES_MAX: usize = FRAME_BYTES_MAX + FRAME_BYTES_MAX / 2;

/// An event that never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an event has at most {EVENT_BYTES_MAX} bytes")]
pub struct EventTooLarge;

/// Puts events together from the pieces in which they come.
#[derive(Debug, Default)]
pub struct EventStream {
    /// The line that has no end yet.
    line: Vec<u8>,
    /// The lines of data of the event that has no end yet.
    data: Vec<u8>,
    /// A line has ended with a carriage return: the line feed after it ends no second one.
    after_return: bool,
}

impl EventStream {
    /// Takes the next piece, and gives the events that end in it: each event's data, one message
    /// a line.
    ///
    /// # Errors
    /// When an event has become too large to be one of a relay's.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, EventTooLarge> {
        let mut events = Vec::new();
        for byte in piece {
            let is_second_half = std::mem::take(&mut self.after_return) && *byte == b'\n';
            match byte {
                b'\n' if is_second_half => {}
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    events.extend(self.end_of_line());
                }
                other => self.line.push(*other),
            }
            if self.line.len() + self.data.len() > EVENT_BYTES_MAX {
                return Err(EventTooLarge);
            }
        }
        Ok(events)
    }

    /// The event, if the line that ended was the empty one after it.
    fn end_of_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then_some(data);
        }
        // Everything but data (comments that keep proxies awake, ids, names) says nothing here.
        if let Some(value) = line.strip_prefix(b"data:") {
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.data.push(b'\n');
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_wherever_the_pieces_are_cut() {
        let body =
            b": hello\n\nid: 1\ndata: {\"a\":1}\ndata:{\"b\":2}\n\ndata: {}\r\n\r\ndata: half";
        let whole = EventStream::default().push(body).unwrap();
        assert_eq!(whole, [&b"{\"a\":1}\n{\"b\":2}\n"[..], b"{}\n"]);
        for cut in 0..body.len() {
            let mut stream = EventStream::default();
            let mut events = stream.push(&body[..cut]).unwrap();
            events.extend(stream.push(&body[cut..]).unwrap());
            assert_eq!(events, whole, "cut at {cut}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_refused() {
        let mut stream = EventStream::default();
        let piece = [b'x'; 4_096];
        assert!((0..100).any(|_| stream.push(&piece).is_err()));
    }
}
