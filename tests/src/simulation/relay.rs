//! The relay: one sequencer, two shards that hear of its messages at different times, and what is
//! left of them after a restart or a crash.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tidemark_relay::auth::{Gate, Identity, Mode};
use tidemark_relay::hub::{
    Answer, ConnectionId, ConnectionRules, Framing, Newcomer, Question, Sequencer, Service, Shard,
    ShardSettings,
};
use tidemark_relay::log::{Alias, Numbered, Retention, TopicLog, Window};
use tidemark_relay::publication::Publication;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{
    AliasTable, Encoding, Epoch, ErrorCode, Hello, Pattern, Position, ServerMessage, Topic,
    WireError,
};
use tidemark_shared::session::Now;

use super::judge::Promise;
use super::pipe::{Pipe, PipeOutlet};

/// Two are enough for everything that more could do.
pub const SHARDS: usize = 2;

/// What a connection may be owed at most, by topics and questions as few as here. One frame that a
/// socket took a part of, and answers.
pub const OWED_BYTES_MAX: usize = 64 * 1024;

/// Never reached: what limits a log here is its count and age, so that the judge can tell exactly.
const WINDOW_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The relay and what of it outlives its process.
pub struct Relay {
    sequencer: Arc<Mutex<Sequencer>>,
    sides: Vec<Side>,
    settings: ShardSettings,
    /// Its process runs.
    pub is_up: bool,
    /// How often it was started: connections of an earlier run are nobody's.
    pub run: u32,
    left: Vec<Left>,
}

struct Side {
    shard: Shard<PipeOutlet>,
    /// Messages on their way to the shard.
    due: VecDeque<(Duration, Arc<Numbered>)>,
    delay: Duration,
}

/// A log as a stopped relay leaves it.
struct Left {
    topic: Topic,
    head: Position,
    lines: Vec<u8>,
}

/// How a relay goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// It says goodbye, and leaves its windows to the next run.
    Stopped,
    /// It leaves nothing.
    Crashed,
}

/// Serves every topic but one.
struct AlmostAll;

impl Service for AlmostAll {
    fn sign_in(
        &self,
        hello: &Hello,
        newcomer: &Newcomer,
        now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Gate::new(Mode::Demo).sign_in(hello, newcomer.presented.as_ref(), now)
    }

    fn refresh(
        &self,
        current: &Arc<Identity>,
        _token: Option<&str>,
        _now: UnixMillis,
    ) -> Result<Arc<Identity>, WireError> {
        Ok(Arc::clone(current))
    }

    fn delay(&self, _identity: &Identity) -> Option<Duration> {
        None
    }

