//! One shard's thread: commands, sockets and timers go in, the shard writes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tidemark_shared::clock::Moment;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{MissedTickBehavior, interval};

use super::command::{Adopted, Command, PollError, SendError, SessionId, StreamBody};
use super::sealed::{Opened, Sealed};
use super::socket::{LastWords, SocketOutlet};
use crate::clock::Clock;

use crate::hub::census::Census;
use crate::hub::outlet::Framing;
use crate::hub::publisher::DemandLedger;
use crate::hub::{ConnectionId, Newcomer, Sequencer, Service, Shard, ShardSettings};
use crate::log::TopicLog;
use crate::serve::Place;
use crate::transport::websocket::{Decoder, Inbound};

/// One read takes so much; clients' frames are small, so one buffer serves all connections.
const READ_BYTES: usize = 64 * 1024;

/// Deadlines and heartbeats are looked at this often.
const TICK_EVERY: Duration = Duration::from_millis(250);

/// Cursors with a wanted rate are looked at this often.
const THROTTLE_EVERY: Duration = Duration::from_millis(20);

/// Commands taken in before anything is written: what was published together is written together.
const COMMANDS_PER_TURN_MAX: usize = 256;

/// Unsent bytes that the kernel takes per socket. A reader that is behind should get the newest,
/// not what was new when it fell behind.
const UNSENT_BYTES_MAX: u32 = 32 * 1024;

/// What a session of polls was owed at its end is kept so long: a client that polls is back in far
/// less.
const LAST_WORDS_KEPT: Duration = Duration::from_secs(10);

/// How long a drained socket may take for its last bytes.
const LAST_BYTES_WITHIN: Duration = Duration::from_millis(200);

/// What the tasks of a shard's thread share. Borrowed only between awaits.
struct State {
    shard: Shard<SocketOutlet>,
    sessions: HashMap<SessionId, Session>,
    read_buffer: Box<[u8]>,
}

/// A session of SSE or polling.
struct Session {
    connection: ConnectionId,
    /// Its place among all connections, where it has no socket that is counted.
    _place: Option<Place>,
    /// What is there for a poll that comes after the end.
    last_words: LastWords,
    /// When its end was noticed.
    ended: Option<Moment>,
}

impl State {
    /// Forgets sessions that have ended, once their last words were taken or waited for long enough.
    fn forget_sessions(&mut self, now: Moment) {
        let shard = &mut self.shard;
        self.sessions.retain(|_, session| {
            if shard.outlet_mut(session.connection).is_some() {
                return true;
            }
            let ended = *session.ended.get_or_insert(now);
            !session.last_words.borrow().is_empty() && now.since(ended) < LAST_WORDS_KEPT
        });
    }
}

/// One shard's thread.
pub(super) struct Core {
    index: usize,
    state: RefCell<State>,
    ledger: Arc<DemandLedger>,
    clock: Clock,
    /// A turn has left something to write.
    more: Notify,
}

impl Core {
    pub(super) fn new(
        index: usize,
        settings: ShardSettings,
        sequencer: Arc<Mutex<Sequencer>>,
        service: Arc<dyn Service + Send + Sync>,
        ledger: Arc<DemandLedger>,
        census: Arc<Census>,
        clock: Clock,
    ) -> Self {
        let state = State {
            shard: Shard::new(settings, sequencer, service).with_census(census),
            sessions: HashMap::new(),
            read_buffer: vec![0; READ_BYTES].into_boxed_slice(),
        };
        Core { index, state: RefCell::new(state), ledger, clock, more: Notify::new() }
    }

    /// Runs until it is drained.
    pub(super) fn run(
        self,
        runtime: &Runtime,
        commands: mpsc::Receiver<Command>,
        logs: Vec<TopicLog>,
    ) {
        for log in logs {
            self.state.borrow_mut().shard.restore(log);
        }
        LocalSet::new().block_on(runtime, Rc::new(self).turn(commands));
    }

