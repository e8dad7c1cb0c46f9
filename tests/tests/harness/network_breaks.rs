//! Connections that are refused, cut, half-closed or stalled.

use std::io::ErrorKind;

use tidemark_tests::proxy::{Door, Fault, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::origin;

#[tokio::test]
async fn a_cut_connection_is_reset_and_a_new_one_works() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    origin::ask_and_read(&mut socket, "/").await;
    proxy.cut();
    let error = socket.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(origin::ask_and_read(&mut socket, "/").await, origin::ANSWER);
}

#[tokio::test]
async fn a_closed_door_resets_whoever_knocks() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    proxy.set_door(Door::Refusing);
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(matches!(socket.read(&mut [0; 8]).await, Ok(0) | Err(_)));
    proxy.set_door(Door::Open);
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(origin::ask_and_read(&mut socket, "/").await, origin::ANSWER);
}

#[tokio::test]
async fn half_closing_ends_what_is_read_but_not_what_is_written() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    origin::ask_and_read(&mut socket, "/").await;
    proxy.half_close();
    assert_eq!(socket.read(&mut [0; 8]).await.unwrap(), 0);
    socket.write_all(b"still here").await.unwrap();
}

#[tokio::test]
async fn a_stalled_connection_goes_on_where_it_stopped() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.set_fault(Fault::Stall);
    origin::ask(&mut socket, "/").await;
    let error = socket.try_read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    proxy.set_fault(Fault::None);
    let mut answer = vec![0; origin::ANSWER.len()];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, origin::ANSWER);
}
