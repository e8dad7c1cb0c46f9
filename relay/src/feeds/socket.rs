//! A WebSocket to a venue: turns what happens on it into the collector's inputs.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use tidemark_shared::session::LinkId;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use super::collector::Input;
use super::venue::Fault;

/// Frames of market data are a few hundred bytes. The default of 128 KiB is memory for nothing.
const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Requests of a hundred instruments take 8 KB.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;

/// Largest message taken: far above anything that is subscribed to, far below what hurts.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// Frames that may wait for sending. Pacing happens before; more only wait when the network is
/// stuck, and then the silence ends the connection.
const OUTBOUND_MAX: usize = 64;

/// A connection that is being opened, or stands. It ends when this is dropped.
pub(super) struct Socket {
    outbound: mpsc::Sender<String>,
    task: AbortHandle,
}

impl Socket {
    /// Opens a connection; everything that happens on it goes to `inputs`.
    pub(super) fn open(link: LinkId, url: String, inputs: mpsc::Sender<Input>) -> Self {
        let (outbound, texts) = mpsc::channel(OUTBOUND_MAX);
        let task = tokio::spawn(async move {
            let (fault, reason) = run(link, &url, texts, &inputs).await;
            // A collector that is gone has no use for the news.
            let _ = inputs.send(Input::Lost { link, fault, reason }).await;
        });
        Socket { outbound, task: task.abort_handle() }
    }

    /// Sends a text frame. One that finds the network stuck is dropped with the connection.
    pub(super) fn send(&self, text: String) {
        if self.outbound.try_send(text).is_err() {
            tracing::debug!("a frame to a venue found no place");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Lives as long as the connection; answers why it ended.
async fn run(
    link: LinkId,
    url: &str,
    mut texts: mpsc::Receiver<String>,
    inputs: &mpsc::Sender<Input>,
) -> (Fault, String) {
    let connected = match tls() {
        Ok(tls) => connect_async_tls_with_config(url, Some(limits()), true, Some(tls)).await,
        Err(error) => return passing(error.to_string()),
    };
    let (mut socket, _) = match connected {
        Ok(connected) => connected,
        Err(error) => return refusal(&error),
    };
    let mut input = Some(Input::Opened(link));
    loop {
        if let Some(input) = input.take()
            && inputs.send(input).await.is_err()
        {
            return passing("nobody listens");
        }
        tokio::select! {
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    input = Some(Input::Text { link, text: text.as_str().to_owned() });
                }
                Some(Ok(Message::Binary(bytes))) => {
                    input = Some(Input::Binary { link, length_bytes: bytes.len() });
                }
                // tungstenite answers pings by itself, with the next read.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => input = Some(Input::Ping(link)),
                Some(Ok(Message::Close(frame))) => {
                    let said = frame.map_or_else(String::new, |f| format!(": {} {}", f.code, f.reason));
                    return passing(format!("the venue closed the connection{said}"));
                }
                Some(Ok(Message::Frame(_))) => {} // never given out by a reader
                Some(Err(error)) => return passing(error.to_string()),
                None => return passing("the venue closed the connection"),
            },
            text = texts.recv() => match text {
                Some(text) => {
                    if let Err(error) = socket.send(Message::Text(Utf8Bytes::from(text))).await {
                        return passing(error.to_string());
                    }
                }
                None => return passing("closed by us"),
            },
        }
    }
}

/// Names the cryptography: what rustls would choose by itself depends on what other crates of the
/// program ask of it, and where that is nothing or two things, it panics.
fn tls() -> Result<Connector, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Connector::Rustls(Arc::new(config)))
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0) // each request goes out at once
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

fn passing(reason: impl Into<String>) -> (Fault, String) {
    (Fault::Passing, reason.into())
}

/// A venue that answers "not you" or "not here" will do so again.
fn refusal(error: &tungstenite::Error) -> (Fault, String) {
    const LASTING: [StatusCode; 4] = [
        StatusCode::UNAUTHORIZED,
        StatusCode::NOT_FOUND,
        StatusCode::GONE,
        StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
    ];
    match error {
        tungstenite::Error::Http(response) if LASTING.contains(&response.status()) => {
            (Fault::Lasting, format!("the venue answered {}", response.status()))
        }
        tungstenite::Error::Http(response) => {
            (Fault::Passing, format!("the venue answered {}", response.status()))
        }
        tungstenite::Error::Url(_) => (Fault::Lasting, error.to_string()),
        _ => (Fault::Passing, error.to_string()),
    }
}
