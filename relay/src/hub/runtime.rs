//! Threads, sockets and timers around the shards.
//!
//! Each shard has a thread with a runtime of its own. Every socket has a small task that waits for
//! bytes to read; a socket that is full gets another until there is room. Writing is done by the
//! shard itself, without waking anybody.

mod command;
mod core;
mod sealed;
mod socket;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{Epoch, Reply, WireError};
use tokio::sync::{mpsc, oneshot};

use self::core::Core;
use super::census::Census;
use super::publisher::{DemandLedger, DemandReceiver, Publisher, RelayStopped};
use super::shard::Revoked;
use super::window_file::RetainedTopic;
use super::{
    Asker, ConnectionInfo, ConnectionName, Crowded, Newcomer, Sequencer, Service, ShardReport,
    ShardSettings, WindowFile, WindowFileError,
};
use crate::auth::Credential;
use crate::clock::Clock;
use crate::log::{Numbered, TopicLog};
use crate::serve::Place;

pub(super) use self::command::Command;
pub use self::command::{Adopted, PollError, SendError, SessionId, StreamBody};

/// Commands that may wait for a shard. A publisher waits beyond it: a thousand batches are enough
/// to keep a shard busy, and little to hold.
const COMMANDS_MAX: usize = 1_024;

/// How the hub is set up.
#[derive(Clone, Debug)]
pub struct HubSettings {
    /// How many shards, at least one.
    pub shards: usize,
    /// How each is set up.
    pub shard: ShardSettings,
}

/// All shards, and the ways in.
#[derive(Debug)]
pub struct Hub {
    shards: Arc<[mpsc::Sender<Command>]>,
    publisher: Publisher,
    census: Arc<Census>,
    next: AtomicUsize,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Hub {
    /// Starts the shards. Windows that an earlier run has left in `data_dir` are taken up.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(
        settings: &HubSettings,
        service: Arc<dyn Service + Send + Sync>,
        data_dir: Option<&Path>,
        clock: Clock,
    ) -> std::io::Result<(Self, DemandReceiver)> {
        let now_ms = u64::try_from(clock.now().unix.0).unwrap_or(0);
        let mut sequencer = Sequencer::new(Epoch(now_ms));
        let retained = data_dir.map(take_windows).unwrap_or_default();
        let retained = restore(&mut sequencer, retained);
        let sequencer = Arc::new(Mutex::new(sequencer));
        let census = Arc::new(Census::new(settings.shard.rules.users));
        let (ledger, demand) = DemandLedger::new();
        let ledger = Arc::new(ledger);
        let mut senders = Vec::new();
        let mut threads = Vec::new();
        for index in 0..settings.shards.max(1) {
            let (sender, commands) = mpsc::channel(COMMANDS_MAX);
            let mut shard = settings.shard.clone();
            shard.seed = shard.seed.wrapping_add(index as u64);
            shard.index = index;
            let logs = logs_of(&retained, &shard);
            let (sequencer, service) = (Arc::clone(&sequencer), Arc::clone(&service));
            let (ledger, census) = (Arc::clone(&ledger), Arc::clone(&census));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let thread =
                thread::Builder::new().name(format!("shard-{index}")).spawn(move || {
                    let core = Core::new(index, shard, sequencer, service, ledger, census, clock);
                    core.run(&runtime, commands, logs);
                })?;
            senders.push(sender);
            threads.push(thread);
        }
        let shards: Arc<[_]> = senders.into();
        let publisher = Publisher::new(sequencer, Arc::clone(&shards));
        let threads = Mutex::new(threads);
        Ok((Hub { shards, publisher, census, next: AtomicUsize::new(0), threads }, demand))
    }

    /// The way in for publications.
    #[must_use]
    pub const fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// The way in for answers that took their time.
    #[must_use]
    pub fn answers(&self) -> Answers {
        Answers { shards: Arc::clone(&self.shards) }
    }