    async fn turn(self: Rc<Self>, mut commands: mpsc::Receiver<Command>) {
        let mut taken = Vec::with_capacity(COMMANDS_PER_TURN_MAX);
        let mut tick = interval(TICK_EVERY);
        let mut throttle = interval(THROTTLE_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        throttle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let has_throttled = self.state.borrow().shard.has_throttled();
            tokio::select! {
                count = commands.recv_many(&mut taken, COMMANDS_PER_TURN_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for command in taken.drain(..) {
                        if let Command::Drain { jitter, save, reply } = command {
                            let result = self.drain(jitter, save).await;
                            let _ = reply.send(result);
                            return;
                        }
                        self.obey(command);
                    }
                }
                () = self.more.notified() => {}
                _ = tick.tick() => {
                    let state = &mut *self.state.borrow_mut();
                    let now = self.clock.now();
                    state.shard.tick(now);
                    state.forget_sessions(now.moment);
                }
                _ = throttle.tick(), if has_throttled => {
                    self.state.borrow_mut().shard.tick_throttled(self.clock.now());
                }
            }
            self.settle();
        }
    }

    fn obey(self: &Rc<Self>, command: Command) {
        match command {
            Command::Append(messages) => {
                self.state.borrow_mut().shard.append(&messages, self.clock.now());
            }
            Command::Touch(topics, as_of) => self.state.borrow_mut().shard.touch(&topics, as_of),
            Command::Adopt(adopted) => self.adopt(adopted),
            Command::OpenStream { first, newcomer, reply } => {
                let (sender, body) = mpsc::channel(1);
                let (last_words, mut ends) = watch::channel(Bytes::new());
                let body = StreamBody { frames: body, last_words: Some(ends.clone()) };
                let outlet = SocketOutlet::Stream { body: sender.clone(), last_words };
                let kept = (None, LastWords::default());
                if let Some((session, id)) =
                    self.open_session(outlet, Framing::EventStream, newcomer, kept, &first)
                    && reply.send((session, body)).is_ok()
                {
                    let core = Rc::clone(self);
                    spawn_local(async move {
                        tokio::select! {
                            () = sender.closed() => {}
                            _ = ends.changed() => return,
                        }
                        core.state.borrow_mut().shard.gone(id);
                        core.settle();
                    });
                }
            }
            Command::OpenPoll { first, newcomer, place, hanging, reply } => {
                // The first poll hangs from the beginning: it is told when it is not let in.
                let last_words = LastWords::default();
                let outlet = SocketOutlet::Poll {
                    hanging: Some(hanging),
                    last_words: Rc::clone(&last_words),
                };
                let kept = (place, last_words);
                if let Some((session, _)) =
                    self.open_session(outlet, Framing::Body, newcomer, kept, &first)
                {
                    let _ = reply.send(session);
                }
            }
            Command::Poll { session, reply } => self.poll(&session, reply),
            Command::Send { session, frame, reply } => {
                let state = &mut *self.state.borrow_mut();
                let known = state.sessions.get(&session);
                // To one that has just ended it is said in vain: its next poll says so.
                let may_be_said = known.is_some_and(|session| {
                    state.shard.outlet_mut(session.connection).is_some()
                        || !session.last_words.borrow().is_empty()
                });
                if let Some(session) = known {
                    state.shard.hear(session.connection, &frame, self.clock.now());
                }
                let _ = reply.send(match may_be_said {
                    true => Ok(()),
                    false => Err(SendError::UnknownSession),
                });
            }
            Command::Answer { asker, outcome } => {
                let state = &mut *self.state.borrow_mut();
                state.shard.answered(asker.connection, asker.request, *outcome);
            }
            Command::Report { reply } => {
                let report = self.state.borrow().shard.report(self.clock.now().unix);
                let _ = reply.send(report);
            }
            Command::List { reply } => {
                let _ = reply.send(self.state.borrow().shard.infos());
            }
            Command::SendAway { id, reply } => {
                let was_there = self.state.borrow_mut().shard.send_away(id, self.clock.now());
                let _ = reply.send(was_there);
            }
            Command::Revoke { revoked, reply } => {
                let ended = self.state.borrow_mut().shard.revoke(&revoked, self.clock.now());
                let _ = reply.send(ended);
            }
            Command::Drain { .. } => unreachable!("the turn takes it before it comes here"),
        }
    }

