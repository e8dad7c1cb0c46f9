//! Reads the frames that a client sends: masked, maybe in fragments, maybe one byte at a time.

use thiserror::Error;
use tidemark_shared::protocol::{CloseCode, FRAME_BYTES_MAX};

use super::{
    CONTROL_BYTES_MAX, OPCODE_BINARY, OPCODE_CLOSE, OPCODE_CONTINUATION, OPCODE_PING, OPCODE_PONG,
    OPCODE_TEXT,
};

/// A message comes in at most so many frames. Browsers send one; proxies may cut it into a few;
/// a thousand tiny ones are an attack.
const FRAGMENTS_MAX: u32 = 64;

/// What a client has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// A whole message. Whether it should be text or binary is the subprotocol's business.
    Message {
        /// Its payload; UTF-8 when it is text.
        payload: &'a [u8],
        /// Which of the two its frames said that it is.
        kind: MessageKind,
    },
    /// A ping, to be answered with the same payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The client closes, with this code if it gave one. Nothing after it counts.
    Close(Option<u16>),
}

/// What the frames of a message say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Anything.
    Binary,
}

/// How much a client may send at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderLimits {
    /// Bytes of a message.
    pub message_bytes_max: usize,
    /// Frames of a message.
    pub fragments_max: u32,
}

impl Default for DecoderLimits {
    fn default() -> Self {
        DecoderLimits { message_bytes_max: FRAME_BYTES_MAX, fragments_max: FRAGMENTS_MAX }
    }
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
    #[error("a message has at most {0} bytes")]
    TooLarge(usize),
    /// In too many pieces.
    #[error("a message comes in at most {0} frames")]
    TooManyFragments(u32),
    /// Control frames are short and whole.
    #[error("a control frame was too long or in fragments")]
    BadControl,
    /// A continuation of nothing, or a new message inside another.
    #[error("a fragment came out of order")]
    BadFragment,
    /// Text is UTF-8 (RFC 6455, section 8.1).
    #[error("a text message was not UTF-8")]
    BadText,
    /// A close frame says nothing, or a code that may be said and a reason in UTF-8 (RFC 6455,
    /// section 7.4).
    #[error("a close frame had no code that may be sent")]
    BadCloseCode,
}

impl FrameError {
    /// What a connection that ends with it is closed with.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            FrameError::TooLarge(_) | FrameError::TooManyFragments(_) => CloseCode::TooLarge,
            FrameError::BadText => CloseCode::BadText,
            FrameError::NotMasked
            | FrameError::ReservedBits
            | FrameError::UnknownOpcode(_)
            | FrameError::BadControl
            | FrameError::BadFragment
            | FrameError::BadCloseCode => CloseCode::BadFrames,
        }
    }
}

/// The state between reads. Idle connections hold nothing on the heap.
#[derive(Debug, Default)]
pub struct Decoder {
    limits: DecoderLimits,
    /// A frame that is not whole yet.
    partial: Vec<u8>,
    /// A message that is not whole yet, unmasked.
    message: Vec<u8>,
    /// What its first frame said that it is.
    kind: Option<MessageKind>,
    /// So much of it is known to be UTF-8.
    text_bytes: usize,
    fragments: u32,
    /// The client has closed: what it sends after that is nothing.
    closed: bool,
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
    /// One with limits of its own.
    #[must_use]
    pub fn with_limits(limits: DecoderLimits) -> Self {
        Decoder { limits, ..Decoder::default() }
    }

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
        while !self.closed {
            let rest = input.get(used..).unwrap_or_default();
            let Some(frame) = read_header(rest, self.limits.message_bytes_max)? else { break };
            let payload = input.get(used + frame.start..used + frame.end);
            // The frame is announced but not here yet.
            let Some(payload) = payload else { break };
            used += frame.end;
            self.take(&frame, payload, show)?;
        }
        Ok(if self.closed { input.len() } else { used })
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
            OPCODE_CLOSE => {
                let code = close_code_of(&unmasked.collect::<Vec<u8>>())?;
                self.closed = true;
                show(Inbound::Close(code));
            }
            _ => {
                let kind = self.kind_of(frame)?;
                if self.message.len() + payload.len() > self.limits.message_bytes_max {
                    return Err(FrameError::TooLarge(self.limits.message_bytes_max));
                }
                self.fragments += 1;
                if self.fragments > self.limits.fragments_max {
                    return Err(FrameError::TooManyFragments(self.limits.fragments_max));
                }
                self.message.extend(unmasked);
                if kind == MessageKind::Text {
                    self.check_text(frame.last)?;
                }
                if frame.last {
                    show(Inbound::Message { payload: &self.message, kind });
                    self.message = Vec::new();
                    self.kind = None;
                    self.text_bytes = 0;
                    self.fragments = 0;
                }
            }
        }
        Ok(())
    }

    /// What the message is that a data frame begins or goes on with.
    fn kind_of(&mut self, frame: &Frame) -> Result<MessageKind, FrameError> {
        let kind = match (frame.opcode, self.kind) {
            (OPCODE_CONTINUATION, Some(kind)) => kind,
            (OPCODE_TEXT, None) => MessageKind::Text,
            (OPCODE_BINARY, None) => MessageKind::Binary,
            _ => return Err(FrameError::BadFragment),
        };
        self.kind = Some(kind);
        Ok(kind)
    }

    /// Checks what of a text has come with this frame: rubbish is not waited out. A character may
    /// be cut by the end of a frame, but not by the end of the message.
    fn check_text(&mut self, is_last: bool) -> Result<(), FrameError> {
        let unchecked = self.message.get(self.text_bytes..).unwrap_or_default();
        match std::str::from_utf8(unchecked) {
            Ok(_) => self.text_bytes = self.message.len(),
            Err(error) if error.error_len().is_none() && !is_last => {
                self.text_bytes += error.valid_up_to();
            }
            Err(_) => return Err(FrameError::BadText),
        }
        Ok(())
    }
}

