//! Every decoder of the workspace, and every machine that is fed from outside, as a function from
//! any bytes to nothing: it returns, or it panics because something that must hold does not.
//!
//! `cargo xtask fuzz` looks for bytes that make one panic (the binary `attack`, which needs a nightly
//! compiler); `tests/replay.rs` runs each on its corpus with any compiler. A find gets a test with a
//! name in the crate that had the bug.
//!
//! | file in `targets` | what is attacked |
//! | --- | --- |
//! | `frames` | WebSocket frames, cut anywhere |
//! | `protocol` | messages of clients and relays, in both encodings |
//! | `text` | names, topics, decimals, addresses; configuration |
//! | `documents` | mutations, canonical JSON; merging |
//! | `session`, `outbox` | the client's machines, and a relay that says anything |
//! | `feeds` | what venues send; recorded sessions |
//! | `gate` | tokens, and for whom proxies say that they ask |
//! | `files` | stores, copies of stores, retained windows |
//! | `streams` | event streams, cut anywhere |
//!
//! What must never be here: anything slow, random, or that touches the network.

#![allow(clippy::unwrap_used, reason = "what must hold and does not is what is looked for")]

mod targets;

/// A decoder and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, on the command line and in `corpus/`.
    pub name: &'static str,
    /// Feeds it.
    pub run: fn(&[u8]),
    /// Words that its inputs consist of, in `dictionaries/`, where there are such.
    pub dictionary: Option<&'static str>,
    /// Folders of recorded messages below `vectors/` that are inputs for it.
    pub vectors: &'static [&'static str],
    /// Longest input that is tried, in bytes.
    pub bytes_max: usize,
}

/// All of them.
pub const TARGETS: &[Target] = targets::ALL;

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
