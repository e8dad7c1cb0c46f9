//! What can be wrong with a configuration: each is one line that says what to do.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// The file is no TOML.
    #[error("{}: line {line}: {reason}", path.display())]
    NoToml {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// What was expected there.
        reason: String,
    },
    /// An argument of `--set` without a key or a value.
    #[error("--set {argument:?}: must be KEY=VALUE")]
    NoPair {
        /// The argument.
        argument: String,
    },
    /// A key that is no setting.
    #[error("{key} ({said_by}) is no setting{}", did_you_mean(*near))]
    UnknownKey {
        /// The key.
        key: String,
        /// Who says it.
        said_by: Source,
        /// The setting that may be meant.
        near: Option<&'static str>,
    },
    /// A value that is not allowed.
    #[error("{key} = {value} ({said_by}): must be {allowed}")]
    Invalid {
        /// The setting.
        key: String,
        /// What it says; masked where it is a secret.
        value: String,
        /// Who says it.
        said_by: Source,
        /// What it may say.
        allowed: String,
    },
    /// Rules of merging that cannot be kept.
    #[error("documents.merge: {reason}")]
    Merge {
        /// What is wrong with them.
        reason: String,
    },
    /// A rule of rights that cannot be kept.
    #[error("rights: {reason}")]
    Rights {
        /// What is wrong with it.
        reason: String,
    },
    /// An issuer of tokens that is not allowed.
    #[error("auth.issuers: {reason}")]
    Issuers {
        /// What is wrong with it.
        reason: String,
    },
    /// A feed that is not allowed.
    #[error("feeds: {reason}")]
    Feeds {
        /// What is wrong with it.
        reason: String,
    },
}

/// Who has set a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody.
    Default,
    /// The file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// An argument.
    Argument,
}

/// Everything that is wrong, one line each.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{error}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "in {}", path.display()),
            Source::Environment(name) => write!(f, "from {name}"),
            Source::Argument => f.write_str("from the command line"),
        }
    }
}

fn did_you_mean(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("; did you mean {near}?"),
        None => "; see `tidemark-relay config-reference`".to_owned(),
    }
}
