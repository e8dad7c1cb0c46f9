//! The transport WebSocket: `GET /v1/ws`.

use ::http::header::{HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tidemark_shared::protocol::{Encoding, FRAME_BYTES_MAX};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::address::RelayAddress;
use crate::http;
use crate::link::{End, GOODBYE, Reporter, Wire};

/// Read at once. The default of 128 KiB for each connection makes a load generator with a
/// thousand of them a memory benchmark.
const READ_BYTES: usize = 4 * 1024;

/// Unsent bytes past which the connection counts as broken: the largest frame, four times.
const UNSENT_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// The close code that stands for a connection that ended without one.
const ABNORMAL: u16 = 1006;

/// Normal closure.
const NORMAL: u16 = 1000;

type Socket = WebSocketStream<TcpStream>;

pub(crate) async fn run(wire: Wire) {
    let Wire { address, origin, encoding, mut frames, mut goodbye, reports } = wire;
    let opened = tokio::select! {
        opened = open(&address, origin.as_deref(), encoding) => opened,
        _ = &mut goodbye => return,
    };
    let mut socket = match opened {
        Ok(socket) => socket,
        Err(end) => return reports.end(end).await,
    };
    tokio::select! {
        end = exchange(&mut socket, encoding, &mut frames, &reports) => reports.end(end).await,
        code = goodbye => {
            let code = CloseCode::from(code.unwrap_or(NORMAL));
            let frame = CloseFrame { code, reason: Utf8Bytes::default() };
            // Politeness only: who does not hear it will notice the silence.
            let _ = timeout(GOODBYE, socket.close(Some(frame))).await;
        }
    }
}

async fn exchange(
    socket: &mut Socket,
    encoding: Encoding,
    frames: &mut mpsc::Receiver<Vec<u8>>,
    reports: &Reporter,
) -> End {
    reports.opened().await;
    loop {
        tokio::select! {
            received = socket.next() => match received {
                Some(Ok(Message::Binary(bytes))) => reports.frame(bytes.into()).await,
                Some(Ok(Message::Text(text))) => reports.frame(Bytes::from(text).into()).await,
                Some(Ok(Message::Close(frame))) => return end_of(frame),
                // Pings are answered by the library while it reads.
                Some(Ok(_)) => {}
                Some(Err(error)) => return End::failed(&error),
                None => return end_of(None),
            },
            Some(frame) = frames.recv() => {
                if let Err(error) = socket.send(message(encoding, frame)).await {
                    return End::failed(&error);
                }
            }
        }
    }
}

async fn open(
    address: &RelayAddress,
    origin: Option<&str>,
    encoding: Encoding,
) -> Result<Socket, End> {
    let url = format!("ws://{}/v1/ws", address.authority());
    let mut request = url.into_client_request().map_err(|error| End::failed(&error))?;
    let subprotocol = HeaderValue::from_static(encoding.subprotocol());
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
    if let Some(origin) = http::origin_value(origin)? {
        request.headers_mut().insert(ORIGIN, origin);
    }
    let socket = http::dial(address).await?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(UNSENT_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let opened = tokio_tungstenite::client_async_with_config(request, socket, Some(config)).await;
    match opened {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let body = response.body().as_deref().unwrap_or_default();
            Err(http::refusal(response.status(), body))
        }
        Err(error) => Err(End::failed(&error)),
    }
}

/// JSON goes as text, so that it can be read in a browser's network panel.
fn message(encoding: Encoding, frame: Vec<u8>) -> Message {
    match encoding {
        Encoding::Binary => Message::Binary(frame.into()),
        Encoding::Json => match String::from_utf8(frame) {
            Ok(text) => Message::Text(text.into()),
            Err(not_text) => Message::Binary(not_text.into_bytes().into()),
        },
    }
}

fn end_of(frame: Option<CloseFrame>) -> End {
    match frame {
        Some(frame) => {
            End::Closed { code: frame.code.into(), reason: frame.reason.as_str().to_owned() }
        }
        None => End::Closed { code: ABNORMAL, reason: String::new() },
    }
}
