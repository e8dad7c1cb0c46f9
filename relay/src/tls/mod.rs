//! TLS, where the relay speaks it itself: the handshake, the certificate, and its renewal while the
//! relay runs. rustls does the cryptography, by ring.
//!
//! What must never be here: anything that knows what is said inside. A WebSocket's session goes to
//! its shard (`hub/runtime/sealed.rs`), everything else stays with hyper.

mod certificate;
mod renewal;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub use self::certificate::CertificateError;
pub use self::renewal::{Look, Renewal};

/// A handshake is done within this time, from the first byte to the last: it takes two round trips,
/// and whoever needs longer holds a place that others could have.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);

/// Of what somebody says who speaks plain HTTP here, so much is read before the socket is closed: a
/// socket that is closed over unread bytes takes the answer with it. A browser's request has one KiB.
const PLAIN_BYTES_MAX: u64 = 16 * 1024;

/// What a request in plain HTTP is told. It is not sent on to the right address: what it had with it
/// has been read by others already, and it should be noticed.
const SPEAK_TLS: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n\
    content-length: 56\r\n\r\nThis address speaks TLS: write https:// in front of it.\n";

/// Makes TLS of accepted sockets.
#[derive(Clone)]
pub struct TlsDoor {
    acceptor: TlsAcceptor,
}

/// Why a socket got no further than the handshake.
#[derive(Debug, Error)]
pub(crate) enum NotOpened {
    #[error("no handshake within {} s", HANDSHAKE_WITHIN.as_secs())]
    TooSlow,
    #[error("it speaks plain HTTP")]
    PlainHttp,
    #[error(transparent)]
    Failed(#[from] std::io::Error),
}

impl TlsDoor {
    /// A door that shows the certificate which `certificates` holds at the moment.
    fn new(
        certificates: Arc<dyn rustls::server::ResolvesServerCert>,
    ) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(certificates);
        // The relay speaks nothing else; a client that offers only others is told at once.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsDoor { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Does the handshake.
    pub(crate) async fn open(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<TlsStream<TcpStream>> {
        let opened = timeout(HANDSHAKE_WITHIN, self.shake_hands(stream)).await;
        match opened.unwrap_or(Err(NotOpened::TooSlow)) {
            Ok(stream) => Some(stream),
            Err(error) => {
                tracing::debug!(%peer, %error, "a TLS connection was not made");
                None
            }
        }
    }

    async fn shake_hands(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, NotOpened> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        // A method's name. A TLS record begins with its kind, a small number.
        if first.iter().all(u8::is_ascii_uppercase) {
            answer_plain(stream).await?;
            return Err(NotOpened::PlainHttp);
        }
        Ok(self.acceptor.accept(stream).await?)
    }
}

impl fmt::Debug for TlsDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsDoor").finish_non_exhaustive()
    }
}

async fn answer_plain(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(SPEAK_TLS.as_bytes()).await?;
    stream.shutdown().await?;
    let mut said = stream.take(PLAIN_BYTES_MAX);
    tokio::io::copy(&mut said, &mut tokio::io::sink()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_plain_http_is_as_long_as_it_says() {
        let (head, body) = SPEAK_TLS.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
    }
}
