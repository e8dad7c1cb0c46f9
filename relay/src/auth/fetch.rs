//! Fetches a JSON Web Key Set. The only place where the relay asks the web for something by itself.
//!
//! The address is the operator's, so it may be anywhere, also in a private network. Nothing that
//! comes from outside has a say in it: no redirect is followed, and no token names one.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::issuer::KEYS_BYTES_MAX;

/// All of a fetch, from the name's lookup to the last byte.
const FETCH_WITHIN: Duration = Duration::from_secs(5);

/// Largest head of an answer.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Longest address.
const URL_BYTES_MAX: usize = 2_048;

/// Where a set of keys is. Printed, it does not show what follows on the path.
#[derive(Clone, PartialEq, Eq)]
pub struct JwksUrl {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

/// A text that is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no address with https, or with http to this machine")]
pub struct InvalidUrl;

/// A set of keys as it came.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) json: Bytes,
    /// So long it is said to be fresh.
    pub(super) fresh_for: Option<Duration>,
}

/// Why there is none.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    #[error("it took longer than {} s", FETCH_WITHIN.as_secs())]
    TooSlow,
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("http is for this machine only, and its name leads elsewhere")]
    NotLoopback,
    #[error("cannot speak TLS: {0}")]
    Tls(rustls::Error),
    #[error("the exchange failed: {0}")]
    Http(hyper::Error),
    #[error("the answer was {0}, not 200; redirects are not followed")]
    Status(StatusCode),
    #[error("the answer has more than {KEYS_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the answer broke off")]
    Body,
}

/// Fetches a set.
pub(super) async fn fetch(url: &JwksUrl) -> Result<Fetched, FetchError> {
    tokio::time::timeout(FETCH_WITHIN, fetch_at_leisure(url))
        .await
        .unwrap_or(Err(FetchError::TooSlow))
}

async fn fetch_at_leisure(url: &JwksUrl) -> Result<Fetched, FetchError> {
    let connected = TcpStream::connect((url.host.as_str(), url.port)).await;
    let stream = connected.map_err(FetchError::Connect)?;
    if !url.is_tls {
        let peer = stream.peer_addr().map_err(FetchError::Connect)?;
        return match peer.ip().is_loopback() {
            true => exchange(url, stream).await,
            false => Err(FetchError::NotLoopback),
        };
    }
    let name = ServerName::try_from(url.host.clone());
    let name = name.map_err(|_| FetchError::Tls(rustls::Error::UnsupportedNameType))?;
    let connector = TlsConnector::from(tls().map_err(FetchError::Tls)?);
    let stream = connector.connect(name, stream).await.map_err(FetchError::Connect)?;
    exchange(url, stream).await
}

async fn exchange<S>(url: &JwksUrl, stream: S) -> Result<Fetched, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(FetchError::Http)?;
    let asked = async move {
        let path = url.uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = url.uri.authority().map_or("", |authority| authority.as_str());
        let request = Request::get(path)
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("tidemark-relay/", env!("CARGO_PKG_VERSION")))
            .body(Empty::<Bytes>::new())
            // Both were parts of an address that could be read.
            .expect("an address makes a request");
        let response = sender.send_request(request).await.map_err(FetchError::Http)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let fresh_for = max_age(response.headers());
        let body = Limited::new(response.into_body(), KEYS_BYTES_MAX).collect().await;
        let json = body.map_err(|error| match error.is::<LengthLimitError>() {
            true => FetchError::TooLarge,
            false => FetchError::Body,
        })?;
        Ok(Fetched { json: json.to_bytes(), fresh_for })
    };
    // The connection ends when who asked is done with it; what it ends with is not news then.
    let (fetched, _) = tokio::join!(asked, connection);
    fetched
}

/// Names the cryptography, as the feeds' connections do: rustls would otherwise look for one that
/// somebody has installed.
fn tls() -> Result<Arc<rustls::ClientConfig>, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(header::CACHE_CONTROL)?.to_str().ok()?;
    let mut words = said.split(',').map(str::trim);
    let seconds = words.find_map(|word| word.strip_prefix("max-age="))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

impl FromStr for JwksUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        if text.len() > URL_BYTES_MAX || text.contains('#') {
            return Err(InvalidUrl);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl)?;
        let authority = uri.authority().ok_or(InvalidUrl)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(InvalidUrl);
        }
        let is_here = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let (is_tls, usual_port) = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => (true, 443),
            Some(scheme) if *scheme == Scheme::HTTP && is_here => (false, 80),
            _ => return Err(InvalidUrl),
        };
        let port = uri.port_u16().unwrap_or(usual_port);
        Ok(JwksUrl { host, port, is_tls, uri })
    }
}

impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}{}", self.uri.path())
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            "https://login.example/.well-known/jwks.json",
            "https://10.0.0.7:8443/keys?x=1",
            "http://127.0.0.1:9/keys",
            "http://[::1]:9/",
            "http://localhost/keys",
        ] {
            assert!(good.parse::<JwksUrl>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/keys",
            "login.example",
            "http://login.example/keys",
            "http://10.0.0.7/keys",
            "http://localhost.evil.example/keys",
            "file:///etc/passwd",
            "ftp://login.example/keys",
            "https://user:password@login.example/keys",
            "https://login.example/keys#x",
            "https:///keys",
        ] {
            assert!(bad.parse::<JwksUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_follows_on_the_path_is_not_printed() {
        let url: JwksUrl = "https://login.example/keys?api_key=s3s3".parse().unwrap();
        assert_eq!(format!("{url} {url:?}").matches("s3s3").count(), 0);
    }

    #[test]
    fn how_long_keys_are_fresh_is_read_where_it_is_said() {
        let read = |said: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, said.parse().unwrap());
            max_age(&headers)
        };
        assert_eq!(read("public, max-age=120, must-revalidate"), Some(Duration::from_secs(120)));
        for unsaid in ["no-store", "max-age=", "max-age=-5", "max-age=soon"] {
            assert_eq!(read(unsaid), None, "{unsaid}");
        }
    }
}
