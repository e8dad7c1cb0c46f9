//! The relay's own accounts, as browsers and attackers meet them: real relays, real sockets, bytes
//! of our own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod a_banned_sign_in;
mod a_closed_account;
mod a_flood_of_sign_ins;
mod a_new_password;
mod a_wrong_password;
mod an_admin_by_token;
mod evil_pages;
mod forged_requests;
mod locked_out;
mod nothing_secret_is_logged;
mod odd_inputs;
mod other_modes;
mod roles_change;
mod signing_out;
mod the_cookie;
mod the_first_admin;
mod the_last_admin;
mod the_relay_restarts;
mod two_at_once;
mod who_may_look;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidemark_relay::config::{Cli, load};
use tidemark_relay::run::{Running, start};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Longest wait of a test for something that is to happen. Only a broken relay makes it wait.
const PATIENCE: Duration = Duration::from_secs(60);

const ROOT: &str = "the root of all evil";
const ISSUERS: &str = r#"[[auth.issuers]]
issuer = "https://login.example/"
audience = "tidemark"
algorithms = ["HS256"]
secret = "a secret that is long enough for HS256"
tenant = "acme"
"#;

const ALICE: &str = "down the rabbit hole";

/// A relay with accounts, in this process, in a folder of its own.
struct House {
    running: Option<Running>,
    settings: Vec<String>,
    folder: TempDir,
}

impl House {
    /// A relay that was just installed.
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec!["auth.mode=accounts".to_owned(), "shards=2".to_owned()];
        all.extend(settings.iter().map(|setting| (*setting).to_owned()));
        let mut house = House { running: None, settings: all, folder };
        house.start().await;
        house
    }

    /// A relay with the admin root and the user alice, and root's page.
    async fn lived_in(settings: &[&str]) -> (Self, Page) {
        let house = Self::with(settings).await;
        let mut root = house.page();
        let asked = json!({ "link": house.link(), "user": "root", "password": ROOT });
        assert_eq!(root.post("/api/first-admin", &asked).await.status, 200);
        let asked = json!({ "user": "alice", "password": ALICE });
        assert_eq!(root.post("/api/admin/users", &asked).await.status, 201);
        (house, root)
    }

    async fn start(&mut self) {
        let data_dir = self.data_dir();
        // Whose tokens count, too.
        let issuers = self.folder.path().join("issuers.toml");
        std::fs::write(&issuers, ISSUERS).unwrap();
        let cli = Cli {
            config: Some(issuers),
            listen: Some("127.0.0.1:0".to_owned()),
            data_dir: Some(data_dir.to_str().unwrap().to_owned()),
            set: self.settings.clone(),
            ..Cli::default()
        };
        let mut config = load(&cli).unwrap();
        // No prices: they take their time, and nobody asks for them here.
        config.feeds.clear();
        self.running = Some(start(config).await.unwrap());
    }

    async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    fn data_dir(&self) -> PathBuf {
        Path::new(self.folder.path()).join("data")
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn address(&self) -> SocketAddr {
        self.running().address()
    }

    /// The secret of the link for the first admin.
    fn link(&self) -> String {
        secret_of(self.running().first_admin_link().unwrap())
    }

    /// A browser that has never been here.
    fn page(&self) -> Page {
        let address = self.address();
        let (cookie, csrf, token) = (None, None, None);
        Page { address, origin: Some(format!("http://{address}")), cookie, csrf, token }
    }

    async fn signed_in(&self, user: &str, password: &str) -> Page {
        let mut page = self.page();
        let answer = page.sign_in(user, password).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        page
    }
}

fn secret_of(link: &str) -> String {
    link.rsplit_once("/#first-admin=").unwrap().1.to_owned()
}

/// A page in a browser: keeps its cookie, and what proves that it can read the relay's answers.
#[derive(Clone, Debug)]
struct Page {
    address: SocketAddr,
    origin: Option<String>,
    cookie: Option<String>,
    csrf: Option<String>,
    /// In the place of a cookie, where it is a program.
    token: Option<String>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Page {
    async fn sign_in(&mut self, user: &str, password: &str) -> Answer {
        self.post("/api/sign-in", &json!({ "user": user, "password": password })).await
    }

    /// Who the relay says that this is.
    async fn who(&mut self) -> Value {
        self.get("/api/session").await.body["user"].clone()
    }

    async fn get(&mut self, path: &str) -> Answer {
        let mut request = format!("GET {path} HTTP/1.1\r\n");
        for (name, value) in [("cookie", &self.cookie), ("authorization", &self.bearer())] {
            request.extend(value.iter().map(|value| format!("{name}: {value}\r\n")));
        }
        self.ask(&request, "").await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.post_text(path, "content-type: application/json\r\n", &body.to_string()).await
    }

    async fn post_text(&mut self, path: &str, headers: &str, body: &str) -> Answer {
        let mut request = format!("POST {path} HTTP/1.1\r\n{headers}");
        let own = [
            ("origin", &self.origin),
            ("cookie", &self.cookie),
            ("x-tidemark-csrf", &self.csrf),
            ("authorization", &self.bearer()),
        ];
        for (name, value) in own {
            request.extend(value.iter().map(|value| format!("{name}: {value}\r\n")));
        }
        self.ask(&request, body).await
    }

    fn bearer(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("Bearer {token}"))
    }

    /// One exchange. `request` is its head without the empty line.
    async fn ask(&mut self, request: &str, body: &str) -> Answer {
        let address = self.address;
        let host = if request.contains("\r\nhost:") {
            String::new()
        } else {
            format!("host: {address}\r\n")
        };
        let text = format!(
            "{request}{host}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A relay that has heard enough may answer and close before all is written.
        let _ = stream.write_all(text.as_bytes()).await;
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        let _ = read.expect("the relay answers");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let answer = Answer {
            status,
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        };
        if let Some(given) = answer.set_cookie() {
            let cookie = given.split(';').next().unwrap();
            self.cookie = (!cookie.ends_with('=')).then(|| cookie.to_owned());
        }
        if let Some(csrf) = answer.body["csrf"].as_str() {
            self.csrf = Some(csrf.to_owned());
        }
        answer
    }

    /// Opens a connection and says hello.
    async fn connect(&self) -> Connection {
        let mut request = format!("ws://{}/v1/ws", self.address).into_client_request().unwrap();
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        if let Some(bearer) = self.bearer() {
            request.headers_mut().insert("authorization", bearer.parse().unwrap());
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let mut connection = Connection(socket);
        let hello = json!({ "type": "hello", "protocol": 1 }).to_string();
        connection.0.send(Message::text(hello)).await.unwrap();
        connection
    }
}

impl Answer {
    fn set_cookie(&self) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix("set-cookie: "))
    }

    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or("")
    }
}

struct Connection(WebSocketStream<TcpStream>);

impl Connection {
    /// Who the relay says hello to.
    async fn welcomed(&mut self) -> String {
        loop {
            let said = self.next().await.expect("closed before the welcome");
            if let Message::Text(text) = said
                && let Some(welcome) = text.lines().find(|line| line.contains("\"welcome\""))
            {
                let welcome: Value = serde_json::from_str(welcome).unwrap();
                return welcome["user"].as_str().unwrap().to_owned();
            }
        }
    }

    /// Waits until the relay closes it, and says with which code.
    async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await.expect("it ended without a word") {
                Message::Close(Some(frame)) => return frame.code.into(),
                _ => continue,
            }
        }
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("the relay says something").and_then(Result::ok)
    }
}
