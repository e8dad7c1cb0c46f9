//! The real relay, as a process.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use thiserror::Error;

use crate::wait::{TooLate, wait_for};

/// Names the relay's binary; `cargo xtask test` sets it.
const RELAY: &str = "TIDEMARK_RELAY";

/// Why there is no relay.
#[derive(Debug, Error)]
pub enum RelayError {
    /// Its binary is not there.
    #[error("there is no relay at {}: run `cargo xtask build` first", path.display())]
    NotBuilt {
        /// Where it should be.
        path: PathBuf,
    },
    /// The system refused.
    #[error("the relay could not be started: {0}")]
    System(#[from] io::Error),
    /// It did not say where it listens.
    #[error("{source}; it said:\n{said}")]
    Silent {
        /// What was waited for.
        source: TooLate,
        /// Its output.
        said: String,
    },
}

/// A relay with the market simulator, on a port of its own, in a folder of its own. It is killed
/// when it is dropped.
#[derive(Debug)]
pub struct Relay {
    folder: TempDir,
    address: SocketAddr,
    child: Option<Child>,
}

impl Relay {
    /// Starts one with the default settings.
    ///
    /// # Errors
    /// When there is no relay, or it does not start.
    pub async fn start() -> Result<Relay, RelayError> {
        Relay::start_with("").await
    }

    /// Starts one with more settings, as they stand in its configuration file.
    ///
    /// # Errors
    /// When there is no relay, or it does not start.
    pub async fn start_with(settings: &str) -> Result<Relay, RelayError> {
        let folder = tempfile::Builder::new().prefix("tidemark-relay-").tempdir()?;
        std::fs::write(folder.path().join("settings.toml"), settings)?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut relay = Relay { folder, address: nowhere, child: None };
        relay.start_again().await?;
        Ok(relay)
    }

    /// Where it listens. It keeps its port when it is started again.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to end, as an operator or a service manager does, and waits until it has.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> Result<(), RelayError> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        kill_process(Pid::from_child(&child), Signal::TERM).map_err(io::Error::from)?;
        let ended = wait_for("the relay to end", async || child.try_wait().ok().flatten()).await;
        if ended.is_err() {
            let _ = child.kill();
        }
        ended.map(|_| ()).map_err(|source| self.silent(source))
    }

    /// Takes its life without a warning.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<(), RelayError> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again where it was, after it was stopped or killed.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Result<(), RelayError> {
        let folder = self.folder.path();
        let settings = std::fs::read_to_string(folder.join("settings.toml"))?;
        let data = folder.join("data");
        let config = format!("listen = \"{}\"\ndata_dir = {data:?}\n{settings}", self.address);
        let config_file = folder.join("tidemark.toml");
        std::fs::write(&config_file, config)?;

        let output = OpenOptions::new().create(true).append(true).open(self.log_file())?;
        let already_said = output.metadata()?.len();
        self.child = Some(spawn(&binary()?, &config_file, output)?);
        let log_file = self.log_file();
        let address = wait_for("the relay's address", async || {
            address_in(&read_from(&log_file, already_said)?)
        });
        self.address = address.await.map_err(|source| self.silent(source))?;
        Ok(())
    }

    /// Runs one of its other verbs on the same settings, as an operator would. Gives what it said,
    /// and whether it did it.
    ///
    /// # Errors
    /// When there is no relay.
    pub fn operate(&self, words: &[&OsStr]) -> Result<(bool, String), RelayError> {
        let config = self.folder.path().join("tidemark.toml");
        let mut command = Command::new(binary()?);
        let output = command.arg("--config").arg(config).args(words).output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
    }

    /// Changes its settings, for its next start.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn configure(&self, settings: &str) -> Result<(), RelayError> {
        Ok(std::fs::write(self.folder.path().join("settings.toml"), settings)?)
    }

    /// Everything that it has said.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Its process's number, for looking at its memory.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("relay.log")
    }

    fn silent(&self, source: TooLate) -> RelayError {
        RelayError::Silent { source, said: self.log() }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.kill();
        if std::thread::panicking() {
            eprintln!("the relay said:\n{}", self.log());
        }
    }
}

fn binary() -> Result<PathBuf, RelayError> {
    let path = match std::env::var_os(RELAY) {
        Some(path) => PathBuf::from(path),
        // In the same `target` as this program: tests are in `debug/deps`, others in `debug`.
        None => {
            let own = std::env::current_exe()?;
            let in_folder = |folder: &Path| folder.join("release").join("tidemark-relay");
            let found = own.ancestors().map(in_folder).find(|path| path.is_file());
            found.unwrap_or_else(|| in_folder(Path::new("target")))
        }
    };
    if path.is_file() { Ok(path) } else { Err(RelayError::NotBuilt { path }) }
}

fn spawn(binary: &Path, config: &Path, output: File) -> io::Result<Child> {
    let errors = output.try_clone()?;
    let mut command = Command::new(binary);
    command.arg("--config").arg(config).stdin(Stdio::null()).stdout(output).stderr(errors).spawn()
}

fn read_from(file: &Path, start: u64) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    let start = usize::try_from(start).ok()?;
    Some(String::from_utf8_lossy(bytes.get(start..)?).into_owned())
}

/// Finds the address in `Tidemark is at http://127.0.0.1:7878/`, once the line is complete.
fn address_in(said: &str) -> Option<SocketAddr> {
    let (_, after) = said.split_once("Tidemark is at http://")?;
    let (address, _) = after.split_once('\n')?;
    address.trim_end().trim_end_matches('/').parse().ok()
}
