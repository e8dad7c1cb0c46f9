//! Somebody who serves keys, well or badly.

use std::sync::{Arc, Mutex};

use rustls_pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use super::stranger::PATIENCE;

/// What it answers.
#[derive(Clone)]
pub(crate) enum Serves {
    Keys(Vec<Value>),
    /// These lines of a head, and this body.
    Answer(String, String),
    /// A body without an end.
    Endless,
    /// Nothing, ever.
    Silence,
    /// It hangs up.
    Nothing,
}

pub(crate) struct KeyServer {
    pub(crate) url: String,
    serves: Arc<Mutex<Serves>>,
    asked: watch::Receiver<u64>,
}

impl KeyServer {
    pub(crate) async fn start(serves: Serves) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys?secret=do-not-log-this", listener.local_addr().unwrap());
        super::log_trap::LogTrap::everywhere().keep_secret("do-not-log-this");
        let serves = Arc::new(Mutex::new(serves));
        let (count, asked) = watch::channel(0);
        let answers = Arc::clone(&serves);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.lock().unwrap().clone();
                count.send_modify(|count| *count += 1);
                tokio::spawn(answer_one(stream, answer));
            }
        });
        KeyServer { url, serves, asked }
    }

    pub(crate) fn now_serves(&self, serves: Serves) {
        *self.serves.lock().unwrap() = serves;
    }

    pub(crate) fn times_asked(&self) -> u64 {
        *self.asked.borrow()
    }

    pub(crate) async fn until_asked(&mut self, times: u64) {
        let asked = self.asked.wait_for(|count| *count >= times);
        tokio::time::timeout(PATIENCE, asked).await.expect("nobody asked").unwrap();
    }
}

/// One that speaks TLS, with a certificate that it has made itself. What came of each handshake is
/// told.
pub(crate) async fn start_with_its_own_certificate(
    keys: Vec<Value>,
) -> (String, mpsc::UnboundedReceiver<Result<(), ()>>) {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let made = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = made.self_signed(&pair).unwrap().der().clone();
    let key = PrivateKeyDer::Pkcs8(pair.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/keys", listener.local_addr().unwrap().port());
    let (shaken, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            match acceptor.accept(stream).await {
                Ok(stream) => {
                    let _ = shaken.send(Ok(()));
                    tokio::spawn(answer_one(stream, Serves::Keys(keys.clone())));
                }
                Err(_) => {
                    let _ = shaken.send(Err(()));
                }
            }
        }
    });
    (url, told)
}

async fn answer_one<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, serves: Serves) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let (head, body) = match serves {
        Serves::Nothing => return,
        Serves::Silence => {
            // Until the other side has enough of it.
            let _ = stream.read_u8().await;
            return;
        }
        Serves::Keys(keys) => ("HTTP/1.1 200 OK".to_owned(), json!({ "keys": keys }).to_string()),
        Serves::Answer(head, body) => (head, body),
        Serves::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"keys\":[\"").await;
            while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
            return;
        }
    };
    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(answer.as_bytes()).await;
}
