//! The relay's configuration: a TOML file, the environment and arguments become one checked
//! [`Config`], or a line for each thing that is wrong.
//!
//! Each setting is one entry of the table in `settings`: its key, what is allowed, its default and
//! what it means. Reading, checking, the reference and the effective configuration all follow from
//! that table, so that they cannot disagree.
//!
//! What must never be here: a setting that nothing obeys.

mod cli;
mod effective;
mod error;
mod feeds;
mod issuers;
mod kind;
mod layers;
mod load;
mod merge;
mod near_miss;
mod rights;
mod secret;
mod setting;
mod settings;

pub use cli::{AccountCommand, Cli, Command};
pub use effective::{effective, reference};
pub use error::{ConfigError, ConfigErrors, Source};
pub use kind::{LogFormat, LogLevel, ServiceWorker};
pub use load::{Auth, Config, Drain, Log, Tls, load};
pub use secret::Secret;
