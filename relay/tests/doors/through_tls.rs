//! The same doors, behind TLS.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tidemark_relay::clock::unix_now;
use tidemark_relay::config;
use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::publication::Publication;
use tidemark_relay::serve::ServeLimits;
use tidemark_relay::tls::{CertificateError, Look, Renewal};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::protocol::{Metadata, Payload, Priority};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::publishing::publish_by;
use super::{HELLO, House, Stranger, TEXT, frame};

const TLS13: &SupportedProtocolVersion = &rustls::version::TLS13;
const TLS12: &SupportedProtocolVersion = &rustls::version::TLS12;

/// A certificate and its key, as PEM.
struct Made {
    certificate: String,
    key: String,
}

fn make() -> Made {
    make_with(|_| {})
}

fn make_with(change: impl FnOnce(&mut CertificateParams)) -> Made {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Made { certificate: certificate.pem(), key: key.serialize_pem() }
}

impl Made {
    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }

    fn lie_in(&self, files: &config::Tls) {
        std::fs::write(&files.certificate, &self.certificate).unwrap();
        std::fs::write(&files.key, &self.key).unwrap();
    }
}

/// A relay behind TLS, and the files that its certificate is read from.
struct SealedHouse {
    house: House,
    files: config::Tls,
    renewal: Renewal,
    first: Made,
    _folder: TempDir,
}

fn files_in(folder: &Path) -> config::Tls {
    let (certificate, key) = (folder.join("relay.pem"), folder.join("relay.key"));
    config::Tls { certificate, key, hsts: Duration::ZERO }
}