    fn admit(&self, _identity: &Identity, pattern: &Pattern) -> Result<(), WireError> {
        match pattern {
            Pattern::One(topic) if topic.key() == "NOSUCH" => {
                Err(WireError::new(ErrorCode::NotFound, "no such instrument"))
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, _question: Question<'_>) -> Answer {
        Answer::Now(Err(WireError::new(ErrorCode::Unavailable, "not here")))
    }
}

impl Relay {
    /// A relay that begins, with windows as promised.
    #[must_use]
    pub fn new(seed: u64, promise: Promise, now: Now) -> Self {
        let Promise { count: count_max, age: age_max } = promise;
        let window = Window { count_max, age_max, bytes_max: WINDOW_BYTES_MAX };
        let settings = ShardSettings {
            relay: "simulated".into(),
            rules: ConnectionRules::default(),
            retention: Retention { latest: window, log: window },
            seed,
            index: 0,
        };
        let mut relay = Relay {
            sequencer: Arc::new(Mutex::new(Sequencer::new(Epoch::default()))),
            sides: Vec::new(),
            settings,
            is_up: false,
            run: 0,
            left: Vec::new(),
        };
        relay.start(now);
        relay
    }

    /// Starts a process, with what the last one has left.
    pub fn start(&mut self, now: Now) {
        let epoch = u64::try_from(now.unix.0).expect("simulations are set after 1970");
        let mut sequencer = Sequencer::new(Epoch(epoch));
        let restored: Vec<_> = std::mem::take(&mut self.left)
            .iter()
            .map(|left| left.restore(&mut sequencer))
            .collect();
        self.sequencer = Arc::new(Mutex::new(sequencer));
        self.sides = (0..SHARDS)
            .map(|_| {
                let sequencer = Arc::clone(&self.sequencer);
                let mut shard = Shard::new(self.settings.clone(), sequencer, Arc::new(AlmostAll));
                for (head, messages) in &restored {
                    if let Some(log) = log_of(head, messages, &self.settings.retention) {
                        shard.restore(log);
                    }
                }
                Side { shard, due: VecDeque::new(), delay: Duration::ZERO }
            })
            .collect();
        self.is_up = true;
        self.run += 1;
    }

    /// Ends the process. What it wrote last is in its pipes.
    pub fn stop(&mut self, down: Down, now: Now) {
        if down == Down::Stopped {
            for side in &mut self.sides {
                side.take_in_until(None, now);
                side.shard.drain(Duration::from_secs(2), now);
            }
            let logs = self.sides.first().into_iter().flat_map(|side| side.shard.logs());
            self.left = logs.map(Left::of).collect();
        }
        self.sides.clear();
        self.is_up = false;
    }

    /// Numbers a publication and sends it on its way to the shards.
    ///
    /// # Panics
    /// When it is not numbered: nothing here is too large.
    pub fn publish(&mut self, publication: Publication, at: Duration) -> Arc<Numbered> {
        let mut sequencer = self.sequencer.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = sequencer.number(publication).expect("it is small, and topics are few");
        for side in &mut self.sides {
            side.due.push_back((at + side.delay, Arc::clone(&numbered)));
        }
        numbered
    }

    /// From now on a shard hears of messages so much later.
    pub fn set_delay(&mut self, shard: usize, delay: Duration) {
        if let Some(side) = self.sides.get_mut(shard) {
            side.delay = delay;
        }
    }

    /// Loses the message that a shard would hear of next, if it is one of these.
    pub fn forget_next(&mut self, shard: usize, is_meant: impl Fn(&Topic) -> bool) -> bool {
        let Some(side) = self.sides.get_mut(shard) else { return false };
        let meant = side.due.iter().position(|(_, message)| is_meant(&message.event.topic));
        meant.and_then(|index| side.due.remove(index)).is_some()
    }

    /// When a shard hears of a message next.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        self.sides.iter().filter_map(|side| side.due.front()).map(|(at, _)| *at).min()
    }

    /// The shards hear of what has come to them.
    pub fn take_in(&mut self, at: Duration, now: Now) {
        self.sides.iter_mut().for_each(|side| side.take_in_until(Some(at), now));
    }

    /// The source of a topic is alive.
    pub fn touch(&mut self, alias: Alias, as_of: UnixMillis) {
        self.sides.iter_mut().for_each(|side| side.shard.touch(&[alias], as_of));
    }

    /// Takes a connection in.
    pub fn open(
        &mut self,
        shard: usize,
        pipe: &Rc<RefCell<Pipe>>,
        framing: Framing,
        now: Now,
    ) -> Option<ConnectionId> {
        let side = self.sides.get_mut(shard)?;
        Some(side.shard.open(
            PipeOutlet(Rc::clone(pipe)),
            framing,
            "session",
            Newcomer::default(),
            now,
        ))
    }

    /// A shard, while the relay runs.
    pub fn shard(&mut self, index: usize) -> Option<&mut Shard<PipeOutlet>> {
        self.sides.get_mut(index).map(|side| &mut side.shard)
    }

    /// Does what is due by time.
    pub fn tick(&mut self, now: Now) {
        self.sides.iter_mut().for_each(|side| side.shard.tick(now));
    }

    /// Whether a connection waits for a rate.
    #[must_use]
    pub fn has_throttled(&self) -> bool {
        self.sides.iter().any(|side| side.shard.has_throttled())
    }

    /// Writes what waited for a rate.
    pub fn tick_throttled(&mut self, now: Now) {
        self.sides.iter_mut().for_each(|side| side.shard.tick_throttled(now));
    }

    /// Writes all there is to write, and tells which connections are full.
    pub fn flush(&mut self, now: Now) -> Vec<(usize, ConnectionId)> {
        let mut blocked = Vec::new();
        for (index, side) in self.sides.iter_mut().enumerate() {
            side.shard.flush(now);
            while side.shard.has_work() {
                side.shard.flush(now);
            }
            side.shard.take_demands();
            blocked.extend(side.shard.take_blocked().into_iter().map(|id| (index, id)));
        }
        blocked
    }
}

impl Side {
    fn take_in_until(&mut self, until: Option<Duration>, now: Now) {
        let is_here = |at: Duration| until.is_none_or(|until| at <= until);
        let mut messages = Vec::new();
        while self.due.front().is_some_and(|(at, _)| is_here(*at)) {
            messages.extend(self.due.pop_front().map(|(_, message)| message));
        }
        if !messages.is_empty() {
            self.shard.append(&messages, now);
        }
    }
}

impl Left {
    fn of(log: &TopicLog) -> Self {
        Left {
            topic: log.topic().clone(),
            head: Position::new(log.epoch(), log.head()),
            lines: log.retained_json().to_vec(),
        }
    }

    fn restore(&self, sequencer: &mut Sequencer) -> (Opening, Vec<Arc<Numbered>>) {
        let opened = sequencer.restore(&self.topic, self.head).expect("topics are few");
        let read = |line: &[u8]| {
            let messages = Encoding::Json.decode_server(line, &mut AliasTable::new());
            match messages.as_deref() {
                Ok([ServerMessage::Event(event)]) => {
                    Arc::new(Numbered::of_event(event.clone(), opened.alias))
                }
                other => panic!("a retained line is no event: {other:?}"),
            }
        };
        let lines = self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let messages = lines.map(read).collect();
        (Opening { topic: self.topic.clone(), alias: opened.alias, head: self.head }, messages)
    }
}

struct Opening {
    topic: Topic,
    alias: Alias,
    head: Position,
}

fn log_of(
    opening: &Opening,
    messages: &[Arc<Numbered>],
    retention: &Retention,
) -> Option<TopicLog> {
    let mut start = opening.head;
    start.sequence.0 = start.sequence.0.checked_sub(messages.len() as u64)?;
    let window = retention.of(opening.topic.class());
    let mut log = TopicLog::new(opening.topic.clone(), opening.alias, start, window);
    messages.iter().for_each(|message| log.append(message));
    Some(log)
}
