//! The threads that own both sides of the documents: one writes, one answers questions.
//!
//! The writing one takes all pushes that wait, applies them in one transaction, commits it, and
//! only then answers them and hands out the news: however many push at once, the disk is waited for
//! once. Questions are answered from snapshots by the other, so that no commit delays them.
//!
//! A failure of the store ends both: nothing is answered any more, and whoever holds [`Threads`]
//! learns of it and stops the relay. What was committed is found at the next start; what was not,
//! clients push again.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::{Delta, Entity, Push, UserName, Version};
use tidemark_shared::protocol::{ErrorCode, Position, Reply, WireError};
use tokio::sync::mpsc;

use super::engine::{Applied, Engine, Refusal};
use super::merging::Merging;
use super::permits::Who;
use crate::store::{Store, StoreError};

/// Pushes that may wait: a second's work of the writing thread. Beyond it clients are asked to come
/// back.
const PUSHES_WAITING_MAX: usize = 4_096;

/// Questions that may wait.
const QUESTIONS_WAITING_MAX: usize = 4_096;

/// Most pushes of one group: those at its front wait for those at its end.
const GROUP_PUSHES_MAX: usize = 512;

/// Most writes of one group, for the same reason: pushes may be long.
const GROUP_MUTATIONS_MAX: usize = 4_096;

/// Where answers and news go. Called from both threads.
pub trait Sink<A>: Send + Sync + 'static {
    /// Answers whoever asked.
    fn answer(&self, asker: A, answer: Result<Reply, WireError>);

    /// Tells a user's devices what has changed, in the order of the user's log.
    fn publish(&self, user: &UserName, delta: Delta);
}

/// The way to the documents. Cheap to clone.
#[derive(Debug)]
pub struct Writer<A> {
    pushes: SyncSender<Work<Pushing<A>>>,
    questions: SyncSender<Work<Asking<A>>>,
    retry_after_ms: u64,
}

/// What can be asked without changing anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The documents after a place in their log.
    Documents {
        /// The place; absent from the beginning.
        after: Option<Position>,
    },
    /// What a document was.
    History {
        /// Which.
        entity: Entity,
        /// Only before this version.
        before: Option<Version>,
    },
}

/// Why the documents' threads have ended. The relay must stop: nothing can be confirmed any more.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of ours.
    #[error(
        "the documents' thread {thread:?} ended by a defect of the relay; every write that was \
         confirmed is safe: start the relay again, and report what it wrote before this"
    )]
    Panicked {
        /// Which.
        thread: &'static str,
    },
}

/// The running threads.
pub struct Threads {
    stop: Box<dyn FnOnce() + Send>,
    threads: [JoinHandle<()>; 2],
    failed: mpsc::Receiver<Failure>,
}

#[derive(Debug)]
struct Pushing<A> {
    asker: A,
    who: Who,
    push: Push,
}

#[derive(Debug)]
struct Asking<A> {
    asker: A,
    who: Who,
    question: Question,
}

#[derive(Debug)]
enum Work<W> {
    Do(W),
    Stop,
}

impl<A: Send + 'static> Writer<A> {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the machine has no room for threads.
    pub fn start<S: Store, M: Merging>(
        engine: Engine<S, M>,
        clock: impl Fn() -> UnixMillis + Send + 'static,
        sink: impl Sink<A>,
    ) -> io::Result<(Self, Threads)> {
        let (pushes, waiting_pushes) = sync_channel(PUSHES_WAITING_MAX);
        let (questions, waiting_questions) = sync_channel(QUESTIONS_WAITING_MAX);
        let (failures, failed) = mpsc::channel(1);
        let retry_after = engine.rules().limits.retry_after;
        let writer = Writer {
            pushes: pushes.clone(),
            questions: questions.clone(),
            retry_after_ms: u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX),
        };
        let sink = Arc::new(sink);
        let (reader, answers) = (engine.clone(), Arc::clone(&sink));
        let threads = [
            spawn("documents-write", failures.clone(), move || {
                write(&engine, &waiting_pushes, &clock, &*sink)
            })?,
            spawn("documents-read", failures, move || {
                read(&reader, &waiting_questions, &*answers)
            })?,
        ];
        let stop = Box::new(move || {
            // A thread that has ended needs no word.
            let _ = pushes.send(Work::Stop);
            let _ = questions.send(Work::Stop);
        });
        Ok((writer, Threads { stop, threads, failed }))
    }

    /// Hands in a push. It is answered once it is committed.
    ///
    /// # Errors
    /// When too many wait, or the relay stops; the asker comes back with it.
    pub fn push(&self, asker: A, who: Who, push: Push) -> Result<(), (A, WireError)> {
        self.send(&self.pushes, Pushing { asker, who, push }, |pushing| pushing.asker)
    }

    /// Asks a question.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn ask(&self, asker: A, who: Who, question: Question) -> Result<(), (A, WireError)> {
        self.send(&self.questions, Asking { asker, who, question }, |asking| asking.asker)
    }

    fn send<W>(
        &self,
        waiting: &SyncSender<Work<W>>,
        work: W,
        asker_of: impl FnOnce(W) -> A,
    ) -> Result<(), (A, WireError)> {
        let (work, message) = match waiting.try_send(Work::Do(work)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(work)) => {
                (work, "too many wait for the store; nothing was done: it is tried again by itself")
            }
            Err(TrySendError::Disconnected(work)) => {
                (work, "the relay is stopping; nothing was done: it is tried again by itself")
            }
        };
        let Work::Do(work) = work else { return Ok(()) };
        let mut error = WireError::new(ErrorCode::Unavailable, message);
        error.retry_after_ms = Some(self.retry_after_ms);
        Err((asker_of(work), error))
    }
}

