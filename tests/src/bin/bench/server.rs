//! A server under measurement, as a process on its own core.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::Pid;
use serde_json::{Value, json};

use crate::machine;
use crate::stamp::Stamp;

/// Names the relay's binary.
const RELAY: &str = "TIDEMARK_RELAY";

/// Lets the generator publish.
const TOKEN: &str = "benchmark-publish-token";

/// What fills a message up, so that its event has about 200 bytes on the wire.
const PADDING: &str = "....";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The speed limit.
    Bare,
    /// Ours, with everything on that is on by default.
    Relay,
}

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
    _output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let mut command = match kind {
            Kind::Bare => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["bare", "0"]);
                command
            }
            Kind::Relay => {
                let config = folder.path().join("tidemark.toml");
                std::fs::write(&config, relay_settings(folder.path()))?;
                let relay = std::env::var_os(RELAY)
                    .with_context(|| format!("{RELAY} must name the relay's binary"))?;
                let mut command = Command::new(relay);
                command.arg("--config").arg(config);
                command
            }
        };
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        machine::pin(Some(Pid::from_child(&child)), machine::SERVER_CORE)?;
        let stdout = child.stdout.take().context("a server has an output")?;
        let mut output = BufReader::new(stdout);
        let address = read_address(&mut output)?;
        Ok(Server { kind, address, child, _folder: folder, _output: output })
    }

    pub(crate) fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn relay_settings(data: &std::path::Path) -> String {
    format!(
        "listen = \"127.0.0.1:0\"\nshards = 1\ndata_dir = {data:?}\n\
         [limits]\nconnections_max = 50000\nconnections_per_address_max = 50000\n\
         [publish]\ntoken = {TOKEN:?}\n"
    )
}

/// Both print one line with their address.
fn read_address(output: &mut impl BufRead) -> Result<SocketAddr> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some((_, address)) = line.trim().split_once("http://") {
            return Ok(address.trim_end_matches('/').parse()?);
        }
        line.clear();
    }
    bail!("the server ended before it said where it listens")
}

/// The way in for messages. It blocks: a generator that cannot publish has nothing else to do.
#[derive(Debug)]
pub(crate) struct Publisher {
    kind: Kind,
    socket: BufReader<TcpStream>,
    answers_due: u32,
}

impl Publisher {
    pub(crate) fn connect(server: &Server) -> Result<Publisher> {
        let mut socket = TcpStream::connect(server.address)?;
        socket.set_nodelay(true)?;
        if server.kind == Kind::Bare {
            socket.write_all(crate::bare::PUBLISHER_GREETING)?;
        }
        Ok(Publisher { kind: server.kind, socket: BufReader::new(socket), answers_due: 0 })
    }

    /// Publishes a batch.
    pub(crate) fn publish(&mut self, messages: &[(&str, Stamp)]) -> Result<()> {
        self.read_answers()?;
        match self.kind {
            Kind::Bare => {
                let mut batch = Vec::new();
                for (topic, stamp) in messages {
                    crate::bare::append_publication(topic, &event(topic, *stamp), &mut batch);
                }
                self.socket.get_mut().write_all(&batch)?;
            }
            Kind::Relay => {
                let lines: Vec<String> = messages
                    .iter()
                    .map(|(topic, stamp)| {
                        json!({"topic": topic, "kind": "bench", "data": data(*stamp)}).to_string()
                    })
                    .collect();
                let body = lines.join("\n");
                let request = format!(
                    "POST /v1/publish HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                self.socket.get_mut().write_all(request.as_bytes())?;
                self.answers_due += 1;
            }
        }
        Ok(())
    }

    /// Reads what the relay answers; gives the last position that it gave out.
    pub(crate) fn read_answers(&mut self) -> Result<Option<Value>> {
        let mut last = None;
        while self.answers_due > 0 {
            let mut status = String::new();
            self.socket.read_line(&mut status)?;
            let mut body_bytes = 0;
            loop {
                let mut line = String::new();
                self.socket.read_line(&mut line)?;
                let line = line.trim().to_ascii_lowercase();
                if line.is_empty() {
                    break;
                }
                if let Some(length) = line.strip_prefix("content-length:") {
                    body_bytes = length.trim().parse()?;
                }
            }
            let mut body = vec![0; body_bytes];
            self.socket.read_exact(&mut body)?;
            if !status.contains(" 200 ") {
                bail!("the relay refuses to publish: {}", String::from_utf8_lossy(&body));
            }
            let answer: Value = serde_json::from_slice(&body)?;
            last = answer["positions"].as_array().and_then(|positions| positions.last()).cloned();
            self.answers_due -= 1;
        }
        Ok(last)
    }
}

fn data(stamp: Stamp) -> Value {
    json!({"stamp": stamp.text(), "padding": PADDING})
}

/// What the relay makes of a message, as near as the limit's readers need it: the same length.
fn event(topic: &str, stamp: Stamp) -> String {
    format!(
        "{{\"type\":\"event\",\"topic\":\"{topic}\",\"epoch\":1763640000000,\"seq\":{:06},\
         \"at\":1763640000000,\"source\":\"publish\",\"kind\":\"bench\",\"data\":{}}}\n",
        stamp.number,
        data(stamp)
    )
}