    /// Takes over a socket whose handshake is done.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn adopt(&self, adopted: Adopted) -> Result<(), RelayStopped> {
        self.any_shard().send(Command::Adopt(adopted)).await.map_err(|_| RelayStopped)
    }

    /// Opens a stream of Server-Sent Events. `first` is the client's first frame.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn open_stream(
        &self,
        first: Bytes,
        newcomer: Newcomer,
    ) -> Result<(SessionId, StreamBody), RelayStopped> {
        let (reply, answer) = oneshot::channel();
        let command = Command::OpenStream { first, newcomer, reply };
        self.any_shard().send(command).await.map_err(|_| RelayStopped)?;
        answer.await.map_err(|_| RelayStopped)
    }

    /// Opens a session of long polls, and waits at most `within` for the answer to `first`, the
    /// client's first frame. The session keeps its place among all connections until it ends.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn open_poll(
        &self,
        first: Bytes,
        newcomer: Newcomer,
        place: Option<Place>,
        within: Duration,
    ) -> Result<(SessionId, Result<Bytes, PollError>), RelayStopped> {
        let ((hanging, body), (reply, session)) = (oneshot::channel(), oneshot::channel());
        let command = Command::OpenPoll { first, newcomer, place, hanging, reply };
        self.any_shard().send(command).await.map_err(|_| RelayStopped)?;
        let session = session.await.map_err(|_| RelayStopped)?;
        Ok((session, answer_within(body, within).await))
    }

    /// Waits at most `within` for something to read; gives an empty body when there is nothing.
    ///
    /// # Errors
    /// When the session is unknown, or the hub has ended.
    pub async fn poll(&self, session: &SessionId, within: Duration) -> Result<Bytes, PollError> {
        let shard = self.shard_of(session).ok_or(PollError::UnknownSession)?;
        let (reply, answer) = oneshot::channel();
        let command = Command::Poll { session: session.clone(), reply };
        shard.send(command).await.map_err(|_| PollError::Stopped)?;
        answer_within(answer, within).await
    }

    /// Hands a frame from a client to its session.
    ///
    /// # Errors
    /// When the session is unknown, or the hub has ended.
    pub async fn send(&self, session: &SessionId, frame: Bytes) -> Result<(), SendError> {
        let shard = self.shard_of(session).ok_or(SendError::UnknownSession)?;
        let (reply, answer) = oneshot::channel();
        let command = Command::Send { session: session.clone(), frame, reply };
        shard.send(command).await.map_err(|_| SendError::Stopped)?;
        answer.await.map_err(|_| SendError::Stopped)?
    }

    /// What each shard is doing and has done.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn report(&self) -> Result<Vec<ShardReport>, RelayStopped> {
        self.ask_all(|reply| Command::Report { reply }).await
    }

    /// How many users are here, and who has nearly all the connections that one may have.
    #[must_use]
    pub fn crowded(&self) -> Crowded {
        self.census.crowded()
    }

    /// The connections that have said hello, the oldest first.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn connections(&self) -> Result<Vec<ConnectionInfo>, RelayStopped> {
        let lists = self.ask_all(|reply| Command::List { reply }).await?;
        let mut all: Vec<ConnectionInfo> = lists.into_iter().flatten().collect();
        all.sort_by_key(|connection| connection.opened);
        Ok(all)
    }

    /// Closes a connection because the operator says so; it may come back a little later. Says
    /// whether it was there.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn close_connection(&self, name: ConnectionName) -> Result<bool, RelayStopped> {
        let Some(shard) = self.shards.get(name.shard) else { return Ok(false) };
        let (reply, answer) = oneshot::channel();
        let command = Command::SendAway { id: name.connection, reply };
        shard.send(command).await.map_err(|_| RelayStopped)?;
        answer.await.map_err(|_| RelayStopped)
    }

    /// Ends all connections that have signed in with this. Says how many. Nobody can be let in by
    /// it any more when this is called, or they come in again.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn revoke(&self, credential: &Credential) -> Result<usize, RelayStopped> {
        self.revoke_all(Revoked::Credential(credential.clone())).await
    }

    /// Ends all connections of a user. Says how many.
    ///
    /// # Errors
    /// When the hub has ended.
    pub async fn revoke_user(&self, user: &UserName) -> Result<usize, RelayStopped> {
        self.revoke_all(Revoked::User(user.clone())).await
    }

    /// Sends everybody away, each to come back at another time within `jitter`, saves the windows,
    /// and ends the shards. Nothing may be published after it.
    ///
    /// # Errors
    /// When the windows cannot be saved; the shards have ended all the same.
    pub async fn drain(
        &self,
        jitter: Duration,
        data_dir: Option<&Path>,
    ) -> Result<(), WindowFileError> {
        let file = data_dir.map(WindowFile::in_dir);
        let mut saved = Ok(0);
        for (index, shard) in self.shards.iter().enumerate() {
            let (reply, answer) = oneshot::channel();
            // All shards have the same logs: one of them saves.
            let save = file.clone().filter(|_| index == 0);
            if shard.send(Command::Drain { jitter, save, reply }).await.is_ok()
                && let Ok(result) = answer.await
                && index == 0
            {
                saved = result;
            }
        }
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // A shard that has panicked has said so already.
            let _ = thread.join();
        }
        saved.map(drop)
    }

    async fn revoke_all(&self, revoked: Revoked) -> Result<usize, RelayStopped> {
        let command = |reply| Command::Revoke { revoked: revoked.clone(), reply };
        Ok(self.ask_all(command).await?.into_iter().sum())
    }

    /// Asks every shard, then waits for all of them.
    async fn ask_all<T>(
        &self,
        command: impl Fn(oneshot::Sender<T>) -> Command,
    ) -> Result<Vec<T>, RelayStopped> {
        let mut answers = Vec::new();
        for shard in self.shards.iter() {
            let (reply, answer) = oneshot::channel();
            shard.send(command(reply)).await.map_err(|_| RelayStopped)?;
            answers.push(answer);
        }
        let mut all = Vec::new();
        for answer in answers {
            all.push(answer.await.map_err(|_| RelayStopped)?);
        }
        Ok(all)
    }

    fn any_shard(&self) -> &mpsc::Sender<Command> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let index = next % self.shards.len();
        self.shards.get(index).expect("a hub has at least one shard")
    }

    fn shard_of(&self, session: &SessionId) -> Option<&mpsc::Sender<Command>> {
        self.shards.get(session.shard()?)
    }
}

