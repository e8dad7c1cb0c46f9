//! A server that is not ours: what it says does not matter, only that it arrives.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it answers to every request.
pub(crate) const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// Answers every request, for ever.
pub(crate) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while let Ok(length @ 1..) = socket.read(&mut buffer).await {
                    let is_end = buffer[..length].ends_with(b"\r\n\r\n");
                    if is_end && socket.write_all(ANSWER).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Asks for a path.
pub(crate) async fn ask(socket: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
}

/// Asks for a path, and reads one answer of the known length.
pub(crate) async fn ask_and_read(socket: &mut TcpStream, path: &str) -> Vec<u8> {
    ask(socket, path).await;
    let mut answer = vec![0; ANSWER.len()];
    socket.read_exact(&mut answer).await.unwrap();
    answer
}
