//! The browser's process.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{DevtoolsError, Profile};
use crate::wait::wait_for;

/// The names that distributions give it.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Quiet (nothing asks the internet), without a screen, and able to run as root in a container.
const FLAGS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-port=0",
];

#[derive(Debug)]
pub(super) struct Chromium {
    child: Child,
    profile: Profile,
}

impl Chromium {
    pub(super) fn start(profile: Profile) -> io::Result<Chromium> {
        profile.forget_last_run()?;
        let mut outcome = Err(io::ErrorKind::NotFound.into());
        for program in PROGRAMS {
            outcome = spawn(program, profile.folder());
            match &outcome {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => break,
            }
        }
        Ok(Chromium { child: outcome?, profile })
    }

    /// Where it listens; it writes that into its profile when it is ready.
    pub(super) async fn devtools_url(&self) -> Result<String, DevtoolsError> {
        let read = async || {
            let text = std::fs::read_to_string(self.profile.port_file()).ok()?;
            let (port, path) = text.trim().split_once('\n')?;
            Some(format!("ws://127.0.0.1:{port}{path}"))
        };
        Ok(wait_for("Chromium's port", read).await?)
    }

    /// Waits until it has ended by itself.
    pub(super) async fn ended(&mut self) -> Result<(), DevtoolsError> {
        let ended = async || self.child.try_wait().ok().flatten();
        Ok(wait_for("Chromium to end", ended).await.map(drop)?)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // All its helpers are in its group, which is its own. It may be gone already.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

fn spawn(program: &str, profile: &Path) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(FLAGS).arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}
