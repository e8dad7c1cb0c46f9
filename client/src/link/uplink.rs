//! The half that streams and polls share: the opening POST, and one POST for each later frame,
//! in order.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tidemark_shared::session::{Input, LinkId};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Response};

use super::address::RelayAddress;
use super::refusal;
use super::wire::Report;
use crate::browser::{fetch, words_of};

/// Names the session in requests and answers.
pub(super) const SESSION_HEADER: &str = "Tidemark-Session";

/// Most frames that wait to be sent: more means that nothing gets through, and the machine's own
/// limits have ended the attempt long before.
const WAITING_MAX: usize = 256;

/// The way to the relay of one attempt.
pub(super) struct Uplink {
    pub(super) link: LinkId,
    relay: RelayAddress,
    report: Report,
    abort: AbortController,
    session: RefCell<Option<String>>,
    waiting: RefCell<VecDeque<Vec<u8>>>,
    begun: Cell<bool>,
    sending: Cell<bool>,
}

impl Uplink {
    pub(super) fn new(link: LinkId, relay: &RelayAddress, report: Report) -> Result<Self, String> {
        Ok(Uplink {
            link,
            relay: relay.clone(),
            report,
            abort: AbortController::new().map_err(|error| words_of(&error))?,
            session: RefCell::new(None),
            waiting: RefCell::new(VecDeque::new()),
            begun: Cell::new(false),
            sending: Cell::new(false),
        })
    }

    /// Whether this is the first frame, which opens the session.
    pub(super) fn begins(&self) -> bool {
        !self.begun.replace(true)
    }

    /// Sends a frame that is not the first.
    pub(super) fn push(self: &Rc<Self>, frame: Vec<u8>) {
        if self.waiting.borrow().len() >= WAITING_MAX {
            self.tell(Input::Failed { link: self.link, reason: "too much to send".into() });
            return;
        }
        self.waiting.borrow_mut().push_back(frame);
        self.pump();
    }

    /// POSTs to the relay. `None`: it failed, and the machine was told.
    pub(super) async fn post(&self, path: &str, body: &[u8]) -> Option<Response> {
        let session = self.session.borrow().clone();
        let mut headers = vec![("Content-Type", "application/json")];
        if let Some(session) = &session {
            headers.push((SESSION_HEADER, session));
        }
        let url = self.relay.http(path);
        let answer = fetch::post(&url, body, &headers, &self.abort.signal()).await;
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                self.tell(Input::Failed { link: self.link, reason: error.reason });
                return None;
            }
        };
        if !response.ok() {
            let body = fetch::text(&response).await.unwrap_or_default();
            self.tell(refusal::input_of(self.link, response.status(), &body));
            return None;
        }
        Some(response)
    }

    /// Takes the session's name from the answer to the opening POST.
    pub(super) fn learn_session(self: &Rc<Self>, response: &Response) {
        if let Ok(Some(name)) = response.headers().get(SESSION_HEADER) {
            *self.session.borrow_mut() = Some(name);
            self.pump();
        }
    }

    /// Tells the machine, unless this attempt was abandoned.
    pub(super) fn tell(&self, input: Input) {
        if !self.is_closed() {
            (self.report)(input);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.abort.signal().aborted()
    }

    pub(super) fn close(&self) {
        self.abort.abort();
    }

    fn pump(self: &Rc<Self>) {
        if self.session.borrow().is_none() || self.sending.replace(true) {
            return;
        }
        let uplink = self.clone();
        spawn_local(async move {
            loop {
                let next = uplink.waiting.borrow_mut().pop_front();
                let Some(frame) = next else { break };
                if uplink.post("/v1/send", &frame).await.is_none() {
                    break;
                }
            }
            uplink.sending.set(false);
        });
    }
}
