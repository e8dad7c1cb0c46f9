//! The task that feeds the machine and does what it says.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Method, Reply, RequestId};
use tidemark_shared::session::{AskFailed, Input, LinkId, Now, Output, Session, Status};
use tokio::sync::{mpsc, oneshot, watch};

use crate::address::RelayAddress;
use crate::client::{News, Options};
use crate::link::{Link, Opening};

/// What links report and the machine has not taken yet. A frame has at most 64 KiB, so this is
/// two megabytes at the very most; past it the sockets wait.
const REPORTS_MAX: usize = 32;

/// What the application wants.
#[derive(Debug)]
pub(crate) enum Command {
    /// To tell the machine something.
    Feed(Input),
    /// To ask the relay something.
    Ask { method: Method, answer: Answer },
}

type Answer = oneshot::Sender<Result<Reply, AskFailed>>;

/// The machine, its sockets, and what the application still has to take.
#[derive(Debug)]
pub(crate) struct Driver {
    session: Session,
    address: RelayAddress,
    origin: Option<String>,
    started: Instant,
    links: HashMap<LinkId, Link>,
    reports: mpsc::Sender<Input>,
    reported: mpsc::Receiver<Input>,
    asked: u64,
    answers: HashMap<RequestId, Answer>,
    backlog: VecDeque<News>,
    news: mpsc::Sender<News>,
    status: watch::Sender<Status>,
}

impl Driver {
    pub(crate) fn new(
        address: RelayAddress,
        options: Options,
        news: mpsc::Sender<News>,
        status: watch::Sender<Status>,
    ) -> Self {
        let (reports, reported) = mpsc::channel(REPORTS_MAX);
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
        Driver {
            session: Session::new(options.settings, seed),
            address,
            origin: options.origin,
            started: Instant::now(),
            links: HashMap::new(),
            reports,
            reported,
            asked: 0,
            answers: HashMap::new(),
            backlog: VecDeque::new(),
            news,
            status,
        }
    }

    /// Runs until nobody holds the client any more, or nobody reads its news.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let news = self.news.clone();
        self.feed(Input::Start);
        loop {
            let deadline = self.session.next_deadline();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                // What the application does not take is not read: the relay keeps it.
                Some(input) = self.reported.recv(), if self.backlog.is_empty() => self.feed(input),
                () = sleep_until(self.started, deadline) => self.feed(Input::Timer),
                room = news.reserve(), if !self.backlog.is_empty() => match room {
                    Ok(room) => {
                        if let Some(next) = self.backlog.pop_front() {
                            room.send(next);
                        }
                        self.hand_over();
                    }
                    Err(_) => break,
                },
                () = news.closed() => break,
            }
        }
        self.feed(Input::Stop);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Feed(input) => self.feed(input),
            Command::Ask { method, answer } => {
                self.asked += 1;
                let id = RequestId(self.asked);
                self.answers.insert(id, answer);
                self.feed(Input::Ask { id, method });
            }
        }
    }

    fn feed(&mut self, input: Input) {
        self.session.handle(input, self.now());
        while let Some(output) = self.session.poll_output() {
            self.perform(output);
        }
        self.hand_over();
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Open { link, transport, encoding } => {
                let opening = Opening {
                    link,
                    transport,
                    encoding,
                    address: self.address.clone(),
                    origin: self.origin.clone(),
                    reports: self.reports.clone(),
                };
                self.links.insert(link, opening.start());
            }
            Output::Send { link, frame } => {
                if let Some(link) = self.links.get(&link) {
                    link.send(frame);
                }
            }
            Output::Close { link, code } => {
                if let Some(link) = self.links.remove(&link) {
                    link.close(code);
                }
            }
            Output::Deliver(delivery) => self.backlog.push_back(News::Delivery(delivery)),
            Output::Note(note) => {
                tracing::debug!(?note, "connection");
                self.backlog.push_back(News::Note(note));
            }
            Output::Answer { id, outcome } => {
                if let Some(answer) = self.answers.remove(&id) {
                    // Whoever asked may have stopped waiting.
                    let _ = answer.send(outcome);
                }
            }
            Output::StatusChanged => {
                self.status.send_replace(self.session.status().clone());
            }
        }
    }

    /// Gives the application what it has room for.
    fn hand_over(&mut self) {
        while let Some(next) = self.backlog.pop_front() {
            if let Err(unsent) = self.news.try_send(next) {
                self.backlog.push_front(unsent.into_inner());
                return;
            }
        }
    }

    fn now(&self) -> Now {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Now { moment: Moment::after_start(self.started.elapsed()), unix: UnixMillis(unix_ms) }
    }
}

async fn sleep_until(started: Instant, deadline: Option<Moment>) {
    match deadline {
        // Rounded up: tokio's timer ticks in milliseconds, and one that fires early is a spin.
        Some(deadline) => {
            let wait = deadline.since(Moment::START) + Duration::from_millis(1);
            tokio::time::sleep_until((started + wait).into()).await;
        }
        None => std::future::pending().await,
    }
}
