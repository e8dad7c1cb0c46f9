//! Tokio sockets around the connection machine.
