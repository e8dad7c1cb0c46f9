//! "I type `tidemark-relay backup` on the server, whether it runs or not."

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tidemark_relay::store::{EmbeddedStore, Store as _};

fn tidemark(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidemark-relay"));
    command.arg("--data-dir").arg(data_dir).args(["--listen", "127.0.0.1:0"]);
    command
}

/// A relay that runs. It is killed when it is dropped.
pub struct Running {
    child: Child,
    address: String,
}

impl Running {
    pub fn start(data_dir: &Path) -> Self {
        let mut child = tidemark(data_dir)
            .args(["--set", "connection.messages_per_s_max=100000", "--set", "log.level=warn"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Tidemark is at http://").unwrap();
        Running { child, address: address.trim_end_matches('/').to_owned() }
    }

    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn run(data_dir: &Path, verb: &str, file: &Path) -> Output {
    tidemark(data_dir).arg(verb).arg(file).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_backup_is_made_of_a_relay_that_runs_and_put_back_when_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (data_dir, file) = (dir.path().join("data"), dir.path().join("backup"));
    let running = Running::start(&data_dir);
    let made = run(&data_dir, "backup", &file);
    assert!(made.status.success(), "{}", said(&made));
    let refused = run(&data_dir, "restore", &file);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("stop it, then restore"), "{}", said(&refused));
    drop(running);

    let again = run(&data_dir, "backup", &file);
    assert!(said(&again).contains("is there already; nothing was written"), "{}", said(&again));
    let at_rest = run(&data_dir, "backup", &dir.path().join("second"));
    assert!(at_rest.status.success(), "{}", said(&at_rest));

    let epoch = EmbeddedStore::inspect(&file, 1_000_000).unwrap().epoch();
    let restored = run(&data_dir, "restore", &file);
    assert!(restored.status.success(), "{}", said(&restored));
    let path = EmbeddedStore::path_in(&data_dir);
    assert!(EmbeddedStore::inspect(&path, 1_000_000).unwrap().epoch() > epoch);
    drop(Running::start(&data_dir));
}

#[test]
fn a_relay_does_not_start_on_a_store_that_is_none_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let path = EmbeddedStore::path_in(dir.path());
    std::fs::write(&path, b"a shopping list").unwrap();
    let output = tidemark(dir.path()).output().unwrap();
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("is not a Tidemark store; it was not changed"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"a shopping list");
}

#[test]
fn there_is_no_backup_of_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(&dir.path().join("nowhere"), "backup", &dir.path().join("file"));
    assert!(!output.status.success());
    assert!(said(&output).contains("there is no store in"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
