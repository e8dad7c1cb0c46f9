//! Event streams, as the native client reads them: wherever the network has cut them.

use tidemark_native::EventStream;

use super::pieces;

/// The first byte says how the others are cut.
pub(super) fn run(data: &[u8]) {
    let Some((seed, body)) = data.split_first() else { return };
    let mut whole = EventStream::default();
    let Ok(events) = whole.push(body) else {
        // Too large in one piece is too large in many.
        let mut stream = EventStream::default();
        assert!(pieces(body, *seed).any(|piece| stream.push(piece).is_err()));
        return;
    };
    let mut stream = EventStream::default();
    let pieces = pieces(body, *seed).flat_map(|piece| stream.push(piece).unwrap());
    assert_eq!(pieces.collect::<Vec<_>>(), events);
    let bytes: usize = events.iter().map(Vec::len).sum();
    assert!(bytes <= body.len(), "more came out than went in");
}
