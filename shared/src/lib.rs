//! What both ends of Tidemark must agree on, and the pure logic that both ends and every test use.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`protocol`] | topics, positions, events, messages, the JSON and binary encodings, error and close codes |
//! | [`session`] | the client's connection as a state machine: inputs and a time go in, outputs come out |
//! | [`market`] | prices, quotes, bars, instruments: money as decimals, never as floats |
//! | [`clock`] | the two kinds of time: moments on a local stopwatch, and Unix time |
//!
//! What must never be here: a socket, a clock, a thread, an async function, a browser API.
//! Time is an argument, so that a simulation can run a week in a second and replay it exactly.

pub mod clock;
pub mod market;
pub mod protocol;
pub mod session;
