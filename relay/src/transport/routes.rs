//! The doors: WebSocket, Server-Sent Events with POST, and long polling.
//!
//! Each checks the page's origin, then hands over to the hub. What is said is the same behind all
//! of them; PROTOCOL.md describes it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use http_body_util::StreamBody as HttpStreamBody;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tidemark_shared::protocol::{CloseCode, Encoding, ErrorCode, FRAME_BYTES_MAX, WireError};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::origin::{OriginPolicy, Verdict};
use crate::auth::{Gate, TICKET_LASTS};
use crate::clock::unix_now;
use crate::hub::{Adopted, Hub, Newcomer, PollError, SendError, SessionId};
use crate::serve::{Caller, RefusalBody};

/// A poll hangs at most so long: proxies end what is silent for 30 s.
const POLL_HANGS: Duration = Duration::from_secs(25);

/// Names the session of an event stream or of polls.
const SESSION: &str = "tidemark-session";

/// What the doors need.
#[derive(Clone, Debug)]
pub struct Doors {
    /// Where they lead.
    pub hub: Arc<Hub>,
    /// Which pages may come in by them.
    pub origins: Arc<OriginPolicy>,
    /// Who may.
    pub gate: Arc<Gate>,
}

/// The routes below `/v1`.
pub fn routes(doors: Doors) -> Router {
    let checked = middleware::from_fn_with_state(Arc::clone(&doors.origins), check_origin);
    Router::new()
        .route("/v1/ws", get(websocket))
        .route("/v1/stream", post(open_stream))
        .route("/v1/poll", post(poll))
        .route("/v1/send", post(send))
        .route("/v1/ticket", post(ticket))
        .layer(DefaultBodyLimit::max(FRAME_BYTES_MAX))
        .layer(checked)
        .with_state(doors)
}

/// A refusal as the body of an answer.
fn refused(status: StatusCode, code: CloseCode, error: &WireError) -> Response {
    let mut response = (status, axum::Json(RefusalBody::new(code, error))).into_response();
    if let Some(wait_ms) = error.retry_after_ms {
        let wait_s = HeaderValue::from(wait_ms.div_ceil(1_000).max(1));
        response.headers_mut().insert(header::RETRY_AFTER, wait_s);
    }
    response
}

/// One that has nothing to do with limits.
fn refusal(status: StatusCode, code: u16, message: &str) -> Response {
    let body = serde_json::json!({ "code": code, "message": message });
    (status, axum::Json(body)).into_response()
}

async fn check_origin(
    State(origins): State<Arc<OriginPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    let verdict = origins.judge(request.headers());
    let mut response = match &verdict {
        Verdict::Refused => {
            let message = "this page may not use this relay: its origin is not in allowed_origins";
            refusal(StatusCode::FORBIDDEN, CloseCode::Forbidden.number(), message)
        }
        Verdict::Listed(_) if request.method() == Method::OPTIONS => preflight(),
        Verdict::Own | Verdict::Listed(_) => next.run(request).await,
    };
    if let Verdict::Listed(origin) = verdict
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(SESSION);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, tidemark-session, authorization"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The upgrade is hyper's, the framing after it is ours: the bare socket goes to a shard.
async fn websocket(State(doors): State<Doors>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let newcomer = match newcomer(&doors, &parts).await {
        Ok(newcomer) => newcomer,
        Err(error) => return not_let_in(&error),
    };
    let mut request = Request::from_parts(parts, body);
    let headers = request.headers();
    let asks = |name: header::HeaderName, value: &str| {
        let given = headers.get(name).and_then(|given| given.to_str().ok()).unwrap_or("");
        given.split(',').any(|item| item.trim().eq_ignore_ascii_case(value))
    };
    let is_upgrade = asks(header::CONNECTION, "upgrade") && asks(header::UPGRADE, "websocket");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(|key| key.as_bytes().to_vec());
    let (Some(key), true) = (key, is_upgrade && asks(header::SEC_WEBSOCKET_VERSION, "13")) else {
        let message = "this address speaks WebSocket, version 13";
        let mut response =
            refusal(StatusCode::UPGRADE_REQUIRED, CloseCode::ProtocolError.number(), message);
        let version = HeaderValue::from_static("13");
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, version);
        return response;
    };
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let offered: Vec<&str> = offered
        .filter_map(|offers| offers.to_str().ok())
        .flat_map(|offers| offers.split(',').map(str::trim))
        .collect();
    let chosen = offered.iter().copied().find_map(Encoding::of_subprotocol);
    if chosen.is_none() && !offered.is_empty() {
        let message = "none of the offered subprotocols is spoken here";
        return refusal(StatusCode::BAD_REQUEST, CloseCode::UnsupportedVersion.number(), message);
    }
    let encoding = chosen.unwrap_or(Encoding::Json);
    let kept = request.extensions().get::<Caller>().map(Caller::keep_socket).transpose();
    let ended = match kept {
        Ok(ended) => ended.flatten(),
        Err(error) => return not_let_in(&error),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let Some((socket, seal, read_ahead)) = bare(upgraded) else { return };
        let adopted = Adopted { socket, seal, read_ahead, encoding, newcomer, ended };
        // When the hub has ended the socket is dropped, which closes it.
        let _ = doors.hub.adopt(adopted).await;
    });
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(&key)) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(encoding) = chosen {
        let name = HeaderValue::from_static(encoding.subprotocol());
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    response
}

