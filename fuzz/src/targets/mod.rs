//! The targets. `ALL` says which there are.
//!
//! What must never be here: a target that fails on what its decoder is allowed to do.

mod documents;
mod feeds;
mod files;
mod frames;
mod gate;
mod outbox;
mod protocol;
mod session;
mod streams;
mod text;

use super::Target;

/// Frames and what is built of them: a whole one, and some more.
const FRAME: usize = 80 * 1024;

/// Everything else: long enough for whatever a decoder can tell apart.
const SHORT: usize = 4 * 1024;

pub(super) const ALL: &[Target] = &[
    of("frames", frames::run, None, &[], FRAME),
    of("client_json", protocol::client_json, Some("protocol"), &[], FRAME),
    of("client_binary", protocol::client_binary, Some("protocol"), &[], FRAME),
    of("server_json", protocol::server_json, Some("protocol"), &[], FRAME),
    of("server_binary", protocol::server_binary, Some("protocol"), &[], FRAME),
    of("configuration", text::configuration, Some("configuration"), &[], SHORT),
    of("names", text::names, Some("names"), &[], 256),
    of("decimals", text::decimals, None, &[], 128),
    of("mutations", documents::mutations, Some("documents"), &[], SHORT),
    of("canonical", documents::canonical, None, &["merge", "numbers"], SHORT),
    of("merging", documents::merging, Some("documents"), &[], SHORT),
    of("writes", documents::writes, Some("documents"), &[], SHORT),
    of("session", session::run, Some("protocol"), &[], SHORT),
    of("outbox", outbox::run, Some("documents"), &[], SHORT),
    of("binance", feeds::binance, Some("venues"), &["feeds/binance"], SHORT),
    of("coinbase", feeds::coinbase, Some("venues"), &["feeds/coinbase"], SHORT),
    of("recording", feeds::recording, None, &[], SHORT),
    of("window_file", files::window_file, Some("protocol"), &[], SHORT),
    of("store_copy", files::store_copy, None, &[], SHORT),
    of("store_file", files::store_file, None, &[], 512),
    of("forwarded", gate::forwarded, None, &[], SHORT),
    of("tokens", gate::tokens, Some("tokens"), &[], SHORT),
    of("event_stream", streams::run, None, &[], FRAME),
];

const fn of(
    name: &'static str,
    run: fn(&[u8]),
    dictionary: Option<&'static str>,
    vectors: &'static [&'static str],
    bytes_max: usize,
) -> Target {
    Target { name, run, dictionary, vectors, bytes_max }
}

/// Cuts bytes into pieces whose lengths follow from a seed.
fn pieces(bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut state) = (bytes, u32::from(seed).wrapping_mul(0x9e37_79b9) | 1);
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Often a few bytes, sometimes many.
        let wanted = if state >> 30 == 0 { state >> 16 } else { (state >> 16) % 7 };
        let (piece, after) = rest.split_at(rest.len().min(1 + wanted as usize));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The lines of an input that is meant as text.
fn lines(data: &[u8]) -> Vec<&str> {
    std::str::from_utf8(data).map(|text| text.split('\n').collect()).unwrap_or_default()
}
