//! From the wish for a connection to the relay's `welcome`.

use super::leaving::Comeback;
use super::liveness::Liveness;
use super::packing;
use super::phase::{Connecting, Greeting, Late, Link, Phase};
use super::platform::Connectivity;
use super::{AskFailed, LinkError, LinkId, Note, Now, Output, Session, State, Transport};
use crate::protocol::{Encoding, ErrorCode, VERSION, Welcome, WireError};

impl Session {
    /// The user wants a connection. The first attempt is made even when the platform sees no
    /// network: it costs nothing, and a relay on the same machine needs none.
    pub(super) fn start(&mut self, now: Now) {
        match &self.phase {
            Phase::Idle | Phase::GaveUp => self.attempt_anew(now),
            Phase::Waiting(waiting)
                if matches!(waiting.state, State::NeedsAuth | State::NeedsUpgrade) =>
            {
                self.attempt_anew(now);
            }
            _ => {}
        }
    }

    /// The user wants no connection any more. Topics and places are kept for the next start.
    pub(super) fn stop(&mut self, now: Now) {
        self.platform.thawed(now);
        self.abandon_link();
        self.status.attempts = 0;
        for id in self.questions.take_all() {
            self.outputs.push_back(Output::Answer { id, outcome: Err(AskFailed::Stopped) });
        }
    }

    /// The user knows something that we do not.
    pub(super) fn reconnect_now(&mut self, now: Now) {
        self.platform.thawed(now);
        self.abandon_link();
        self.attempt_anew(now);
    }

    /// Tries again, unless the relay asked not to be tried yet.
    pub(super) fn attempt_when_allowed(&mut self, now: Now) {
        match &mut self.phase {
            Phase::Waiting(waiting) if waiting.not_before > now.moment => {
                waiting.until = waiting.not_before;
            }
            _ => self.attempt(now),
        }
    }

    /// Opens a connection; there must be none.
    pub(super) fn attempt(&mut self, now: Now) {
        self.away_since.get_or_insert(now.moment);
        let transport = self.ladder.current();
        let connecting = self.open(transport, now);
        self.status.attempts = self.status.attempts.saturating_add(1);
        self.show_link(&connecting.link);
        self.phase = Phase::Connecting(connecting);
        self.note(Note::Connecting { transport, attempt: self.status.attempts });
    }

    /// Opens a transport, for use or for a trial.
    pub(super) fn open(&mut self, transport: Transport, now: Now) -> Connecting {
        let encoding = match transport {
            Transport::WebSocket => self.settings.encoding,
            Transport::Sse | Transport::Poll => Encoding::Json,
        };
        self.links += 1;
        let link = Link::new(LinkId(self.links), transport, encoding, now.moment);
        self.outputs.push_back(Output::Open { link: link.id, transport, encoding });
        Connecting { link, deadline: now.moment + self.settings.open_within }
    }

    /// A transport is open.
    pub(super) fn opened(&mut self, link: LinkId, now: Now) {
        if self.candidate.as_ref().is_some_and(|candidate| candidate.link.id == link) {
            self.candidate_opened(now);
            return;
        }
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Connecting(connecting) if connecting.link.id == link => {
                self.greet(connecting, None, now);
            }
            other => self.phase = other,
        }
    }

    /// Says `hello`.
    pub(super) fn greet(
        &mut self,
        connecting: Connecting,
        upgrade_from: Option<Transport>,
        now: Now,
    ) {
        let greeting = connecting.opened(now.moment, self.settings.greet_within, upgrade_from);
        let frame = packing::hello(greeting.link.encoding, &self.settings, &mut self.subscriptions);
        // A token goes with it; a cookie went before.
        self.must_refresh &= self.settings.token.is_none();
        self.show_link(&greeting.link);
        self.send(greeting.link.id, frame);
        self.phase = Phase::Greeting(greeting);
    }

    /// The relay said `welcome`.
    pub(super) fn welcomed(&mut self, welcome: Welcome, now: Now) {
        if welcome.protocol != VERSION {
            let message = format!("the relay speaks version {} of the protocol", welcome.protocol);
            self.refused(WireError::new(ErrorCode::UnsupportedVersion, message), now);
            return;
        }
        let late = self.late(now);
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Greeting(greeting) => self.connect(greeting, welcome, late, now),
            other => self.phase = other,
        }
    }

    /// The relay refused us before it said `welcome`.
    pub(super) fn refused(&mut self, error: WireError, now: Now) {
        let comeback = match error.code {
            ErrorCode::Unauthorized => Comeback::Slow(State::NeedsAuth),
            ErrorCode::UnsupportedVersion | ErrorCode::BadMessage => {
                Comeback::Slow(State::NeedsUpgrade)
            }
            ErrorCode::Forbidden => Comeback::Slow(State::Backoff),
            _ => match error.retry_after_ms {
                Some(wait_ms) => Comeback::pause_ms(wait_ms),
                None => Comeback::RelayBackoff,
            },
        };
        self.lose(LinkError::Refused(error), comeback, now);
    }

    fn connect(&mut self, greeting: Greeting, welcome: Welcome, late: Option<Late>, now: Now) {
        let round_trip = now.moment.since(greeting.hello_sent);
        let Link { transport, started, .. } = greeting.link;
        self.clock.measured(welcome.server_time, round_trip, now);
        self.ladder.worked(transport, now.moment);
        // Whatever the platform says, there is a network.
        self.platform.set_online(Connectivity::Online);
        self.away_since = None;
        self.note(Note::Connected { transport, took: now.moment.since(started) });
        if let Some(from) = greeting.upgrade_from {
            self.note(Note::Upgraded { from, to: transport });
        }
        let liveness = Liveness::new(
            std::time::Duration::from_millis(welcome.heartbeat_ms),
            std::time::Duration::from_millis(welcome.dead_after_ms),
            self.settings.probe_within,
            now,
        );
        self.phase = Phase::Connected(greeting.welcomed(&welcome, liveness, late, now.moment));
        self.status.attempts = 0;
        self.status.counters.connections += 1;
        self.status.round_trip = Some(round_trip);
        self.status.relay = Some(welcome.relay);
        self.status.user = Some(welcome.user);
        self.signed_in_until(welcome.ends_at, welcome.delayed_ms);
        if std::mem::take(&mut self.must_refresh) {
            self.refresh();
        }
    }

    /// What may come late on the connection that begins now; nothing when nothing was missed.
    fn late(&self, now: Now) -> Option<Late> {
        let is_first = self.status.counters.connections == 0;
        let since = self.away_since.filter(|_| !is_first || self.subscriptions.resumes())?;
        Some(Late { away: now.moment.since(since), ..Late::default() })
    }

    pub(super) fn attempt_anew(&mut self, now: Now) {
        self.backoff.reset();
        self.status.attempts = 0;
        self.attempt(now);
    }

    fn show_link(&mut self, link: &Link) {
        self.status.transport = Some(link.transport);
        self.status.encoding = Some(link.encoding);
        self.status_changed = true;
    }
}