/// The socket below an upgraded connection, its TLS session if it has one, and what was read too much.
type Bare = (std::net::TcpStream, Option<Box<rustls::ServerConnection>>, Bytes);

fn bare(upgraded: Upgraded) -> Option<Bare> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => Some((parts.io.into_inner().into_std().ok()?, None, parts.read_buf)),
        // This server accepts nothing else.
        Err(upgraded) => {
            let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().ok()?;
            let (socket, session) = parts.io.into_inner().into_inner();
            Some((socket.into_std().ok()?, Some(Box::new(session)), parts.read_buf))
        }
    }
}

async fn open_stream(State(doors): State<Doors>, head: Parts, first: Frame) -> Response {
    let first = match first {
        Ok(first) => first,
        Err(rejection) => return not_whole(&rejection),
    };
    let newcomer = match newcomer(&doors, &head).await {
        Ok(newcomer) => newcomer,
        Err(error) => return not_let_in(&error),
    };
    let caller = head.extensions.get::<Caller>();
    let place = match caller.map(Caller::place_of_stream).transpose() {
        Ok(place) => place.flatten(),
        Err(error) => return not_let_in(&error),
    };
    let opened = doors.hub.open_stream(first, newcomer).await;
    let Ok((session, body)) = opened else { return stopping() };
    // The place is kept as long as somebody takes what comes.
    let frames = stream::unfold((body, place), async |(mut body, place)| {
        let bytes = body.next().await?;
        Some((Ok::<_, Infallible>(hyper::body::Frame::data(bytes)), (body, place)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Asks nginx and its kind to pass every event on at once.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let body = Body::new(HttpStreamBody::new(Box::pin(frames)));
    with_session((headers, body).into_response(), &session)
}

async fn poll(State(doors): State<Doors>, head: Parts, frame: Frame) -> Response {
    let frame = match frame {
        Ok(frame) => frame,
        Err(rejection) => return not_whole(&rejection),
    };
    let (session, answer) = match session_of(&head.headers) {
        Some(session) => {
            if !frame.is_empty()
                && let Err(error) = doors.hub.send(&session, frame).await
            {
                return send_failed(error);
            }
            let answer = doors.hub.poll(&session, POLL_HANGS).await;
            (session, answer)
        }
        None => match open_poll(&doors, &head, frame).await {
            Ok(opened) => opened,
            Err(response) => return response,
        },
    };
    match answer {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, "application/x-ndjson"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            with_session((headers, body).into_response(), &session)
        }
        Err(error) => {
            let status = match error {
                PollError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
                PollError::Superseded => StatusCode::CONFLICT,
                PollError::UnknownSession | PollError::Closed { .. } => StatusCode::GONE,
            };
            refusal(status, error.code(), &error.to_string())
        }
    }
}

/// A session of polls takes a place of its own: its socket may serve others in between.
async fn open_poll(
    doors: &Doors,
    head: &Parts,
    first: Bytes,
) -> Result<(SessionId, Result<Bytes, PollError>), Response> {
    let newcomer = newcomer(doors, head).await.map_err(|error| not_let_in(&error))?;
    let caller = head.extensions.get::<Caller>();
    let place = caller.map(Caller::place_of_session).transpose();
    let place = place.map_err(|error| not_let_in(&error))?;
    doors.hub.open_poll(first, newcomer, place, POLL_HANGS).await.map_err(|_| stopping())
}

async fn send(State(doors): State<Doors>, headers: HeaderMap, frame: Frame) -> Response {
    let frame = match frame {
        Ok(frame) => frame,
        Err(rejection) => return not_whole(&rejection),
    };
    let Some(session) = session_of(&headers) else {
        return send_failed(SendError::UnknownSession);
    };
    match doors.hub.send(&session, frame).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => send_failed(error),
    }
}

/// Something that lets in once, for a client that can put it only into an address.
async fn ticket(State(doors): State<Doors>, head: Parts) -> Response {
    let mut bits = [0; 16];
    if let Err(error) = getrandom::fill(&mut bits) {
        tracing::error!(%error, "no randomness for a ticket");
        let message = "the relay cannot make tickets at the moment; come back";
        return refused_in_full(&WireError::new(ErrorCode::Unavailable, message));
    }
    match doors.gate.ticket(&head, u128::from_ne_bytes(bits), unix_now()).await {
        Ok(ticket) => {
            let expires_in_ms = u64::try_from(TICKET_LASTS.as_millis()).unwrap_or(u64::MAX);
            let body = serde_json::json!({ "ticket": ticket, "expires_in_ms": expires_in_ms });
            ([(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
        }
        Err(error) => refused_in_full(&error),
    }
}

/// A refusal with all that is known of it, for what opens no connection.
fn refused_in_full(error: &WireError) -> Response {
    let status = match error.code {
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::LimitExceeded | ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::FORBIDDEN,
    };
    (status, axum::Json(error)).into_response()
}

/// What a request says of who opens a connection by it.
async fn newcomer(doors: &Doors, head: &Parts) -> Result<Newcomer, WireError> {
    let presented = doors.gate.presented(head, unix_now()).await?;
    Ok(Newcomer { presented, address: head.extensions.get().map(Caller::address) })
}

fn not_let_in(error: &WireError) -> Response {
    let (status, code) = match error.code {
        ErrorCode::Unauthorized => (StatusCode::UNAUTHORIZED, CloseCode::Unauthorized),
        ErrorCode::Unavailable | ErrorCode::LimitExceeded | ErrorCode::RateLimited => {
            (StatusCode::SERVICE_UNAVAILABLE, CloseCode::Overloaded)
        }
        _ => (StatusCode::FORBIDDEN, CloseCode::Forbidden),
    };
    refused(status, code, error)
}

/// The body of a request, if it could be read.
type Frame = Result<Bytes, BytesRejection>;

fn not_whole(rejection: &BytesRejection) -> Response {
    match rejection.status() {
        status @ StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("a frame has at most {FRAME_BYTES_MAX} bytes; nothing was done");
            let error = WireError::new(ErrorCode::LimitExceeded, message)
                .of_limit("frame_bytes_max", FRAME_BYTES_MAX as u64);
            refused(status, CloseCode::TooLarge, &error)
        }
        _ => {
            let message = "the request's body broke off or took too long; nothing was done";
            refusal(StatusCode::REQUEST_TIMEOUT, CloseCode::Silent.number(), message)
        }
    }
}

fn session_of(headers: &HeaderMap) -> Option<SessionId> {
    headers.get(SESSION)?.to_str().ok()?.parse().ok()
}

fn with_session(mut response: Response, session: &SessionId) -> Response {
    if let Ok(session) = HeaderValue::from_str(session.as_str()) {
        response.headers_mut().insert(SESSION, session);
    }
    response
}

fn send_failed(error: SendError) -> Response {
    match error {
        SendError::Stopped => stopping(),
        SendError::UnknownSession => {
            refusal(StatusCode::GONE, CloseCode::UnknownSession.number(), &error.to_string())
        }
    }
}

fn stopping() -> Response {
    let message = "the relay is stopping: come back in a moment";
    refusal(StatusCode::SERVICE_UNAVAILABLE, CloseCode::GoingAway.number(), message)
}
