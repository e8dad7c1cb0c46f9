//! A venue on a loopback WebSocket: accepts subscriptions and plays a script, connection by
//! connection.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// What the venue does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends a frame.
    Send(Message),
    /// Says nothing for a while.
    Pause(Duration),
    /// Cuts the connection, without a word of the protocol.
    Cut,
    /// Turns the next connection away with this HTTP status.
    TurnAway(u16),
}

/// A running venue. It goes on where it stopped when the client comes back.
pub(crate) struct MockVenue {
    /// Where it listens.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl MockVenue {
    /// Starts a venue that answers each request with `answer` and plays `script`.
    pub(crate) async fn start(
        answer: fn(&str) -> String,
        script: impl IntoIterator<Item = Step>,
    ) -> MockVenue {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("a bound address");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let mut script: VecDeque<Step> = script.into_iter().collect();
        let heard = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if let Some(Step::TurnAway(status)) = script.front() {
                    let refusal = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
                    script.pop_front();
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(refusal.as_bytes()).await;
                    continue;
                }
                if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                    // A client that goes away is followed by the next one.
                    let _ = serve(socket, answer, &heard, &mut script).await;
                }
            }
        });
        MockVenue { url: format!("ws://{address}/stream"), requests }
    }

    /// Everything that clients asked for so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test thread panicked with it").clone()
    }
}

type Failed = tokio_tungstenite::tungstenite::Error;

async fn serve(
    mut socket: WebSocketStream<TcpStream>,
    answer: fn(&str) -> String,
    heard: &Mutex<Vec<String>>,
    script: &mut VecDeque<Step>,
) -> Result<(), Failed> {
    // Like real venues, nothing is said before something is asked for.
    let mut subscribed = false;
    loop {
        let next = if subscribed { script.front().cloned() } else { None };
        match next {
            Some(Step::Send(message)) => socket.send(message).await?,
            Some(Step::Pause(pause)) => tokio::time::sleep(pause).await,
            Some(Step::Cut) => {
                script.pop_front();
                return cut(socket).await;
            }
            Some(Step::TurnAway(_)) | None => {
                let Some(frame) = socket.next().await else { return Ok(()) };
                if let Message::Text(request) = frame? {
                    heard
                        .lock()
                        .expect("no test thread panicked with it")
                        .push(request.to_string());
                    socket.send(Message::text(answer(&request))).await?;
                    subscribed = true;
                }
                continue;
            }
        }
        script.pop_front();
    }
}

/// Ends the stream so that all that was sent still arrives.
async fn cut(mut socket: WebSocketStream<TcpStream>) -> Result<(), Failed> {
    socket.flush().await?;
    let stream = socket.get_mut();
    stream.shutdown().await?;
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}
