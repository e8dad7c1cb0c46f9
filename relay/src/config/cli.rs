//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Live market data for browsers: subscribes to upstream feeds, and forwards them without loss.
///
/// Without any settings it listens on 127.0.0.1:7878 and shows a simulated market. Settings are
/// taken from the file, then from the environment (TIDEMARK_LISTEN, TIDEMARK_LOG_LEVEL, …), then
/// from the arguments; the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Parser)]
#[command(name = "tidemark-relay", version)]
pub struct Cli {
    /// The file with the settings.
    #[arg(long, global = true, value_name = "FILE", env = "TIDEMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen; short for `--set listen=…`.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where the relay keeps its files; short for `--set data_dir=…`.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// Any setting by its key, as often as needed: `--set connection.topics_max=256`.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What to do; without one, the relay runs.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What else can be done than to run.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Prints the settings as they would count, or what is wrong with them, and ends.
    CheckConfig,
    /// Prints every setting with its meaning, what is allowed and its default, and ends.
    ConfigReference,
    /// Writes a copy of the store to a new file, and ends. The relay may run meanwhile.
    Backup {
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Puts a backup in the place of the store, keeps the old one beside it, and ends. The relay
    /// must not run.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// For operators whom nobody lets in: looks after the relay's own accounts, and ends. The relay
    /// must not run.
    Account {
        /// What to do.
        #[command(subcommand)]
        what: AccountCommand,
    },
}

/// What can be done to accounts from the command line. Everything else is done on the page.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AccountCommand {
    /// Prints every account, with its roles.
    List,
    /// Prints a link by which a user gets a new password, once, within 24 hours, when the relay runs
    /// again. A closed account is opened by it.
    ResetPassword {
        /// The user's name.
        user: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        let cli = Cli::try_parse_from([
            "tidemark-relay",
            "--set",
            "shards=2",
            "check-config",
            "--config",
            "a.toml",
        ]);
        let cli = cli.unwrap();
        assert_eq!((cli.command, cli.set.len()), (Some(Command::CheckConfig), 1));
        assert_eq!(cli.config, Some(PathBuf::from("a.toml")));
    }
}
