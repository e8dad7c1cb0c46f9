//! What both ends of Tidemark must agree on, and the pure logic that both ends and every test use.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`protocol`] | topics, positions, events, messages, the JSON and binary encodings, error and close codes |
//! | [`session`] | the client's connection as a state machine: inputs and a time go in, outputs come out |
//! | [`documents`] | the user's own data: documents, writes, receipts, conflicts |
//! | [`outbox`] | the queue of the user's writes as a state machine, and documents as they look with it |
//! | [`merge`] | bringing together what two have changed |
//! | [`market`] | prices, quotes, bars, instruments: money as decimals, never as floats |
//! | [`clock`] | the kinds of time: moments on a local stopwatch, Unix time, hybrid stamps |
//!
//! What must never be here: a socket, a clock, a thread, an async function, a browser API.
//! Time is an argument, so that a simulation can run a week in a second and replay it exactly.

pub mod clock;
pub mod documents;
pub mod market;
pub mod merge;
pub mod outbox;
pub mod protocol;
pub mod session;
