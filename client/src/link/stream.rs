//! The second transport: Server-Sent Events down, POST up. By `fetch`, because `EventSource` can
//! neither POST nor send headers.

use std::rc::Rc;

use tidemark_shared::session::{Input, LinkId};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStreamDefaultReader, Response};

use super::address::RelayAddress;
use super::sse::EventReader;
use super::uplink::Uplink;
use super::wire::Report;
use crate::browser::words_of;

/// One stream. Dropping it aborts it.
pub(super) struct Stream(Rc<Uplink>);

impl Stream {
    pub(super) fn open(link: LinkId, relay: &RelayAddress, report: Report) -> Result<Self, String> {
        let uplink = Rc::new(Uplink::new(link, relay, report)?);
        uplink.tell(Input::Opened(link));
        Ok(Stream(uplink))
    }

    pub(super) fn send(&self, frame: Vec<u8>) {
        if self.0.begins() {
            spawn_local(run(self.0.clone(), frame));
        } else {
            self.0.push(frame);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.close();
    }
}

async fn run(uplink: Rc<Uplink>, first: Vec<u8>) {
    let Some(response) = uplink.post("/v1/stream", &first).await else { return };
    uplink.learn_session(&response);
    let link = uplink.link;
    let end = match read(&uplink, &response).await {
        Ok(()) => Input::Closed { link, code: 1006, reason: String::new() },
        Err(reason) => Input::Failed { link, reason },
    };
    uplink.tell(end);
}

async fn read(uplink: &Uplink, response: &Response) -> Result<(), String> {
    let body = response.body().ok_or("the answer has no body")?;
    let reader: ReadableStreamDefaultReader =
        body.get_reader().dyn_into().map_err(|_| "the answer cannot be read as it arrives")?;
    let mut events = EventReader::default();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|error| words_of(&error))?;
        if field(&chunk, "done").is_truthy() {
            return Ok(());
        }
        let bytes = js_sys::Uint8Array::new(&field(&chunk, "value")).to_vec();
        for frame in events.take(&bytes).map_err(|error| error.to_string())? {
            uplink.tell(Input::Frame { link: uplink.link, bytes: frame });
        }
    }
}

fn field(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
