//! Transports: how a browser reaches the hub. Each shakes hands in its own way, then hands over to
//! the one session handler behind all of them.
//!
//! What must never be here: a decision about what a connection gets to read.

pub mod origin;
pub mod routes;
pub mod websocket;