/// The code in a close frame, if there is one and it is one that may be sent.
fn close_code_of(payload: &[u8]) -> Result<Option<u16>, FrameError> {
    let [first, second, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(FrameError::BadCloseCode) };
    };
    let code = u16::from_be_bytes([*first, *second]);
    // 1004 to 1006 and 1015 are never sent; what else is below 3000 nobody has defined.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(FrameError::BadCloseCode);
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(Some(code)),
        Err(_) => Err(FrameError::BadText),
    }
}

/// Reads the header at the front of the input, if it is all there.
fn read_header(input: &[u8], payload_bytes_max: usize) -> Result<Option<Frame>, FrameError> {
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
            (usize::try_from(length).unwrap_or(usize::MAX), 8)
        }
        (126 | 127, _) => return Ok(None),
        (short, _) => (short, 0),
    };
    if is_control && (length > CONTROL_BYTES_MAX || !last) {
        return Err(FrameError::BadControl);
    }
    // Refused by its announcement: a frame that is too long is never waited for.
    if length > payload_bytes_max {
        return Err(FrameError::TooLarge(payload_bytes_max));
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
                if let Inbound::Message { payload, .. } = inbound {
                    messages.push(payload.to_vec());
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
                    let mut both = frame(false, OPCODE_BINARY, left);
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
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
            let close = frame(true, OPCODE_CLOSE, &code.to_be_bytes());
            assert_eq!(refused(&close), FrameError::BadCloseCode, "{code}");
        }
        assert_eq!(refused(&frame(true, OPCODE_CLOSE, &[3])), FrameError::BadCloseCode);
        assert_eq!(refused(&frame(true, OPCODE_CLOSE, &[3, 232, 0xff])), FrameError::BadText);
    }

    /// Found by reading: what was behind a close frame was obeyed when it came in the same read,
    /// and not when it came in the next one.
    #[test]
    fn nothing_counts_after_a_close() {
        let close = frame(true, OPCODE_CLOSE, &[3, 232]);
        let bytes = [close.clone(), frame(true, OPCODE_TEXT, b"more")].concat();
        let none: [Vec<u8>; 0] = [];
        assert_eq!(decode(&[&bytes]).unwrap(), none);
        assert_eq!(decode(&[&close, &bytes, &[0xff; 10]]).unwrap(), none);
    }

    #[test]
    fn text_is_utf_8_wherever_its_frames_are_cut() {
        let text = "κόσμε \u{10ffff}";
        for cut in 0..=text.len() {
            let (left, right) = text.as_bytes().split_at(cut);
            let left = frame(false, OPCODE_TEXT, left);
            let right = frame(true, OPCODE_CONTINUATION, right);
            assert_eq!(decode(&[&left, &right]).unwrap(), [text.as_bytes()], "cut at {cut}");
        }
    }

    #[test]
    fn text_that_is_none_is_refused_as_soon_as_its_frame_is_there() {
        // A surrogate, in the first of two frames.
        let first = frame(false, OPCODE_TEXT, b"\xce\xba\xed\xa0\x80");
        assert_eq!(decode(&[&first]), Err(FrameError::BadText));
        // A character that is cut by the end of the message.
        assert_eq!(decode(&[&frame(true, OPCODE_TEXT, b"\xce")]), Err(FrameError::BadText));
        // As binary it would be nobody's business.
        assert!(decode(&[&frame(true, OPCODE_BINARY, b"\xce")]).is_ok());
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_before_it_comes() {
        let announced = [0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(decode(&[&announced]), Err(FrameError::TooLarge(FRAME_BYTES_MAX)));
        let mut decoder = Decoder::default();
        let half = frame(false, OPCODE_TEXT, &vec![b'x'; FRAME_BYTES_MAX / 2 + 1]);
        decoder.push(&half, |_| {}).unwrap();
        let rest = frame(true, OPCODE_CONTINUATION, &vec![b'x'; FRAME_BYTES_MAX / 2 + 1]);
        assert_eq!(decoder.push(&rest, |_| {}), Err(FrameError::TooLarge(FRAME_BYTES_MAX)));
    }

    #[test]
    fn a_message_of_one_byte_fragments_is_refused() {
        let mut bytes = frame(false, OPCODE_TEXT, b"x");
        for _ in 0..FRAGMENTS_MAX {
            bytes.extend(frame(false, OPCODE_CONTINUATION, b"x"));
        }
        assert_eq!(decode(&[&bytes]), Err(FrameError::TooManyFragments(FRAGMENTS_MAX)));
    }
}
