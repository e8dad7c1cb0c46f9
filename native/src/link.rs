//! One connection, whatever its transport: how it begins, ends and is given up.

use std::time::Duration;

use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{Input, LinkId, Transport};
use tokio::sync::{mpsc, oneshot};

use crate::address::RelayAddress;
use crate::{poll, sse, websocket};

/// Frames that the network has not taken yet. The machine sends a few at a connection's start and
/// hardly any after it; more than these mean that nothing goes out.
const UNSENT_MAX: usize = 256;

/// How long a goodbye may take. Nobody waits for it.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

/// A connection from the driver's side.
#[derive(Debug)]
pub(crate) struct Link {
    id: LinkId,
    frames: mpsc::Sender<Vec<u8>>,
    goodbye: oneshot::Sender<u16>,
    reports: mpsc::Sender<Input>,
}

/// All that it takes to open one.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) link: LinkId,
    pub(crate) transport: Transport,
    pub(crate) encoding: Encoding,
    pub(crate) address: RelayAddress,
    pub(crate) origin: Option<String>,
    pub(crate) reports: mpsc::Sender<Input>,
}

/// A connection from its transport's side.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) address: RelayAddress,
    pub(crate) origin: Option<String>,
    pub(crate) encoding: Encoding,
    /// What to send.
    pub(crate) frames: mpsc::Receiver<Vec<u8>>,
    /// Comes when the connection is not wanted any more: the code to close it with.
    pub(crate) goodbye: oneshot::Receiver<u16>,
    pub(crate) reports: Reporter,
}

/// Tells the machine what happens on one connection. It waits while the machine has no room, and
/// the socket is not read meanwhile.
#[derive(Debug)]
pub(crate) struct Reporter {
    link: LinkId,
    inputs: mpsc::Sender<Input>,
}

/// How a connection ended without our wish.
#[derive(Debug)]
pub(crate) enum End {
    /// The other end said why.
    Closed { code: u16, reason: String },
    /// Something broke.
    Failed { reason: String },
}

impl Opening {
    /// Begins, in a task of its own.
    pub(crate) fn start(self) -> Link {
        let (frames, unsent) = mpsc::channel(UNSENT_MAX);
        let (goodbye, told) = oneshot::channel();
        let reports = self.reports.clone();
        let wire = Wire {
            address: self.address,
            origin: self.origin,
            encoding: self.encoding,
            frames: unsent,
            goodbye: told,
            reports: Reporter { link: self.link, inputs: self.reports },
        };
        match self.transport {
            Transport::WebSocket => drop(tokio::spawn(websocket::run(wire))),
            Transport::Sse => drop(tokio::spawn(sse::run(wire))),
            Transport::Poll => drop(tokio::spawn(poll::run(wire))),
        }
        Link { id: self.link, frames, goodbye, reports }
    }
}

impl Link {
    pub(crate) fn send(&self, frame: Vec<u8>) {
        if self.frames.try_send(frame).is_err() {
            let reason = "the network takes nothing".to_owned();
            // Where not even this fits, the link's own silence will be noticed.
            let _ = self.reports.try_send(Input::Failed { link: self.id, reason });
        }
    }

    pub(crate) fn close(self, code: u16) {
        // It may have ended by itself.
        let _ = self.goodbye.send(code);
    }
}

impl Reporter {
    pub(crate) async fn opened(&self) {
        self.report(Input::Opened(self.link)).await;
    }

    pub(crate) async fn frame(&self, bytes: Vec<u8>) {
        self.report(Input::Frame { link: self.link, bytes }).await;
    }

    pub(crate) async fn end(&self, end: End) {
        let link = self.link;
        self.report(match end {
            End::Closed { code, reason } => Input::Closed { link, code, reason },
            End::Failed { reason } => Input::Failed { link, reason },
        })
        .await;
    }

    async fn report(&self, input: Input) {
        // A driver that is gone needs no report.
        let _ = self.inputs.send(input).await;
    }
}

impl End {
    pub(crate) fn failed(error: &dyn std::error::Error) -> Self {
        // The cause says more than the layers around it.
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        End::Failed { reason }
    }
}
