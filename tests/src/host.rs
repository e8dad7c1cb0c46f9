//! A web server for static files that is not ours: what the page gets from a host that knows
//! nothing of it, before, during and after the operator puts a new version there.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longest request that is read: browsers' are shorter.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// The page below a folder of a host. It ends when it is dropped.
#[derive(Debug)]
pub struct Host {
    files: TempDir,
    folder: String,
    address: SocketAddr,
    failing: Arc<Mutex<HashSet<String>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Host {
    /// Puts the built page into a folder of a new host.
    ///
    /// # Errors
    /// When there is no built page or no free port.
    pub async fn start(folder: &str) -> io::Result<Host> {
        let files = tempfile::Builder::new().prefix("tidemark-host-").tempdir()?;
        copy(&built_page(), &files.path().join(folder))?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (folder, failing) = (folder.to_owned(), Arc::default());
        let mut host = Host { files, folder, address, failing, accepting: None };
        host.start_again().await?;
        Ok(host)
    }

    /// Goes away, as a host does whose cable is pulled.
    pub fn stop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }

    /// Comes back where it was.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_again(&mut self) -> io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.address = listener.local_addr()?;
        let (root, failing) = (self.files.path().to_owned(), Arc::clone(&self.failing));
        self.accepting = Some(tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (root, failing) = (root.clone(), Arc::clone(&failing));
                tokio::spawn(async move { serve(socket, &root, &failing).await });
            }
        }));
        Ok(())
    }

    /// Its origin, as browsers spell it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the page is.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/{}/", self.origin(), self.folder)
    }

    /// From now on these files of the page are answered with an error of the server; none: all is
    /// well again.
    pub fn fail(&self, names: &[&str]) {
        let failing = names.iter().map(|name| format!("/{}/{name}", self.folder)).collect();
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = failing;
    }

    /// A file of the page.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, name: &str) -> io::Result<String> {
        std::fs::read_to_string(self.path(name))
    }

    /// Changes a file of the page, or adds one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &str) -> io::Result<()> {
        std::fs::write(self.path(name), content)
    }

    /// Puts a new version of the page there: another index, and a service worker that knows it. The
    /// version's name is in the page's `<meta name="version">`.
    ///
    /// # Errors
    /// When the page is not as the build makes it.
    pub fn deploy(&self, version: &str, edit: impl Fn(String) -> String) -> io::Result<()> {
        let before = self.read("index.html")?;
        let mark = format!("<head><meta name=\"version\" content=\"{version}\" />");
        let after = edit(before.replacen("<head>", &mark, 1));
        let worker = self.read("sw.js")?;
        let (old, new) = (integrity(&before), integrity(&after));
        if !worker.contains(&old) {
            return Err(io::Error::other("the service worker does not know the index"));
        }
        let version = format!("const VERSION = \"{version}-");
        let worker = worker.replace(&old, &new).replace("const VERSION = \"", &version);
        self.write("sw.js", &worker)?;
        self.write("index.html", &after)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(&self.folder).join(name)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A content's hash, as browsers want it.
fn integrity(content: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(content)))
}

fn built_page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => _ = std::fs::copy(entry.path(), to)?,
        }
    }
    Ok(())
}

async fn serve(mut socket: TcpStream, root: &Path, failing: &Mutex<HashSet<String>>) {
    let Some(path) = asked(&mut socket).await else { return };
    let is_failing = failing.lock().unwrap_or_else(PoisonError::into_inner).contains(&path);
    let file = match path.strip_suffix('/') {
        Some(folder) => format!("{folder}/index.html"),
        None => path,
    };
    let content = std::fs::read(root.join(file.trim_start_matches('/')));
    let (status, content) = match content {
        _ if is_failing => ("500 Internal Server Error", Vec::new()),
        Ok(content) => ("200 OK", content),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    // Without a word about caching, as hosts do: browsers then guess from the file's age.
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content_type(&file),
        content.len()
    );
    // Who went away does not want it any more.
    let _ = socket.write_all(head.as_bytes()).await;
    let _ = socket.write_all(&content).await;
}

/// The path that is asked for, without its query.
async fn asked(socket: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST_BYTES_MAX {
        if socket.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let request = String::from_utf8(request).ok()?;
    let target = request.split(' ').nth(1)?;
    Some(target.split('?').next().unwrap_or_default().to_owned())
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
