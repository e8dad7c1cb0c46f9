//! The third transport: HTTP long polling, for networks that let nothing else through.

use std::rc::Rc;

use tidemark_shared::session::{Input, LinkId};
use wasm_bindgen_futures::spawn_local;

use super::address::RelayAddress;
use super::uplink::Uplink;
use super::wire::Report;
use crate::browser::fetch;

/// One polled session. Dropping it aborts the poll that hangs.
pub(super) struct Poll(Rc<Uplink>);

impl Poll {
    pub(super) fn open(link: LinkId, relay: &RelayAddress, report: Report) -> Result<Self, String> {
        let uplink = Rc::new(Uplink::new(link, relay, report)?);
        uplink.tell(Input::Opened(link));
        Ok(Poll(uplink))
    }

    pub(super) fn send(&self, frame: Vec<u8>) {
        if self.0.begins() {
            spawn_local(run(self.0.clone(), frame));
        } else {
            self.0.push(frame);
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Polls until the attempt fails or is abandoned. The relay holds an empty answer back for up to
/// 25 s, so this does not spin.
async fn run(uplink: Rc<Uplink>, first: Vec<u8>) {
    let link = uplink.link;
    let mut body = first;
    while !uplink.is_closed() {
        let Some(response) = uplink.post("/v1/poll", &body).await else { return };
        uplink.learn_session(&response);
        body.clear();
        match fetch::bytes(&response).await {
            Ok(bytes) => uplink.tell(Input::Frame { link, bytes }),
            Err(error) => return uplink.tell(Input::Failed { link, reason: error.reason }),
        }
    }
}