/// The way in for answers that took their time.
#[derive(Clone, Debug)]
pub struct Answers {
    shards: Arc<[mpsc::Sender<Command>]>,
}

impl Answers {
    /// Gives an answer to who asked. Waits while the shard is behind, so it is for threads that
    /// may wait.
    pub fn give_blocking(&self, asker: Asker, outcome: Result<Reply, WireError>) {
        if let Some(shard) = self.shards.get(asker.shard) {
            // A shard that has ended has no connections to answer.
            let _ = shard.blocking_send(Command::Answer { asker, outcome: Box::new(outcome) });
        }
    }
}

/// What a poll is answered with.
async fn answer_within(
    mut answer: oneshot::Receiver<Result<Bytes, PollError>>,
    within: Duration,
) -> Result<Bytes, PollError> {
    match tokio::time::timeout(within, &mut answer).await {
        Ok(Ok(answer)) => answer,
        // The shard lets go of a poll only when the session ends.
        Ok(Err(_)) => Err(PollError::UnknownSession),
        Err(_) => {
            // What was sent in this very moment is still ours.
            answer.close();
            answer.try_recv().unwrap_or_else(|_| Ok(Bytes::new()))
        }
    }
}

fn take_windows(data_dir: &Path) -> Vec<RetainedTopic> {
    match WindowFile::in_dir(data_dir).take() {
        Ok(topics) => topics,
        Err(error) => {
            tracing::warn!(%error, "retained windows were not taken up; clients get snapshots");
            Vec::new()
        }
    }
}

/// Puts what was retained into the sequencer, and gives each message its alias and bytes again.
fn restore(
    sequencer: &mut Sequencer,
    retained: Vec<RetainedTopic>,
) -> Vec<(super::Opened, Vec<Arc<Numbered>>)> {
    retained
        .into_iter()
        .filter_map(|topic| {
            let opened = sequencer.restore(&topic.topic, topic.head).ok()?;
            let number = |event| Arc::new(Numbered::of_event(event, opened.alias));
            let messages = topic.events.into_iter().map(number).collect();
            Some((opened, messages))
        })
        .collect()
}

fn logs_of(
    retained: &[(super::Opened, Vec<Arc<Numbered>>)],
    settings: &ShardSettings,
) -> Vec<TopicLog> {
    let log_of = |(opened, messages): &(super::Opened, Vec<Arc<Numbered>>)| {
        let window = settings.retention.of(opened.topic.class());
        let mut head = opened.head;
        head.sequence.0 = head.sequence.0.saturating_sub(messages.len() as u64);
        let mut log = TopicLog::new(opened.topic.clone(), opened.alias, head, window);
        messages.iter().for_each(|message| log.append(message));
        log
    };
    retained.iter().map(log_of).collect()
}
