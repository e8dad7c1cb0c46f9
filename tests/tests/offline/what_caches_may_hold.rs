//! "Our CDN holds everything for a day."

use tidemark_tests::relay::Relay;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn the_worker_is_never_held_the_page_is_asked_about_and_named_files_are_for_ever() {
    let relay = Relay::start().await.unwrap();
    let index = answer(&relay, "/").await;
    assert!(index.contains("cache-control: no-cache"), "{index}");
    let worker = answer(&relay, "/sw.js").await;
    assert!(worker.contains("cache-control: no-store"), "{worker}");
    assert!(worker.contains("content-type: text/javascript"), "{worker}");
    assert!(worker.contains("worker-src 'self'") && worker.contains("manifest-src 'self'"));
    let manifest = answer(&relay, "/manifest.webmanifest").await;
    assert!(manifest.contains("content-type: application/manifest+json"), "{manifest}");

    // All that the worker keeps is there, under the names that it knows.
    let files = worker.split_once("const FILES = ").unwrap().1.split_once(";\n").unwrap().0;
    let files: Vec<[String; 2]> = serde_json::from_str(files).unwrap();
    assert!(files.len() >= 6, "{files:?}");
    for [path, integrity] in files {
        let head = answer(&relay, &format!("/{}", path.trim_start_matches("./"))).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        assert!(integrity.starts_with("sha256-") && integrity.len() == 51, "{integrity}");
        let is_for_ever = head.contains("immutable");
        assert_eq!(is_for_ever, path.contains('-'), "{path}: {head}");
    }
}

#[tokio::test]
async fn the_icons_of_the_manifest_are_there_in_the_sizes_that_it_says() {
    let relay = Relay::start().await.unwrap();
    let manifest = answer(&relay, "/manifest.webmanifest").await;
    let (_, manifest) = manifest.split_once("\r\n\r\n").unwrap();
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    let mut pictures = 0;
    for icon in manifest["icons"].as_array().unwrap() {
        let (path, sizes) = (icon["src"].as_str().unwrap(), icon["sizes"].as_str().unwrap());
        let answer = bytes(&relay, &format!("/{path}")).await;
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
        if !path.ends_with(".png") {
            continue;
        }
        // A PNG's width and height stand at bytes 16 and 20.
        let start = answer.windows(8).position(|eight| eight == b"\x89PNG\r\n\x1a\n").unwrap();
        let number =
            |at: usize| u32::from_be_bytes(answer[start + at..start + at + 4].try_into().unwrap());
        assert_eq!(format!("{}x{}", number(16), number(20)), sizes, "{path}");
        pictures += 1;
    }
    assert_eq!(pictures, 4);
}

async fn answer(relay: &Relay, path: &str) -> String {
    String::from_utf8_lossy(&bytes(relay, path).await).into_owned()
}

async fn bytes(relay: &Relay, path: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(relay.address()).await.unwrap();
    let address = relay.address();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    answer
}
