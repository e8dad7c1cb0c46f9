//! What the application asked once, until it is answered once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Moment;
use crate::protocol::{
    ClientMessage, Encoding, ErrorCode, FRAME_BYTES_MAX, Method, Request, RequestId, WireError,
};

/// Most questions open at once. A page asks for a dozen; a thousand would only wait for each other,
/// and all of them are sent again at every reconnect.
const OPEN_MAX: usize = 256;

/// From here on the machine numbers its own pings. Below it, every integer is the shell's; both
/// fit a JavaScript number.
pub(super) const OWN_IDS_FROM: u64 = 1 << 52;

/// The questions that have no answer yet.
#[derive(Debug)]
pub(super) struct Questions {
    open: BTreeMap<RequestId, Question>,
    answer_within: Duration,
}

#[derive(Debug)]
struct Question {
    method: Method,
    deadline: Moment,
    /// When it went out on this connection.
    sent: Option<Moment>,
}

/// Why a question is not even queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotQueued {
    /// It is to be answered with this.
    Refused(WireError),
    /// The same number is open: its one answer will come.
    AlreadyOpen,
}

impl Questions {
    pub(super) const fn new(answer_within: Duration) -> Self {
        Questions { open: BTreeMap::new(), answer_within }
    }

    /// Takes a question in, to be sent as soon as there is somebody to ask.
    pub(super) fn ask(
        &mut self,
        id: RequestId,
        method: Method,
        now: Moment,
    ) -> Result<(), NotQueued> {
        if self.open.contains_key(&id) {
            return Err(NotQueued::AlreadyOpen);
        }
        if id.0 >= OWN_IDS_FROM {
            return Err(refused(
                ErrorCode::InvalidParameters,
                format!("request ids are below {OWN_IDS_FROM}"),
            ));
        }
        if self.open.len() >= OPEN_MAX {
            return Err(refused(
                ErrorCode::LimitExceeded,
                format!("{OPEN_MAX} questions are waiting for an answer already"),
            ));
        }
        if !fits_a_frame(id, &method) {
            return Err(refused(
                ErrorCode::LimitExceeded,
                format!("a question has at most {FRAME_BYTES_MAX} bytes"),
            ));
        }
        let deadline = now + self.answer_within;
        self.open.insert(id, Question { method, deadline, sent: None });
        Ok(())
    }

    /// The questions to send now.
    pub(super) fn take_unsent(&mut self, now: Moment) -> Vec<Request> {
        let unsent = self.open.iter_mut().filter(|(_, question)| question.sent.is_none());
        unsent
            .map(|(id, question)| {
                question.sent = Some(now);
                Request { id: *id, method: question.method.clone() }
            })
            .collect()
    }

    /// An answer came. Tells when it had been asked on this connection; nothing for an answer that
    /// nobody waits for any more.
    pub(super) fn answered(&mut self, id: RequestId) -> Option<Moment> {
        let sent = self.open.get(&id)?.sent?;
        self.open.remove(&id);
        Some(sent)
    }

    /// The connection is gone: what it did not answer is asked again on the next one. That is
    /// safe, because every question changes nothing.
    pub(super) fn link_lost(&mut self) {
        for question in self.open.values_mut() {
            question.sent = None;
        }
    }

    /// The questions that waited for too long.
    pub(super) fn take_expired(&mut self, now: Moment) -> Vec<RequestId> {
        self.open.extract_if(.., |_, question| question.deadline <= now).map(|(id, _)| id).collect()
    }

    /// All questions, for the end of the session.
    pub(super) fn take_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.open).into_keys().collect()
    }

    /// When the first of them will have waited for too long.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.open.values().map(|question| question.deadline).min()
    }
}

fn refused(code: ErrorCode, message: String) -> NotQueued {
    NotQueued::Refused(WireError::new(code, message))
}

fn fits_a_frame(id: RequestId, method: &Method) -> bool {
    let message = ClientMessage::Request(Request { id, method: method.clone() });
    let mut frame = Vec::new();
    // Binary puts a length before the same JSON, so it is the longer one.
    Encoding::Binary.append_client(&message, &mut frame);
    frame.len() <= FRAME_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> Questions {
        Questions::new(Duration::from_secs(15))
    }

    #[test]
    fn the_257th_question_is_refused_at_once() {
        let mut questions = questions();
        for id in 0..256 {
            questions.ask(RequestId(id), Method::Ping {}, Moment::START).unwrap();
        }
        let refused = questions.ask(RequestId(256), Method::Ping {}, Moment::START).unwrap_err();
        assert!(matches!(
            refused,
            NotQueued::Refused(WireError { code: ErrorCode::LimitExceeded, .. })
        ));
    }

    #[test]
    fn a_question_that_fits_no_frame_is_refused_at_once() {
        let search = "x".repeat(FRAME_BYTES_MAX);
        let method = Method::Instruments { search, limit: None };
        assert!(questions().ask(RequestId(1), method, Moment::START).is_err());
    }

    #[test]
    fn an_unanswered_question_is_sent_again_on_the_next_connection_and_answered_once() {
        let mut questions = questions();
        questions.ask(RequestId(1), Method::Ping {}, Moment::START).unwrap();
        assert_eq!(questions.take_unsent(Moment::START).len(), 1);
        assert_eq!(questions.take_unsent(Moment::START).len(), 0);
        questions.link_lost();
        assert_eq!(questions.answered(RequestId(1)), None, "an answer without a question");
        assert_eq!(questions.take_unsent(Moment::START).len(), 1);
        assert!(questions.answered(RequestId(1)).is_some());
        assert_eq!(questions.answered(RequestId(1)), None);
        assert_eq!(questions.deadline(), None);
    }
}
