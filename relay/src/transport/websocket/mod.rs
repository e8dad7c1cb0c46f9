//! WebSocket framing (RFC 6455), below the handshake. Small, and on the hot path, so it is ours.

mod decoder;

use tidemark_shared::protocol::Encoding;

pub use decoder::{Decoder, DecoderLimits, FrameError, Inbound, MessageKind};

/// An empty ping.
pub const PING: [u8; 2] = [0x80 | OPCODE_PING, 0];

const OPCODE_CONTINUATION: u8 = 0x0;
const OPCODE_TEXT: u8 = 0x1;
const OPCODE_BINARY: u8 = 0x2;
const OPCODE_CLOSE: u8 = 0x8;
const OPCODE_PING: u8 = 0x9;
const OPCODE_PONG: u8 = 0xA;

/// A control frame's payload has at most so many bytes (RFC 6455, section 5.5).
const CONTROL_BYTES_MAX: usize = 125;

/// The header of an unmasked, unfragmented frame, and how many of its bytes count.
#[must_use]
pub fn header(encoding: Encoding, length: usize) -> ([u8; 10], usize) {
    let opcode = match encoding {
        Encoding::Json => OPCODE_TEXT,
        Encoding::Binary => OPCODE_BINARY,
    };
    header_of(opcode, length)
}

/// A pong that answers a ping.
#[must_use]
pub fn pong(payload: &[u8]) -> Vec<u8> {
    control(OPCODE_PONG, payload)
}

/// A close frame. The reason is cut to what fits.
#[must_use]
pub fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut end = reason.len().min(CONTROL_BYTES_MAX - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.get(..end).unwrap_or_default().as_bytes());
    control(OPCODE_CLOSE, &payload)
}

fn control(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..CONTROL_BYTES_MAX).unwrap_or(payload);
    let (header, used) = header_of(opcode, payload.len());
    let mut frame = header.get(..used).unwrap_or_default().to_vec();
    frame.extend_from_slice(payload);
    frame
}

fn header_of(opcode: u8, length: usize) -> ([u8; 10], usize) {
    let mut header = [0; 10];
    header[0] = 0x80 | opcode;
    match length {
        0..=125 => {
            header[1] = length as u8;
            (header, 2)
        }
        126..=0xffff => {
            header[1] = 126;
            header[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            (header, 4)
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(length as u64).to_be_bytes());
            (header, 10)
        }
    }
}
