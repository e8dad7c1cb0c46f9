//! Upstream feeds: one file per venue, and the supervisor that all of them share.

mod update;

pub use update::{Change, Origin, Report, Update};
