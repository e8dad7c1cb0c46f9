//! The page's files, embedded when the relay was built.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::Relay;
use crate::config::ServiceWorker;

/// One file of the page.
#[derive(Debug)]
struct Asset {
    path: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Says what is missing, where the relay was built without a page.
const NO_PAGE: &str = "This relay was built without its page. \
    `cargo xtask build` builds both; the relay's API is here all the same.\n";

/// What the page may load and run: its own files and nothing else. WebAssembly needs its own word.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; \
    manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The page's files differ from build to build: their content names them.
static ETAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let etag = |asset: &Asset| {
        let mut hasher = DefaultHasher::new();
        asset.bytes.hash(&mut hasher);
        format!("\"{:016x}\"", hasher.finish())
    };
    ASSETS.iter().map(etag).collect()
});

/// What the browser asks for when it looks for a newer page.
const WORKER: &str = "/sw.js";

/// The worker that takes itself and all that was kept away.
const WORKER_OFF: &str = "/sw-off.js";

pub(super) async fn serve(
    State(relay): State<Arc<Relay>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = meant(uri.path(), relay.service_worker);
    let found = ASSETS.iter().zip(ETAGS.iter()).find(|(asset, _)| asset.path == path);
    let mut response = match found {
        Some((asset, etag)) => answer(asset, etag, &headers),
        None if ASSETS.is_empty() && path == "/index.html" => NO_PAGE.into_response(),
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    };
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn answer(asset: &Asset, etag: &str, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let common = [(header::ETAG, etag), (header::CACHE_CONTROL, caching(asset.path))];
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag)) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, content_type(asset.path))];
    let vary = [(header::VARY, "accept-encoding")];
    match asset.brotli.filter(|_| accepts_brotli(headers)) {
        Some(brotli) => {
            let encoding = [(header::CONTENT_ENCODING, "br")];
            (common, content_type, vary, encoding, brotli).into_response()
        }
        None => (common, content_type, vary, asset.bytes).into_response(),
    }
}

/// The file that an address means.
fn meant(path: &str, service_worker: ServiceWorker) -> &str {
    match (path, service_worker) {
        ("/", _) => "/index.html",
        (WORKER, ServiceWorker::Off) => WORKER_OFF,
        (path, _) => path,
    }
}

/// How long caches may hold a file.
fn caching(path: &str) -> &'static str {
    match path {
        // A cache on the way that held it would hold back updates, and the way out of a bad one.
        WORKER | WORKER_OFF => "no-store",
        path if is_named_by_content(path) => "public, max-age=31536000, immutable",
        _ => "no-cache",
    }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or("").split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "br" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Whether a file's name has a hash of its content in it (`tidemark-1a2b3c4d.wasm`): such a file
/// never changes.
fn is_named_by_content(path: &str) -> bool {
    let stem = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let stem = stem.split_once('.').map_or(stem, |(stem, _)| stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_named_by_their_content_are_kept_for_ever() {
        assert!(caching("/tidemark-1a2b3c4d.wasm").contains("immutable"));
        for changing in ["/index.html", "/tidemark.json", "/icon-touch-180.png", "/icon-192.png"] {
            assert_eq!(caching(changing), "no-cache", "{changing}");
        }
        for worker in ["/sw.js", "/sw-off.js"] {
            assert_eq!(caching(worker), "no-store", "{worker}");
        }
    }

    #[test]
    fn an_operator_who_turns_the_worker_off_sends_its_way_out() {
        assert_eq!(meant("/sw.js", ServiceWorker::Off), "/sw-off.js");
        assert_eq!(meant("/sw.js", ServiceWorker::On), "/sw.js");
        for worker in [ServiceWorker::On, ServiceWorker::Off] {
            assert_eq!(meant("/", worker), "/index.html");
            assert_eq!(meant("/start-1a2b3c4d.js", worker), "/start-1a2b3c4d.js");
        }
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts_brotli(&headers)
        };
        assert!(accepts("gzip, deflate, br, zstd") && accepts("br;q=0.5"));
        assert!(!accepts("gzip") && !accepts("br;q=0") && !accepts("brotli"));
    }
}
