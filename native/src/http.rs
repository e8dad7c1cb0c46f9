//! One HTTP exchange at a time with the relay.

use ::http::header::{CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tidemark_shared::protocol::FRAME_BYTES_MAX;
use tokio::net::TcpStream;

use crate::address::RelayAddress;
use crate::link::End;

/// The header that names the session where the transport is not one connection.
pub(crate) const SESSION: &str = "tidemark-session";

/// Longest refusal that is read, in bytes: a sentence, not somebody's error page.
const REFUSAL_BYTES_MAX: usize = 8 * 1024;

/// Posts to one relay, over a connection that is kept while the relay keeps it.
#[derive(Debug)]
pub(crate) struct Poster {
    address: RelayAddress,
    host: HeaderValue,
    origin: Option<HeaderValue>,
    kept: Option<http1::SendRequest<Full<Bytes>>>,
}

impl Poster {
    pub(crate) fn new(address: RelayAddress, origin: Option<&str>) -> Result<Self, End> {
        let host = HeaderValue::try_from(address.authority());
        let host = host.map_err(|error| End::failed(&error))?;
        Ok(Poster { address, host, origin: origin_value(origin)?, kept: None })
    }

    /// Posts a frame. Anything but success is the end of the link.
    pub(crate) async fn post(
        &mut self,
        path: &'static str,
        session: Option<&HeaderValue>,
        frame: Vec<u8>,
    ) -> Result<Response<Incoming>, End> {
        let mut request = Request::post(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(Full::new(Bytes::from(frame)))
            .map_err(|error| End::failed(&error))?;
        let headers = request.headers_mut();
        headers.extend(self.origin.clone().map(|origin| (ORIGIN, origin)));
        if let Some(session) = session {
            headers.insert(SESSION, session.clone());
        }
        let sender = self.sender().await?;
        let sent = sender.send_request(request).await;
        let response = sent.map_err(|error| End::failed(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = Limited::new(response.into_body(), REFUSAL_BYTES_MAX).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        Err(refusal(status, &body))
    }

    async fn sender(&mut self) -> Result<&mut http1::SendRequest<Full<Bytes>>, End> {
        let is_usable = match &mut self.kept {
            Some(kept) => kept.ready().await.is_ok(),
            None => false,
        };
        if !is_usable {
            self.kept = None;
        }
        match &mut self.kept {
            Some(kept) => Ok(kept),
            none => {
                let socket = TokioIo::new(dial(&self.address).await?);
                let shaken = http1::handshake(socket).await;
                let (sender, connection) = shaken.map_err(|error| End::failed(&error))?;
                // It ends by itself once the sender and the response are dropped; its error is
                // the sender's, too.
                tokio::spawn(async move { drop(connection.await) });
                Ok(none.insert(sender))
            }
        }
    }
}

/// A TCP connection to the relay.
pub(crate) async fn dial(address: &RelayAddress) -> Result<TcpStream, End> {
    let socket = TcpStream::connect(address.host_and_port()).await;
    let socket = socket.map_err(|error| End::failed(&error))?;
    // Requests are small and waited for.
    socket.set_nodelay(true).map_err(|error| End::failed(&error))?;
    Ok(socket)
}

/// The header `Origin`.
pub(crate) fn origin_value(origin: Option<&str>) -> Result<Option<HeaderValue>, End> {
    let value = origin.map(HeaderValue::from_str).transpose();
    value.map_err(|error| End::failed(&error))
}

/// The session that a response names.
pub(crate) fn session_of(response: &Response<Incoming>) -> Result<HeaderValue, End> {
    let session = response.headers().get(SESSION).cloned();
    session.ok_or_else(|| End::Failed { reason: format!("no header {SESSION} in the answer") })
}

/// The whole of a response's body, which is a frame.
pub(crate) async fn frame_of(response: Response<Incoming>) -> Result<Vec<u8>, End> {
    let body = Limited::new(response.into_body(), FRAME_BYTES_MAX).collect().await;
    match body {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) => Err(End::failed(error.as_ref())),
    }
}

/// What a refusal says. Only a relay's has a body of its own making; anything else is a proxy's,
/// and no different from a broken network.
pub(crate) fn refusal(status: StatusCode, body: &[u8]) -> End {
    match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => End::Closed { code: refusal.code, reason: refusal.message },
        Err(_) => End::Failed { reason: format!("HTTP {status}") },
    }
}

#[derive(Deserialize)]
struct Refusal {
    /// A close code's number.
    code: u16,
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relays_refusal_and_a_proxys_are_told_apart() {
        let relay = refusal(StatusCode::GONE, br#"{"code":4005,"message":"say hello again"}"#);
        assert!(matches!(relay, End::Closed { code: 4005, .. }));
        for proxy in [&b"<html>Bad Gateway</html>"[..], b"", br#"{"code":"x"}"#] {
            assert!(matches!(refusal(StatusCode::BAD_GATEWAY, proxy), End::Failed { .. }));
        }
    }
}