impl<A> Clone for Writer<A> {
    fn clone(&self) -> Self {
        Writer {
            pushes: self.pushes.clone(),
            questions: self.questions.clone(),
            retry_after_ms: self.retry_after_ms,
        }
    }
}

impl Threads {
    /// Waits for a failure; for ever where there is none.
    pub async fn failed(&mut self) -> Failure {
        match self.failed.recv().await {
            Some(failure) => failure,
            None => std::future::pending().await,
        }
    }

    /// Lets the threads do what was handed in before, and ends them. Blocks until they have ended.
    pub fn stop(self) {
        (self.stop)();
        for thread in self.threads {
            // A panic in it was told as a failure.
            let _ = thread.join();
        }
    }
}

fn spawn(
    name: &'static str,
    failures: mpsc::Sender<Failure>,
    run: impl FnOnce() -> Result<(), StoreError> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Nothing of it is used after a panic: the process stops.
        let failure = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => Failure::Store(error),
            Err(_) => Failure::Panicked { thread: name },
        };
        // One failure is enough to stop for.
        let _ = failures.try_send(failure);
    })
}

fn write<A, S: Store, M: Merging>(
    engine: &Engine<S, M>,
    waiting: &Receiver<Work<Pushing<A>>>,
    clock: &impl Fn() -> UnixMillis,
    sink: &impl Sink<A>,
) -> Result<(), StoreError> {
    while let Ok(Work::Do(first)) = waiting.recv() {
        let mut is_last = false;
        let mut writes = first.push.mutations.len();
        let mut pushings = vec![first];
        while pushings.len() < GROUP_PUSHES_MAX && writes < GROUP_MUTATIONS_MAX {
            match waiting.try_recv() {
                Ok(Work::Do(next)) => {
                    writes += next.push.mutations.len();
                    pushings.push(next);
                }
                Ok(Work::Stop) => {
                    is_last = true;
                    break;
                }
                Err(_) => break,
            }
        }
        write_group(engine, pushings, clock(), sink)?;
        if is_last {
            break;
        }
    }
    Ok(())
}

fn write_group<A, S: Store, M: Merging>(
    engine: &Engine<S, M>,
    pushings: Vec<Pushing<A>>,
    now: UnixMillis,
    sink: &impl Sink<A>,
) -> Result<(), StoreError> {
    let mut group = engine.begin()?;
    let mut done: Vec<(A, UserName, Result<Applied, WireError>)> = Vec::new();
    for Pushing { asker, who, push } in pushings {
        let applied = match group.apply_for(&who, &push, now) {
            Ok(applied) => Ok(applied),
            Err(Refusal::Rule(error)) => Err(error),
            Err(Refusal::Store(error)) => return Err(error),
        };
        done.push((asker, who.user, applied));
    }
    group.commit()?;
    for (asker, user, applied) in done {
        match applied {
            Ok(Applied { pushed, deltas }) => {
                sink.answer(asker, Ok(Reply::Push(pushed)));
                deltas.into_iter().for_each(|delta| sink.publish(&user, delta));
            }
            Err(error) => sink.answer(asker, Err(error)),
        }
    }
    Ok(())
}

fn read<A, S: Store, M: Merging>(
    engine: &Engine<S, M>,
    waiting: &Receiver<Work<Asking<A>>>,
    sink: &impl Sink<A>,
) -> Result<(), StoreError> {
    while let Ok(Work::Do(Asking { asker, who, question })) = waiting.recv() {
        let Who { user, permits } = &who;
        let reply = match question {
            Question::Documents { after } => {
                let mut delta = engine.documents(user, after)?;
                permits.narrow_delta(&mut delta);
                Reply::Documents(delta)
            }
            Question::History { entity, before } => {
                let mut page = engine.history(user, &entity, before)?;
                permits.narrow_history(&mut page);
                Reply::History(page)
            }
        };
        sink.answer(asker, Ok(reply));
    }
    Ok(())
}
