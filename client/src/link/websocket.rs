//! The first transport: one WebSocket.

use tidemark_shared::protocol::Encoding;
use tidemark_shared::session::{Input, LinkId};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::address::RelayAddress;
use super::wire::Report;
use crate::browser::listener::{Listener, Part};
use crate::browser::words_of;

/// A WebSocket and the listeners on it. Dropping it closes it, silently.
pub(super) struct WebSocketWire {
    socket: WebSocket,
    encoding: Encoding,
    // Dropped before the socket is closed, so that nothing is heard of it any more.
    listeners: Vec<Listener>,
}

impl WebSocketWire {
    pub(super) fn open(
        encoding: Encoding,
        link: LinkId,
        relay: &RelayAddress,
        report: Report,
    ) -> Result<Self, String> {
        let socket = WebSocket::new_with_str(&relay.websocket(), encoding.subprotocol())
            .map_err(|error| words_of(&error))?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_open = report.clone();
        let on_message = report.clone();
        let listeners = vec![
            Listener::new(&socket, "open", Part::Watches, move |_| on_open(Input::Opened(link))),
            Listener::new(&socket, "message", Part::Watches, move |event| {
                if let Some(bytes) = bytes_of(&event) {
                    on_message(Input::Frame { link, bytes });
                }
            }),
            // `error` says nothing that `close`, which always follows it, doesn't.
            Listener::new(&socket, "close", Part::Watches, move |event| {
                let Ok(event) = event.dyn_into::<CloseEvent>() else { return };
                report(Input::Closed { link, code: event.code(), reason: event.reason() });
            }),
        ];
        Ok(WebSocketWire { socket, encoding, listeners })
    }

    pub(super) fn send(&self, frame: &[u8]) {
        // A socket that is closing takes nothing: its `close` event tells the machine.
        let _ = match self.encoding {
            Encoding::Json => self.socket.send_with_str(&String::from_utf8_lossy(frame)),
            Encoding::Binary => self.socket.send_with_u8_array(frame),
        };
    }

    pub(super) fn close(&self, code: u16) {
        // The platform refuses codes that are not for applications.
        let _ = self.socket.close_with_code(code);
    }
}

impl Drop for WebSocketWire {
    fn drop(&mut self) {
        self.listeners.clear();
        let _ = self.socket.close();
    }
}

fn bytes_of(event: &web_sys::Event) -> Option<Vec<u8>> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    match data.as_string() {
        Some(text) => Some(text.into_bytes()),
        None => data
            .dyn_ref::<js_sys::ArrayBuffer>()
            .map(|buffer| js_sys::Uint8Array::new(buffer).to_vec()),
    }
}
