//! Runs a [`Collector`] on tokio: the only place where its actions touch sockets and clocks.

use std::collections::HashMap;

use tidemark_shared::session::LinkId;
use tokio::sync::mpsc;

use super::collector::{Action, Collector, Input};
use super::port::{Port, Stopped, Wake};
use super::socket::Socket;

/// Frames taken from a socket and not read yet. A full queue stops the reading of the socket, and
/// so, by TCP, the venue.
const INPUTS_MAX: usize = 256;

/// Runs one venue feed until the relay stops.
pub(super) async fn run(mut collector: Collector, mut port: Port) -> Stopped {
    let (inputs, mut happened) = mpsc::channel(INPUTS_MAX);
    let mut sockets = Sockets { open: HashMap::new(), inputs };
    loop {
        while let Some(action) = collector.poll_action() {
            if let Err(stopped) = sockets.perform(action, &mut port).await {
                return stopped;
            }
        }
        let input = tokio::select! {
            biased;
            woken = port.wake(collector.next_deadline()) => match woken {
                Ok(Wake::Demand(demand)) => Input::Demand(demand),
                Ok(Wake::Due) => Input::Timer,
                Err(stopped) => return stopped,
            },
            Some(input) = happened.recv() => input,
        };
        collector.handle(input, port.clock.now());
    }
}

struct Sockets {
    open: HashMap<LinkId, Socket>,
    inputs: mpsc::Sender<Input>,
}

impl Sockets {
    async fn perform(&mut self, action: Action, port: &mut Port) -> Result<(), Stopped> {
        match action {
            Action::Open { link, url } => {
                self.open.insert(link, Socket::open(link, url, self.inputs.clone()));
            }
            Action::Send { link, text } => {
                if let Some(socket) = self.open.get(&link) {
                    socket.send(text);
                }
            }
            Action::Close(link) => {
                self.open.remove(&link);
            }
            Action::Bury(letter) => port.bury(letter),
            Action::Report(report) => port.report(report).await?,
        }
        Ok(())
    }
}
