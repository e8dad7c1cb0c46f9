//! The handle that an application holds, and the news that it reads.

use thiserror::Error;
use tidemark_shared::protocol::{Method, Pattern, Position, Reply};
use tidemark_shared::session::{AskFailed, Delivery, Input, Note, Settings, Status};
use tokio::sync::{mpsc, oneshot, watch};

use crate::address::{InvalidAddress, RelayAddress};
use crate::driver::{Command, Driver};

/// Wishes on their way to the task. It takes them in microseconds; more than these in one turn
/// wait for it.
const COMMANDS_MAX: usize = 256;

/// News that the application has not read yet. Past it the sockets are not read any more, and the
/// relay keeps what is missing: a slow application costs a cursor there, and no memory here.
const NEWS_MAX: usize = 1_024;

/// A connection to a relay that keeps itself alive. Cheap to clone; when the last handle is
/// dropped, or the [`NewsReader`] is, the connection is closed.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
}

/// What can be set beside the machine's settings.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The machine's settings.
    pub settings: Settings,
    /// The header `Origin`, for relays that admit certain pages only.
    pub origin: Option<String>,
    /// Decides the jitter of the backoff; absent for a random one.
    pub seed: Option<u64>,
}

/// Something for the application.
#[expect(clippy::large_enum_variant, reason = "nearly all are deliveries: a box would only cost")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Something of a topic.
    Delivery(Delivery),
    /// Something for a log of connection events.
    Note(Note),
}

/// Where the application reads the news, in order.
#[derive(Debug)]
pub struct NewsReader {
    news: mpsc::Receiver<News>,
}

/// The connection's task has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the client was closed")]
pub struct Gone;

impl Client {
    /// Starts connecting. It is never too early to subscribe or to ask.
    ///
    /// # Errors
    /// When the address is none. That nobody listens there is no error: it is tried again.
    pub fn connect(
        address: &str,
        settings: Settings,
    ) -> Result<(Client, NewsReader), InvalidAddress> {
        let options = Options { settings, ..Options::default() };
        Ok(Client::connect_to(address.parse()?, options))
    }

    /// The same, with everything that can be set. Must be called within a tokio runtime.
    #[must_use]
    pub fn connect_to(address: RelayAddress, options: Options) -> (Client, NewsReader) {
        let (commands, received) = mpsc::channel(COMMANDS_MAX);
        let (news, reader) = mpsc::channel(NEWS_MAX);
        let (shown, status) = watch::channel(Status::default());
        let driver = Driver::new(address, options, news, shown);
        tokio::spawn(driver.run(received));
        (Client { commands, status }, NewsReader { news: reader })
    }

    /// Asks for a topic, or all of a class.
    ///
    /// # Errors
    /// When the client is closed.
    pub async fn subscribe(&self, topic: impl Into<Pattern>) -> Result<(), Gone> {
        let topic = topic.into();
        self.feed(Input::Subscribe { topic, resume: None, rate_per_s_max: None }).await
    }

    /// Asks for a topic from where the application stands.
    ///
    /// # Errors
    /// When the client is closed.
    pub async fn resume(&self, topic: impl Into<Pattern>, position: Position) -> Result<(), Gone> {
        let (topic, resume) = (topic.into(), Some(position));
        self.feed(Input::Subscribe { topic, resume, rate_per_s_max: None }).await
    }

    /// Gives a topic back.
    ///
    /// # Errors
    /// When the client is closed.
    pub async fn unsubscribe(&self, topic: impl Into<Pattern>) -> Result<(), Gone> {
        self.feed(Input::Unsubscribe { topic: topic.into() }).await
    }

    /// Asks something, and waits for the one answer.
    ///
    /// # Errors
    /// When the relay refuses, no answer comes in time, or the client is closed.
    pub async fn ask(&self, method: Method) -> Result<Reply, AskFailed> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Ask { method, answer };
        self.commands.send(command).await.map_err(|_| AskFailed::Stopped)?;
        answered.await.unwrap_or(Err(AskFailed::Stopped))
    }

    /// Tells the machine anything else that it understands: the user's wishes, and what the
    /// platform knows of network and sleep.
    ///
    /// # Errors
    /// When the client is closed.
    pub async fn feed(&self, input: Input) -> Result<(), Gone> {
        self.commands.send(Command::Feed(input)).await.map_err(|_| Gone)
    }

    /// All that a screen shows of the connection, as it changes. Its counters are as of the last
    /// change of anything else.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

impl NewsReader {
    /// The next news; nothing when the client is closed.
    pub async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }
}
