//! A browser's side of the framing (RFC 6455; `text/event-stream`), written apart from the relay's
//! so that the same mistake is not made twice.

/// What a WebSocket brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Inbound {
    /// A whole message.
    Message(Vec<u8>),
    /// A ping with its payload.
    Ping(Vec<u8>),
    /// The other end closes.
    Close(u16),
}

/// Bytes that are no frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no frame of a server's begins with {0:#04x} {1:#04x}")]
pub struct NotAFrame(u8, u8);

/// Takes the next whole WebSocket frame from the front of what has come.
///
/// # Errors
/// When what has come is no frame.
pub fn take_websocket(bytes: &mut Vec<u8>) -> Result<Option<Inbound>, NotAFrame> {
    let [first, second, rest @ ..] = bytes.as_slice() else { return Ok(None) };
    let (length, skip) = match (second, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as usize, 10)
        }
        (126 | 127, _) => return Ok(None),
        (short @ ..=125, _) => (usize::from(*short), 2),
        _ => return Err(NotAFrame(*first, *second)),
    };
    let Some(payload) = bytes.get(skip..skip + length) else { return Ok(None) };
    let inbound = match first {
        0x81 | 0x82 => Inbound::Message(payload.to_vec()),
        0x89 => Inbound::Ping(payload.to_vec()),
        0x88 => {
            let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
            Inbound::Close(code)
        }
        _ => return Err(NotAFrame(*first, *second)),
    };
    bytes.drain(..skip + length);
    Ok(Some(inbound))
}

/// Takes the next whole event from the front of an event stream, as a frame of lines.
pub fn take_event(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")? + 2;
    let event: Vec<u8> = bytes.drain(..end).collect();
    let lines = event.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data: "));
    let mut frame = Vec::new();
    for line in lines {
        frame.extend_from_slice(line);
        frame.push(b'\n');
    }
    Some(frame)
}

/// A masked WebSocket frame, as browsers send them.
#[must_use]
pub fn masked(opcode: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ ..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}