    /// Writes what is to be written and does what the shard asks of its shell.
    fn settle(self: &Rc<Self>) {
        let now = self.clock.now();
        let state = &mut *self.state.borrow_mut();
        state.shard.flush(now);
        if state.shard.has_work() {
            self.more.notify_one();
        }
        for demand in state.shard.take_demands() {
            self.ledger.enter(demand);
        }
        for id in state.shard.take_blocked() {
            let core = Rc::clone(self);
            match state.shard.outlet_mut(id) {
                Some(SocketOutlet::WebSocket { stream, .. }) => {
                    let stream = Rc::clone(stream);
                    spawn_local(async move {
                        // An error shows at the next write.
                        let _ = stream.writable().await;
                        core.resume(id);
                    });
                }
                Some(SocketOutlet::Sealed { wire, .. }) => {
                    let wire = Rc::clone(wire);
                    spawn_local(async move {
                        wire.flushed().await;
                        core.resume(id);
                    });
                }
                Some(SocketOutlet::Stream { body, last_words }) => {
                    let (body, mut ends) = (body.clone(), last_words.subscribe());
                    spawn_local(async move {
                        tokio::select! {
                            _ = body.reserve() => {}
                            _ = ends.changed() => return,
                        }
                        core.resume(id);
                    });
                }
                // A poll is resumed by the next poll.
                Some(SocketOutlet::Poll { .. }) | None => {}
            }
        }
    }

    fn resume(self: &Rc<Self>, id: ConnectionId) {
        self.state.borrow_mut().shard.writable(id, self.clock.now());
        self.settle();
    }

