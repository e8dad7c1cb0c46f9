//! What the relay says, and what becomes of it.

use super::cursor::{Answered, Taken, has_sound_snapshot};
use super::leaving::Comeback;
use super::liveness::Cause;
use super::phase::Phase;
use super::relay_clock::Reading;
use super::subscriptions::Meaning;
use super::{Delivery, LinkError, LinkId, Note, Now, Output, Session};
use crate::protocol::{
    ErrorCode, Event, Heartbeat, Pattern, Reply, Response, Sequence, ServerMessage, Skipped,
    Subscribed, Topic, WhyNotRecovered, WireError,
};

impl Session {
    /// A frame came.
    pub(super) fn frame(&mut self, link: LinkId, bytes: &[u8], now: Now) {
        let Some(speaking) = self.phase.speaking_link(link) else { return };
        let decoded = speaking.decode(bytes);
        let counters = &mut self.status.counters;
        counters.bytes_in += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.status.last_heard = Some(now.moment);
        if let Phase::Connected(connected) = &mut self.phase {
            connected.liveness.heard(now);
        }
        match decoded {
            Ok(messages) => self.messages(link, messages, now),
            Err(error) => self.misbehaved(error.to_string(), now),
        }
    }

    /// Tells the application, once, that everything that was missed is here.
    pub(super) fn notice_caught_up(&mut self) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        if connected.caught_up || !self.subscriptions.is_caught_up() {
            return;
        }
        connected.caught_up = true;
        if let Some(late) = connected.late.take() {
            self.note(Note::CaughtUp {
                messages: late.messages,
                skipped: late.skipped,
                topics_lost: late.topics_lost,
                away: late.away,
            });
        }
    }

    /// Asks the relay for a sign of life.
    pub(super) fn probe(&mut self, cause: Cause, now: Now) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        if connected.liveness.doubt(cause, now) {
            self.ping(now);
        }
    }

    /// The relay broke the protocol: nothing on this connection can be trusted any more.
    pub(super) fn misbehaved(&mut self, reason: String, now: Now) {
        self.lose(LinkError::PeerMisbehaved { reason }, Comeback::Backoff, now);
    }

    fn messages(&mut self, link: LinkId, messages: Vec<ServerMessage>, now: Now) {
        for message in messages {
            match &self.phase {
                Phase::Greeting(greeting) if greeting.link.id == link => {
                    self.before_welcome(message, now);
                }
                Phase::Connected(connected) if connected.link.id == link => {
                    self.message(message, now);
                }
                // A message before this one ended the connection.
                _ => return,
            }
        }
        self.notice_caught_up();
    }

    fn before_welcome(&mut self, message: ServerMessage, now: Now) {
        match message {
            ServerMessage::Welcome(welcome) => self.welcomed(welcome, now),
            ServerMessage::Closing(closing) => self.closing(closing, now),
            ServerMessage::Error { error, topic: None } => self.refused(error, now),
            ServerMessage::Unknown { .. } => {}
            _ => self.misbehaved("it spoke before it said welcome".into(), now),
        }
    }

    fn message(&mut self, message: ServerMessage, now: Now) {
        match message {
            ServerMessage::Event(event) => self.event(event, now),
            ServerMessage::Skipped(skipped) => self.skipped(skipped),
            ServerMessage::Subscribed(told) => self.subscribed(told, now),
            ServerMessage::Reset(told) => self.reset(told, now),
            ServerMessage::Heartbeat(heartbeat) => self.heartbeat(heartbeat, now),
            ServerMessage::Response(response) => self.response(response, now),
            ServerMessage::Error { error, topic: Some(topic) } => {
                self.topic_refused(topic, error, now);
            }
            ServerMessage::Error { error, topic: None } => self.message_refused(error),
            ServerMessage::NeedsAuth(told) => self.sign_in_ends(told.ends_at),
            ServerMessage::Refreshed(refreshed) => self.refreshed(&refreshed),
            ServerMessage::Closing(closing) => self.closing(closing, now),
            ServerMessage::Welcome(_) => self.misbehaved("it said welcome twice".into(), now),
            // What was given back is forgotten already; what is from the future we do not know.
            ServerMessage::Unsubscribed(_) | ServerMessage::Unknown { .. } => {}
        }
    }

    fn event(&mut self, event: Event, now: Now) {
        let taken = self.subscriptions.read(&event.topic, |cursor| cursor.event(event.position));
        match taken {
            Taken::Next { late } => {
                if late {
                    self.status.counters.caught_up += 1;
                    self.count_late(|counted| counted.messages += 1);
                }
                if let Some(event) = self.unless_stale(event, now) {
                    self.status.counters.delivered += 1;
                    self.deliver(Delivery::Event(event));
                }
            }
            Taken::Duplicate => self.status.counters.duplicates += 1,
            Taken::Hole { expected, got } => self.hole(event.topic, expected, got),
            Taken::Ignored => {}
        }
    }

    fn skipped(&mut self, skipped: Skipped) {
        match self.subscriptions.read(&skipped.topic, |cursor| cursor.skipped(&skipped)) {
            Taken::Next { .. } => {
                let Skipped { topic, from, to } = skipped;
                let count = to.0.saturating_sub(from.0).saturating_add(1);
                let counters = &mut self.status.counters;
                counters.skipped = counters.skipped.saturating_add(count);
                self.count_late(|late| late.skipped = late.skipped.saturating_add(count));
                self.deliver(Delivery::Skipped { topic, from, to });
            }
            Taken::Hole { expected, got } => self.hole(skipped.topic, expected, got),
            Taken::Duplicate | Taken::Ignored => {}
        }
    }

    fn subscribed(&mut self, told: Subscribed, now: Now) {
        self.progressed(now);
        if !is_sound(&told) {
            self.misbehaved(format!("it answered nonsense for {}", told.topic), now);
            return;
        }
        match self.subscriptions.answered(&told) {
            Meaning::Answer(Answered::Recovered) => self.fresh(told.topic, told.as_of),
            Meaning::Answer(Answered::Restarted { lost }) => self.snapshot(told, lost, now),
            Meaning::Answer(Answered::Hole { expected, got }) => {
                self.hole(told.topic, expected, got);
            }
            Meaning::Answer(Answered::Wrong) => {
                let reason = format!("it went on with {} at {}", told.topic, told.position);
                self.misbehaved(reason, now);
            }
            Meaning::TooMany => self.misbehaved("it brings topics without end".into(), now),
            Meaning::Nothing => {}
        }
    }

    fn reset(&mut self, told: Subscribed, now: Now) {
        if !is_sound(&told) {
            self.misbehaved(format!("it reset {} to nonsense", told.topic), now);
            return;
        }
        if self.subscriptions.reset(&told) {
            let lost = told.lost.unwrap_or(WhyNotRecovered::Expired);
            self.snapshot(told, Some(lost), now);
        }
    }

    fn snapshot(&mut self, told: Subscribed, lost: Option<WhyNotRecovered>, now: Now) {
        if lost.is_some() {
            self.status.counters.topics_lost += 1;
            self.count_late(|late| late.topics_lost += 1);
        }
        let event = told.snapshot.and_then(|event| self.unless_stale(event, now));
        self.status.counters.delivered += u64::from(event.is_some());
        self.deliver(Delivery::Snapshot { event, topic: told.topic.clone(), lost });
        self.fresh(told.topic, told.as_of);
    }

    fn heartbeat(&mut self, heartbeat: Heartbeat, now: Now) {
        if self.clock.beat(heartbeat.at, now) == Reading::Doubtful {
            self.ping(now);
        }
        for beat in heartbeat.topics {
            match self.subscriptions.read(&beat.topic, |cursor| cursor.beat(beat.sequence)) {
                Taken::Next { .. } => self.fresh(beat.topic, beat.as_of),
                Taken::Hole { expected, got } => self.hole(beat.topic, expected, got),
                Taken::Duplicate | Taken::Ignored => {}
            }
        }
    }

    fn response(&mut self, response: Response, now: Now) {
        let own = self.phase.connected().and_then(|connected| {
            let (_, sent) = connected.ping.take_if(|(id, _)| *id == response.id)?;
            connected.liveness.proved();
            Some(sent)
        });
        let asked = self.questions.answered(response.id);
        let Some(sent) = own.or(asked) else { return };
        let round_trip = now.moment.since(sent);
        self.status.round_trip = Some(round_trip);
        self.status_changed = true;
        if let Ok(Reply::Ping { server_time }) = &response.outcome {
            self.clock.measured(*server_time, round_trip, now);
        }
        if asked.is_some() {
            let outcome = response.outcome.map_err(super::AskFailed::Refused);
            self.outputs.push_back(Output::Answer { id: response.id, outcome });
        }
    }

    fn topic_refused(&mut self, topic: Pattern, error: WireError, now: Now) {
        self.progressed(now);
        let is_held = self.subscriptions.refused(&topic, &error, now.moment);
        // What only waits for a newer sign-in has not been refused: it goes on where it stands.
        let waits = self.status.asks_for_sign_in && error.code == ErrorCode::Unauthorized;
        if is_held && !waits {
            self.deliver(Delivery::Refused { topic, error });
        }
    }

    /// Something is missing before what came. The cursor wants to be asked for again; until that
    /// is answered, nothing more of the topic is delivered.
    fn hole(&mut self, topic: Topic, expected: Sequence, got: Sequence) {
        self.status.counters.holes += 1;
        self.note(Note::Hole { topic, expected, got });
    }

    fn unless_stale(&mut self, event: Event, now: Now) -> Option<Event> {
        let is_stale = self.clock.now(now).is_some_and(|relay_now| event.is_stale(relay_now));
        self.status.counters.stale += u64::from(is_stale);
        (!is_stale).then_some(event)
    }

    fn fresh(&mut self, topic: Topic, as_of: Option<crate::clock::UnixMillis>) {
        if let Some(as_of) = as_of {
            self.deliver(Delivery::Fresh { topic, as_of });
        }
    }

    fn count_late(&mut self, count: impl FnOnce(&mut super::phase::Late)) {
        if let Some(late) = self.phase.connected().and_then(|connected| connected.late.as_mut()) {
            count(late);
        }
    }

    /// The relay works on what it was asked for.
    fn progressed(&mut self, now: Now) {
        if let Some(connected) = self.phase.connected() {
            connected.asked = now.moment;
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.outputs.push_back(Output::Deliver(delivery));
    }
}

/// Whether an answer agrees with itself.
fn is_sound(told: &Subscribed) -> bool {
    told.head >= told.position.sequence && has_sound_snapshot(told)
}
