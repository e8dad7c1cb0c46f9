//! WebSocket frames: what is read must not depend on how the network has cut the bytes.

use tidemark_relay::transport::websocket::{Decoder, FrameError, Inbound, MessageKind};
use tidemark_shared::protocol::FRAME_BYTES_MAX;

use super::pieces;

#[derive(Debug, PartialEq)]
enum Seen {
    Message(Vec<u8>, MessageKind),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
}

/// The first byte says how the others are cut.
pub(super) fn run(data: &[u8]) {
    let Some((seed, bytes)) = data.split_first() else { return };
    let whole = read(std::iter::once(bytes));
    assert_eq!(whole, read(pieces(bytes, *seed)));
    let (seen, error) = whole;
    let closes = seen.iter().position(|seen| matches!(seen, Seen::Close(_)));
    assert!(closes.is_none_or(|at| at + 1 == seen.len() && error.is_none()), "heard after a close");
    for seen in &seen {
        match seen {
            Seen::Message(payload, kind) => {
                assert!(payload.len() <= FRAME_BYTES_MAX);
                assert!(*kind == MessageKind::Binary || std::str::from_utf8(payload).is_ok());
            }
            Seen::Ping(payload) => assert!(payload.len() <= 125),
            Seen::Close(Some(code)) => assert!((1000..5000).contains(code)),
            Seen::Pong | Seen::Close(None) => {}
        }
    }
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Seen>, Option<FrameError>) {
    let (mut decoder, mut seen) = (Decoder::default(), Vec::new());
    for piece in pieces {
        let pushed = decoder.push(piece, |inbound| {
            seen.push(match inbound {
                Inbound::Message { payload, kind } => Seen::Message(payload.to_vec(), kind),
                Inbound::Ping(payload) => Seen::Ping(payload.to_vec()),
                Inbound::Pong => Seen::Pong,
                Inbound::Close(code) => Seen::Close(code),
            });
        });
        if let Err(error) = pushed {
            return (seen, Some(error));
        }
    }
    (seen, None)
}