impl SealedHouse {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (files, first) = (files_in(folder.path()), make());
        first.lie_in(&files);
        let (door, renewal) = Renewal::begin(files.clone(), unix_now()).unwrap();
        let rules = ConnectionRules::default();
        let house = House::open_behind(Some(door), rules, ServeLimits::default()).await;
        SealedHouse { house, files, renewal, first, _folder: folder }
    }

    async fn tls(
        &self,
        trusted: &Made,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(self.house.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    async fn connect(&self) -> Stranger {
        self.stranger(self.tls(&self.first, &[TLS13, TLS12], &[]).await.unwrap())
    }

    fn stranger(&self, stream: TlsStream<TcpStream>) -> Stranger {
        Stranger::over(Box::new(stream), self.house.address)
    }

    async fn publish(&self, topic: &str) {
        publish_by(self.connect().await, topic).await;
    }

    /// Numbers a few thousand bytes straight into the hub.
    async fn publish_much(&self, topic: &str) {
        let text = format!("\"{}\"", "x".repeat(8_000));
        let publication = Publication {
            topic: topic.parse().unwrap(),
            at: unix_now(),
            source: "test".to_owned(),
            priority: Priority::default(),
            meta: Metadata::default(),
            payload: Payload::from_json("test".to_owned(), &text).unwrap(),
        };
        self.house.hub.publisher().publish(vec![publication]).await.unwrap();
    }

    async fn blocked(&self) -> u64 {
        let reports = self.house.hub.report().await.unwrap();
        reports.iter().map(|report| report.blocked).sum()
    }
}

async fn websocket(mut stranger: Stranger) -> Stranger {
    stranger.upgrade("").await;
    let head = stranger.head().await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stranger.say(&frame(TEXT, HELLO.as_bytes())).await;
    stranger.until(b"\"subscribed\"").await;
    stranger
}

#[tokio::test]
async fn all_three_transports_speak_through_it() {
    let sealed = SealedHouse::open().await;
    let mut websocket = websocket(sealed.connect().await).await;
    let mut stream = sealed.connect().await;
    let length = HELLO.len();
    let request =
        format!("POST /v1/stream HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{HELLO}");
    stream.say(request.as_bytes()).await;
    stream.until(b"\"subscribed\"").await;
    let (head, body) = sealed.connect().await.exchange("POST /v1/poll HTTP/1.1", HELLO).await;
    assert!(body.contains("\"subscribed\""), "{body}");
    assert!(head.contains("strict-transport-security: max-age=60\r\n"), "{head}");
    let session = head.lines().find(|line| line.starts_with("tidemark-session: ")).unwrap();
    sealed.publish("price:A").await;
    websocket.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
    stream.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
    let poll = format!("POST /v1/poll HTTP/1.1\r\n{session}");
    let (_, body) = sealed.connect().await.exchange(&poll, "").await;
    assert!(body.contains("\"kind\":\"test\",\"data\":{\"n\":1}"), "{body}");
}

#[tokio::test]
async fn what_comes_together_with_the_request_is_not_lost() {
    let sealed = SealedHouse::open().await;
    for versions in [[TLS13], [TLS12]] {
        let tls = sealed.tls(&sealed.first, &versions, &["http/1.1"]).await.unwrap();
        let mut stranger = sealed.stranger(tls);
        let request = "GET /v1/ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\n\
            upgrade: websocket\r\nsec-websocket-version: 13\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let together = [request.as_bytes(), &frame(TEXT, HELLO.as_bytes())].concat();
        stranger.say(&together).await;
        stranger.until(b"\"subscribed\"").await;
    }
}

#[tokio::test]
async fn a_slow_reader_costs_a_cursor_and_gets_the_newest() {
    let sealed = SealedHouse::open().await;
    let mut slow = websocket(sealed.connect().await).await;
    let mut quick = websocket(sealed.connect().await).await;
    // Everybody is full for a moment when it begins: only who stays it is slow.
    let mut looks = 0;
    while looks < 5 {
        sealed.publish_much("price:A").await;
        quick.until(b"\"test\"").await;
        quick.read.clear();
        looks = if sealed.blocked().await > 0 { looks + 1 } else { 0 };
    }
    for _ in 0..100 {
        sealed.publish_much("price:A").await;
    }
    sealed.publish("price:A").await;
    // First what was on its way, whole, then over what was missed to the newest.
    slow.until(b"\"type\":\"skipped\"").await;
    for reader in [&mut slow, &mut quick] {
        reader.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
    }
    assert_eq!(sealed.blocked().await, 0);
    // It is as good a reader as any other again.
    slow.read.clear();
    sealed.publish("price:A").await;
    slow.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
}

#[tokio::test]
async fn the_end_is_said() {
    let sealed = SealedHouse::open().await;
    let tls = sealed.tls(&sealed.first, &[TLS13], &[]).await.unwrap();
    let mut websocket = websocket(sealed.stranger(tls)).await;
    sealed.house.close_doors();
    sealed.house.hub.drain(Duration::from_secs(1), None).await.unwrap();
    let mut last = Vec::new();
    // Without the end of TLS (close_notify) this fails: it could have been cut by anybody.
    websocket.stream.read_to_end(&mut last).await.unwrap();
    let said = String::from_utf8_lossy(&last).into_owned();
    assert!(said.contains("\"type\":\"closing\",\"code\":4000"), "{said}");
}

#[tokio::test]
async fn garbage_under_tls_ends_that_connection_alone() {
    let sealed = SealedHouse::open().await;
    let mut healthy = websocket(sealed.connect().await).await;
    let tls = sealed.tls(&sealed.first, &[TLS13], &[]).await.unwrap();
    let mut broken = websocket(sealed.stranger(tls)).await;
    broken.say(&frame(TEXT, &[0xff; 40])).await;
    assert_eq!(broken.close_code().await, 4500);
    let tls = sealed.tls(&sealed.first, &[TLS13], &[]).await.unwrap();
    let (mut bare, _) = tls.into_inner();
    // A record that was encrypted with no key of ours.
    let mut record = vec![0x17, 3, 3, 0, 40];
    record.extend([7; 40]);
    bare.write_all(&record).await.unwrap();
    let mut rest = Vec::new();
    let _ = bare.read_to_end(&mut rest).await;
    sealed.publish("price:A").await;
    healthy.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
}

#[tokio::test]
async fn a_handshake_that_is_never_finished_is_cut() {
    let sealed = SealedHouse::open().await;
    let beginnings: [&[u8]; 3] = [b"", &[0x16, 3, 1, 2, 0, 1, 0], b"GET / HTTP/1.1\r\n"];
    for beginning in beginnings {
        let mut stranger = sealed.house.connect().await;
        stranger.say(beginning).await;
        stranger.rest().await;
    }
}

#[tokio::test]
async fn plain_http_is_told_where_it_is() {
    let sealed = SealedHouse::open().await;
    let (head, body) = sealed.house.exchange("GET / HTTP/1.1", "").await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(!head.contains("location"), "{head}");
    assert_eq!(body, "This address speaks TLS: write https:// in front of it.\n");
}

#[tokio::test]
async fn who_speaks_only_something_else_is_refused() {
    let sealed = SealedHouse::open().await;
    assert!(sealed.tls(&sealed.first, &[TLS13], &["h2"]).await.is_err());
    let tls = sealed.tls(&sealed.first, &[TLS13], &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
}

#[tokio::test]
async fn a_new_certificate_is_shown_while_connections_go_on() {
    let mut sealed = SealedHouse::open().await;
    let mut before = websocket(sealed.connect().await).await;
    assert!(matches!(sealed.renewal.look(unix_now()), Look::Unchanged));
    let second = make();
    second.lie_in(&sealed.files);
    assert!(matches!(sealed.renewal.look(unix_now()), Look::Renewed));
    assert!(matches!(sealed.renewal.look(unix_now()), Look::Unchanged));
    assert!(sealed.tls(&sealed.first, &[TLS13], &[]).await.is_err());
    let tls = sealed.tls(&second, &[TLS13], &[]).await.unwrap();
    let mut after = websocket(sealed.stranger(tls)).await;
    let tls = sealed.tls(&second, &[TLS13], &[]).await.unwrap();
    publish_by(sealed.stranger(tls), "price:A").await;
    for reader in [&mut before, &mut after] {
        reader.until(b"\"kind\":\"test\",\"data\":{\"n\":1}").await;
    }
}

#[tokio::test]
async fn a_broken_renewal_keeps_the_old_certificate() {
    let mut sealed = SealedHouse::open().await;
    let second = make();
    let half = &second.certificate[..second.certificate.len() / 2];
    for (certificate, key) in [
        (half, second.key.as_str()),
        ("", second.key.as_str()),
        (second.certificate.as_str(), sealed.first.key.as_str()),
        (second.certificate.as_str(), "rubbish"),
    ] {
        std::fs::write(&sealed.files.certificate, certificate).unwrap();
        std::fs::write(&sealed.files.key, key).unwrap();
        let look = sealed.renewal.look(unix_now());
        assert!(matches!(look, Look::Kept(_)), "{look:?}");
        websocket(sealed.connect().await).await;
    }
    std::fs::remove_file(&sealed.files.key).unwrap();
    assert!(matches!(sealed.renewal.look(unix_now()), Look::Kept(_)));
    websocket(sealed.connect().await).await;
    second.lie_in(&sealed.files);
    assert!(matches!(sealed.renewal.look(unix_now()), Look::Renewed));
}

/// What the relay says when it is to start with these files.
fn begun_with(certificate: &str, key: &str, now: UnixMillis) -> CertificateError {
    let folder = tempfile::tempdir().unwrap();
    let files = files_in(folder.path());
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
    Renewal::begin(files, now).err().unwrap()
}

#[test]
fn a_pair_that_cannot_be_used_is_refused_at_the_start() {
    let (made, other, now) = (make(), make(), unix_now());
    let folder = tempfile::tempdir().unwrap();
    let missing = Renewal::begin(files_in(folder.path()), now).err().unwrap();
    assert!(matches!(missing, CertificateError::Unreadable { .. }), "{missing}");
    let error = begun_with("", &made.key, now);
    assert!(matches!(error, CertificateError::NoCertificate { .. }), "{error}");
    let error = begun_with(&made.certificate, "", now);
    assert!(matches!(error, CertificateError::NotPem { .. }), "{error}");
    let error = begun_with(&made.certificate, &other.key, now);
    assert!(matches!(error, CertificateError::Mismatch { .. }), "{error}");
    let long_ago = make_with(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let error = begun_with(&long_ago.certificate, &long_ago.key, now);
    assert!(matches!(error, CertificateError::Expired { days: 365.., .. }), "{error}");
    let not_yet = make_with(|params| params.not_before = rcgen::date_time_ymd(4000, 1, 1));
    let error = begun_with(&not_yet.certificate, &not_yet.key, now);
    assert!(matches!(error, CertificateError::NotYetValid { .. }), "{error}");
    // None of it says more than one line, and none of it says the key.
    assert!(!error.to_string().contains('\n'));
}
