//! Sending what waits.

/// Longest JSON of a [`Push`](crate::documents::Push). A frame takes
/// [`FRAME_BYTES_MAX`](crate::protocol::FRAME_BYTES_MAX); the rest is for the request around it.
pub(super) const PUSH_BYTES_MAX: usize = 56 * 1024;