    fn adopt(self: &Rc<Self>, adopted: Adopted) {
        let Adopted { socket, seal, read_ahead, encoding, newcomer, ended } = adopted;
        let stream = match TcpStream::from_std(socket) {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!(%error, "a socket could not be taken over"),
        };
        let socket = socket2::SockRef::from(&stream);
        // Without it a slow reader would get older quotes than it could: no reason to refuse.
        let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES_MAX);
        // Who does not read is closed by the shard, with a reason.
        let _ = socket.set_tcp_user_timeout(None);
        let framing = Framing::WebSocket(encoding);
        let now = self.clock.now();
        let open = |outlet| self.state.borrow_mut().shard.open(outlet, framing, "", newcomer, now);
        match seal {
            None => {
                let stream = Rc::new(stream);
                let outlet = SocketOutlet::WebSocket { stream: Rc::clone(&stream), _ended: ended };
                spawn_local(Rc::clone(self).read(open(outlet), stream, read_ahead));
            }
            Some(session) => {
                let wire = Rc::new(Sealed::new(stream, session));
                let outlet = SocketOutlet::Sealed { wire: Rc::clone(&wire), _ended: ended };
                spawn_local(Rc::clone(self).read_sealed(open(outlet), wire, read_ahead));
            }
        }
    }

    async fn read(
        self: Rc<Self>,
        id: ConnectionId,
        stream: Rc<TcpStream>,
        read_ahead: bytes::Bytes,
    ) {
        let mut decoder = Decoder::default();
        let mut open = self.take_in(id, &mut decoder, &read_ahead);
        drop(read_ahead);
        while open && stream.readable().await.is_ok() {
            // The buffer is shared by all sockets of the thread, so it is taken and put back
            // between awaits.
            let mut buffer = std::mem::take(&mut self.state.borrow_mut().read_buffer);
            open = match stream.try_read(&mut buffer) {
                Ok(0) => false,
                Ok(count) => {
                    self.take_in(id, &mut decoder, buffer.get(..count).unwrap_or_default())
                }
                Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
            };
            self.state.borrow_mut().read_buffer = buffer;
        }
        self.state.borrow_mut().shard.gone(id);
        self.settle();
    }

    /// The same, through TLS.
    async fn read_sealed(
        self: Rc<Self>,
        id: ConnectionId,
        wire: Rc<Sealed>,
        read_ahead: bytes::Bytes,
    ) {
        let mut decoder = Decoder::default();
        let mut open = self.take_in(id, &mut decoder, &read_ahead);
        drop(read_ahead);
        // Something may have been decrypted together with the handshake's end.
        open = open && self.take_in_sealed(id, &mut decoder, &wire);
        while open && wire.receive().await {
            open = self.take_in_sealed(id, &mut decoder, &wire);
        }
        wire.finish(&[]);
        self.state.borrow_mut().shard.gone(id);
        self.settle();
    }

    fn take_in_sealed(
        self: &Rc<Self>,
        id: ConnectionId,
        decoder: &mut Decoder,
        wire: &Sealed,
    ) -> bool {
        let mut buffer = std::mem::take(&mut self.state.borrow_mut().read_buffer);
        let open = loop {
            match wire.open(&mut buffer) {
                Opened::Bytes(count) => {
                    if !self.take_in(id, decoder, buffer.get(..count).unwrap_or_default()) {
                        break false;
                    }
                }
                Opened::Nothing => break true,
                Opened::End => break false,
            }
        };
        self.state.borrow_mut().read_buffer = buffer;
        open
    }

    /// Takes in what was read. Says whether the connection goes on.
    fn take_in(self: &Rc<Self>, id: ConnectionId, decoder: &mut Decoder, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let now = self.clock.now();
        let mut closed = false;
        {
            let shard = &mut self.state.borrow_mut().shard;
            let was_unfinished = decoder.is_unfinished();
            let taken = decoder.push(bytes, |inbound| match inbound {
                Inbound::Message(message) => shard.hear(id, message, now),
                Inbound::Ping(payload) => shard.ping(id, payload, now),
                Inbound::Pong => shard.pong(id, now),
                Inbound::Close => closed = true,
            });
            match taken {
                Ok(()) if !decoder.is_unfinished() => shard.unfinished(id, None),
                Ok(()) if was_unfinished => {}
                Ok(()) => shard.unfinished(id, Some(now.moment)),
                Err(error) => {
                    shard.misbehaved(id, error, now);
                    closed = true;
                }
            }
            if closed {
                shard.hang_up(id);
            }
            closed |= shard.outlet_mut(id).is_none();
        }
        self.settle();
        !closed
    }

    fn open_session(
        &self,
        outlet: SocketOutlet,
        framing: Framing,
        newcomer: Newcomer,
        (place, last_words): (Option<Place>, LastWords),
        first: &[u8],
    ) -> Option<(SessionId, ConnectionId)> {
        let session = match SessionId::random(self.index) {
            Ok(session) => session,
            Err(error) => {
                tracing::error!(%error, "no randomness for a session's name");
                return None;
            }
        };
        let state = &mut *self.state.borrow_mut();
        let now = self.clock.now();
        let id = state.shard.open(outlet, framing, session.as_str(), newcomer, now);
        state.shard.writable(id, now);
        state.shard.hear(id, first, now);
        // Who was not let in has no session, and no place.
        if state.shard.outlet_mut(id).is_some() {
            let kept = Session { connection: id, _place: place, last_words, ended: None };
            state.sessions.insert(session.clone(), kept);
        }
        Some((session, id))
    }

    fn poll(&self, session: &SessionId, reply: oneshot::Sender<Result<bytes::Bytes, PollError>>) {
        let state = &mut *self.state.borrow_mut();
        let now = self.clock.now();
        let id = state.sessions.get(session).map(|session| session.connection);
        match id.and_then(|id| Some((id, state.shard.outlet_mut(id)?))) {
            Some((id, SocketOutlet::Poll { hanging, .. })) => {
                if let Some(older) = hanging.replace(reply) {
                    let _ = older.send(Err(PollError::Superseded));
                }
                state.shard.sign_of_life(id, now);
                state.shard.writable(id, now);
            }
            _ => {
                let last_words = state.sessions.get(session).map(|session| &session.last_words);
                let frame = last_words.and_then(|frames| frames.borrow_mut().pop_front());
                let _ = reply.send(frame.map(Into::into).ok_or(PollError::UnknownSession));
            }
        }
    }

    async fn drain(
        self: &Rc<Self>,
        jitter: Duration,
        save: Option<crate::hub::WindowFile>,
    ) -> Result<usize, crate::hub::WindowFileError> {
        self.settle();
        let saved = {
            let shard = &mut self.state.borrow_mut().shard;
            shard.drain(jitter, self.clock.now());
            match save {
                Some(file) => file.save(shard.logs()),
                None => Ok(0),
            }
        };
        // Reading tasks see the end of their sockets, bodies are written out by their servers.
        tokio::time::sleep(LAST_BYTES_WITHIN).await;
        saved
    }
}
