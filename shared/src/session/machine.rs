//! The machine itself: what it holds, and who in this folder takes care of which input.

use std::collections::VecDeque;

use super::backoff::Backoff;
use super::ladder::Ladder;
use super::leaving::Comeback;
use super::packing::{Added, Packing};
use super::phase::{Connecting, Phase};
use super::platform::Platform;
use super::questions::{NotQueued, OWN_IDS_FROM, Questions};
use super::relay_clock::RelayClock;
use super::subscriptions::Subscriptions;
use super::{AskFailed, Input, LinkError, LinkId, Note, Now, Output, Settings, Status};
use crate::clock::{Moment, UnixMillis};
use crate::protocol::{ClientMessage, Method, Request, RequestId};

/// The client's connection.
#[derive(Debug)]
pub struct Session {
    pub(super) settings: Settings,
    pub(super) status: Status,
    pub(super) status_changed: bool,
    pub(super) outputs: VecDeque<Output>,
    pub(super) phase: Phase,
    /// A better transport that is being tried beside the one in use.
    pub(super) candidate: Option<Connecting>,
    pub(super) platform: Platform,
    pub(super) subscriptions: Subscriptions,
    pub(super) questions: Questions,
    pub(super) backoff: Backoff,
    pub(super) ladder: Ladder,
    pub(super) clock: RelayClock,
    /// Since when the application has got nothing; none while connected.
    pub(super) away_since: Option<Moment>,
    /// A newer sign-in came while `hello` may have been on its way with the older one.
    pub(super) must_refresh: bool,
    pub(super) links: u64,
    pub(super) pings: u64,
    /// The time of the last input.
    pub(super) now: Now,
}

impl Session {
    /// A machine that does nothing until [`Input::Start`]. `seed` decides its jitter.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        Session {
            backoff: Backoff::new(settings.backoff_first, settings.backoff_max, seed),
            ladder: Ladder::new(&settings),
            questions: Questions::new(settings.answer_within),
            settings,
            status: Status::default(),
            status_changed: false,
            outputs: VecDeque::new(),
            phase: Phase::Idle,
            candidate: None,
            platform: Platform::default(),
            subscriptions: Subscriptions::default(),
            clock: RelayClock::default(),
            away_since: None,
            must_refresh: false,
            links: 0,
            pings: 0,
            now: Now { moment: Moment::START, unix: UnixMillis(0) },
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        let late = self.lateness(&input, now.moment);
        let jumped = self.platform.clocks_parted(now);
        // A stopwatch does not run backwards. If the shell's does, it is taken to stand still.
        let now = Now { moment: now.moment.max(self.now.moment), unix: now.unix };
        self.now = now;
        self.notice_sleep(&input, jumped, late, now);
        match input {
            Input::Start => self.start(now),
            Input::Stop => self.stop(now),
            Input::Opened(link) => self.opened(link, now),
            Input::Frame { link, bytes } => self.frame(link, &bytes, now),
            Input::Closed { link, code, reason } => self.closed(link, code, reason, now),
            Input::Failed { link, reason } => {
                self.link_ended(link, LinkError::Failed { reason }, Comeback::Backoff, now);
            }
            Input::Online => self.online(now),
            Input::Offline => self.offline(now),
            Input::Shown => self.shown(now),
            Input::Hidden => self.platform.hidden(now),
            Input::Frozen => self.platform.frozen(now),
            Input::Resumed => self.resumed(jumped, now),
            Input::Timer => self.expire(now),
            Input::ReconnectNow => self.reconnect_now(now),
            Input::SignIn { token } => self.sign_in(token, now),
            Input::Subscribe { topic, resume, rate_per_s_max } => {
                self.subscriptions.want(topic, resume, rate_per_s_max);
            }
            Input::Unsubscribe { topic } => self.subscriptions.unwant(&topic),
            Input::Ask { id, method } => self.ask(id, method, now),
        }
        self.refresh_status(now);
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            // Not before: wishes and questions that came in one turn go out in one frame.
            self.send_what_waits();
            self.refresh_status(self.now);
        }
        if self.outputs.is_empty() && std::mem::take(&mut self.status_changed) {
            return Some(Output::StatusChanged);
        }
        self.outputs.pop_front()
    }

    /// All that a screen shows of the connection.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    pub(super) fn note(&mut self, note: Note) {
        self.outputs.push_back(Output::Note(note));
    }

    /// Asks the relay for its time, and for a sign of life.
    pub(super) fn ping(&mut self, now: Now) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        self.pings += 1;
        let id = RequestId(OWN_IDS_FROM + self.pings);
        connected.ping = Some((id, now.moment));
        let ping = ClientMessage::Request(Request { id, method: Method::Ping {} });
        let mut frame = Vec::new();
        connected.link.encoding.append_client(&ping, &mut frame);
        let link = connected.link.id;
        self.send(link, frame);
    }

    pub(super) fn send(&mut self, link: LinkId, frame: Vec<u8>) {
        self.outputs.push_back(Output::Send { link, frame });
    }

    fn ask(&mut self, id: RequestId, method: Method, now: Now) {
        match self.questions.ask(id, method, now.moment) {
            Ok(()) | Err(NotQueued::AlreadyOpen) => {}
            Err(NotQueued::Refused(error)) => {
                let outcome = Err(AskFailed::Refused(error));
                self.outputs.push_back(Output::Answer { id, outcome });
            }
        }
    }

    fn send_what_waits(&mut self) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        let mut packing = Packing::new(connected.link.encoding, connected.frame_bytes_max);
        packing.add_unsubscribes(self.subscriptions.take_unwanted());
        if packing.add_subscribes(&mut self.subscriptions) == Added::Some {
            connected.asked = self.now.moment;
            connected.caught_up = false;
        }
        for request in self.questions.take_unsent(self.now.moment) {
            packing.add(&ClientMessage::Request(request));
        }
        let link = connected.link.id;
        for frame in packing.into_frames() {
            self.send(link, frame);
        }
        self.notice_caught_up();
    }

    fn refresh_status(&mut self, now: Now) {
        let state = self.platform.seen_as(self.phase.state());
        if state != self.status.state {
            self.status.state = state;
            self.status.since = now.moment;
            self.status_changed = true;
        }
        let next_attempt = match &self.phase {
            Phase::Waiting(waiting) => Some(waiting.until),
            _ => None,
        };
        if next_attempt != self.status.next_attempt {
            self.status.next_attempt = next_attempt;
            self.status_changed = true;
        }
        if self.clock.offset_ms() != self.status.clock_offset_ms {
            self.status.clock_offset_ms = self.clock.offset_ms();
            self.status_changed = true;
        }
    }
}
