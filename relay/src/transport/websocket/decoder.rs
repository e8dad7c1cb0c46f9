//! Reads the frames that a client sends: masked, maybe in fragments, maybe one byte at a time.

use thiserror::Error;
use tidemark_shared::protocol::FRAME_BYTES_MAX;

use super::{
    CONTROL_BYTES_MAX, OPCODE_BINARY, OPCODE_CLOSE, OPCODE_CONTINUATION, OPCODE_PING, OPCODE_PONG,
    OPCODE_TEXT,
};

/// A message comes in at most so many frames. Browsers send one; proxies may cut it into a few;
/// a thousand tiny ones are an attack.
const FRAGMENTS_MAX: u32 = 64;

/// What a client has sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// A whole message, text or binary. Which of the two is the subprotocol's business.
    Message(&'a [u8]),
    /// A ping, to be answered with the same payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The client closes.
    Close,
}

/// Why bytes are no frames of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Clients mask (RFC 6455, section 5.1).
    #[error("a client's frame was not masked")]
    NotMasked,
    /// No extension was negotiated.
    #[error("a reserved bit was set")]
    ReservedBits,
    /// No such opcode.
    #[error("a frame had the unknown opcode {0}")]
    UnknownOpcode(u8),
    /// More than a message may have.
    #[error("a message has at most {FRAME_BYTES_MAX} bytes")]
    TooLarge,
    /// In too many pieces.
    #[error("a message comes in at most {FRAGMENTS_MAX} frames")]
    TooManyFragments,
    /// Control frames are short and whole.
    #[error("a control frame was too long or in fragments")]
    BadControl,
    /// A continuation of nothing, or a new message inside another.
    #[error("a fragment came out of order")]
    BadFragment,
}

/// The state between reads. Idle connections hold nothing on the heap.
#[derive(Debug, Default)]
pub struct Decoder {
    /// A frame that is not whole yet.
    partial: Vec<u8>,
    /// A message that is not whole yet, unmasked.
    message: Vec<u8>,
    fragments: u32,
}

struct Frame {
    last: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Where the payload is in the input.
    start: usize,
    end: usize,
}

impl Decoder {
    /// Takes in what was read and shows each message that it completes.
    ///
    /// # Errors
    /// When the client breaks the protocol: the connection is of no use any more.
    pub fn push(
        &mut self,
        input: &[u8],
        mut show: impl FnMut(Inbound<'_>),
    ) -> Result<(), FrameError> {
        if self.partial.is_empty() {
            let used = self.read_frames(input, &mut show)?;
            self.partial.extend_from_slice(input.get(used..).unwrap_or_default());
        } else {
            let mut whole = std::mem::take(&mut self.partial);
            whole.extend_from_slice(input);
            let used = self.read_frames(&whole, &mut show)?;
            // One that comes byte by byte is not copied with each of them, and one that is whole
            // leaves nothing on the heap.
            if used < whole.len() {
                whole.drain(..used);
                self.partial = whole;
            }
        }
        Ok(())
    }

    /// Whether a message has begun to come and is not whole yet.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        !self.partial.is_empty() || self.fragments > 0
    }

