//! A firewall that blocks some addresses, also on a connection that was in use before.

use tidemark_tests::proxy::Proxy;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::origin;

#[tokio::test]
async fn a_blocked_path_is_answered_403_and_others_pass() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(origin::ask_and_read(&mut socket, "/page").await, origin::ANSWER);

    proxy.block(&["/v1/ws"]);
    assert_eq!(origin::ask_and_read(&mut socket, "/v1/poll").await, origin::ANSWER);
    origin::ask(&mut socket, "/v1/ws").await;
    let mut refusal = String::new();
    socket.read_to_string(&mut refusal).await.unwrap();
    assert!(refusal.starts_with("HTTP/1.1 403 "), "{refusal}");
    assert_eq!((proxy.passed("/v1/ws"), proxy.blocked("/v1/ws")), (0, 1));

    proxy.block(&[]);
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(origin::ask_and_read(&mut socket, "/v1/ws").await, origin::ANSWER);
    assert_eq!(proxy.passed("/v1/"), 2);
}
