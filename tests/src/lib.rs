//! What the tests that cross crates stand on.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`browser`] | a real Chromium, driven over its DevTools protocol |
//! | [`relay`] | the real relay, as a process that can be stopped, killed and started again |
//! | [`host`] | somebody else's web server for static files, with the page on it |
//! | [`proxy`] | a bad network between the two |
//! | [`device`] | a user's device without a browser: writes, and reads what the relay has |
//! | [`witness`] | a second client that shares no code with ours, and writes down what it gets |
//! | [`simulation`] | relay core, wire and client machine in virtual time, decided by a seed |
//! | [`week`] | a user's devices, their queues and the relay's documents in virtual time |
//!
//! The scenarios are in `tests/`: `page` (in a browser), `offline` (a browser without a network, and
//! new versions of the page), `documents` (the user's own data), `native` (the native client),
//! `simulation` (thousands of random lives), `week` (thousands of random weeks of writing), `harness`
//! (that the things above do what they say).
//!
//! What must never be here: something that the product itself uses; an assertion about how long
//! anything took.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

pub mod browser;
pub mod device;
pub mod host;
pub mod proxy;
pub mod relay;
pub mod simulation;
pub mod wait;
pub mod week;
pub mod witness;