    fn read_frames(
        &mut self,
        input: &[u8],
        show: &mut impl FnMut(Inbound<'_>),
    ) -> Result<usize, FrameError> {
        let mut used = 0;
        while let Some(frame) = read_header(input.get(used..).unwrap_or_default())? {
            let payload = input.get(used + frame.start..used + frame.end);
            // The frame is announced but not here yet.
            let Some(payload) = payload else { break };
            used += frame.end;
            self.take(&frame, payload, show)?;
        }
        Ok(used)
    }

    fn take(
        &mut self,
        frame: &Frame,
        payload: &[u8],
        show: &mut impl FnMut(Inbound<'_>),
    ) -> Result<(), FrameError> {
        let unmasked = payload.iter().zip(frame.mask.iter().cycle()).map(|(byte, key)| byte ^ key);
        match frame.opcode {
            OPCODE_PING => show(Inbound::Ping(&unmasked.collect::<Vec<u8>>())),
            OPCODE_PONG => show(Inbound::Pong),
            OPCODE_CLOSE => show(Inbound::Close),
            OPCODE_CONTINUATION if self.fragments == 0 => return Err(FrameError::BadFragment),
            OPCODE_TEXT | OPCODE_BINARY if self.fragments > 0 => {
                return Err(FrameError::BadFragment);
            }
            _ => {
                if self.message.len() + payload.len() > FRAME_BYTES_MAX {
                    return Err(FrameError::TooLarge);
                }
                self.fragments += 1;
                if self.fragments > FRAGMENTS_MAX {
                    return Err(FrameError::TooManyFragments);
                }
                self.message.extend(unmasked);
                if frame.last {
                    show(Inbound::Message(&self.message));
                    self.message = Vec::new();
                    self.fragments = 0;
                }
            }
        }
        Ok(())
    }
}

/// Reads the header at the front of the input, if it is all there.
fn read_header(input: &[u8]) -> Result<Option<Frame>, FrameError> {
    let [first, second, rest @ ..] = input else { return Ok(None) };
    let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
    if first & 0x70 != 0 {
        return Err(FrameError::ReservedBits);
    }
    if second & 0x80 == 0 {
        return Err(FrameError::NotMasked);
    }
    let is_control = match opcode {
        OPCODE_CONTINUATION | OPCODE_TEXT | OPCODE_BINARY => false,
        OPCODE_CLOSE | OPCODE_PING | OPCODE_PONG => true,
        unknown => return Err(FrameError::UnknownOpcode(unknown)),
    };
    let short = usize::from(second & 0x7f);
    let (length, length_bytes) = match (short, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 2),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (usize::try_from(length).map_err(|_| FrameError::TooLarge)?, 8)
        }
        (126 | 127, _) => return Ok(None),
        (short, _) => (short, 0),
    };
    if is_control && (length > CONTROL_BYTES_MAX || !last) {
        return Err(FrameError::BadControl);
    }
    // Refused by its announcement: a frame that is too long is never waited for.
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLarge);
    }
    let Some([a, b, c, d]) = rest.get(length_bytes..length_bytes + 4) else { return Ok(None) };
    let start = 2 + length_bytes + 4;
    Ok(Some(Frame { last, opcode, mask: [*a, *b, *c, *d], start, end: start + length }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(last: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
        let (mut header, used) = super::super::header_of(opcode, payload.len());
        header[0] = opcode | if last { 0x80 } else { 0 };
        header[1] |= 0x80;
        let mut bytes = header[..used].to_vec();
        let mask = [7, 11, 13, 17];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes
    }

    fn decode(pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut decoder = Decoder::default();
        let mut messages = Vec::new();
        for piece in pieces {
            decoder.push(piece, |inbound| {
                if let Inbound::Message(message) = inbound {
                    messages.push(message.to_vec());
                }
            })?;
        }
        Ok(messages)
    }

    proptest! {
        #[test]
        fn messages_are_read_however_the_network_cuts_them(
            sent in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 1..6),
            cut_every in 1usize..97,
        ) {
            let bytes: Vec<u8> = sent
                .iter()
                .flat_map(|message| {
                    let (left, right) = message.split_at(message.len() / 2);
                    let mut both = frame(false, OPCODE_TEXT, left);
                    both.extend(frame(true, OPCODE_PING, b"between"));
                    both.extend(frame(true, OPCODE_CONTINUATION, right));
                    both
                })
                .collect();
            let pieces: Vec<&[u8]> = bytes.chunks(cut_every).collect();
            prop_assert_eq!(decode(&pieces).unwrap(), sent);
        }

        #[test]
        fn rubbish_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&[&bytes]);
        }
    }

    #[test]
    fn what_breaks_the_protocol_is_refused() {
        let refused = |bytes: &[u8]| decode(&[bytes]).unwrap_err();
        assert_eq!(refused(&[0x81, 0x01, b'x']), FrameError::NotMasked);
        assert_eq!(refused(&[0xC1, 0x80]), FrameError::ReservedBits);
        assert_eq!(refused(&[0x83, 0x80]), FrameError::UnknownOpcode(3));
        assert_eq!(refused(&[0x89, 0xFE, 0xff, 0xff]), FrameError::BadControl);
        assert_eq!(refused(&frame(true, OPCODE_CONTINUATION, b"x")), FrameError::BadFragment);
        let nested = [frame(false, OPCODE_TEXT, b"x"), frame(true, OPCODE_TEXT, b"y")].concat();
        assert_eq!(refused(&nested), FrameError::BadFragment);
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_before_it_comes() {
        let announced = [0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(decode(&[&announced]), Err(FrameError::TooLarge));
        let mut decoder = Decoder::default();
        let half = frame(false, OPCODE_TEXT, &vec![b'x'; FRAME_BYTES_MAX / 2 + 1]);
        decoder.push(&half, |_| {}).unwrap();
        let rest = frame(true, OPCODE_CONTINUATION, &vec![b'x'; FRAME_BYTES_MAX / 2 + 1]);
        assert_eq!(decoder.push(&rest, |_| {}), Err(FrameError::TooLarge));
    }

    #[test]
    fn a_message_of_one_byte_fragments_is_refused() {
        let mut bytes = frame(false, OPCODE_TEXT, b"x");
        for _ in 0..FRAGMENTS_MAX {
            bytes.extend(frame(false, OPCODE_CONTINUATION, b"x"));
        }
        assert_eq!(decode(&[&bytes]), Err(FrameError::TooManyFragments));
    }
}
