//! Bytes that are lost, repeated or garbled on their way.

use tidemark_tests::proxy::{Fault, Proxy};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::origin::{self, ANSWER};

async fn read_after(fault: Fault, expected: Vec<u8>) {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    proxy.set_fault(fault);
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    origin::ask(&mut socket, "/").await;
    let mut answer = vec![0; expected.len()];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8(answer), String::from_utf8(expected), "{fault:?}");
    assert_eq!(proxy.faults(), 1, "{fault:?}");
}

#[tokio::test]
async fn a_repeated_answer_comes_twice() {
    read_after(Fault::RepeatEach(1), [ANSWER, ANSWER].concat()).await;
}

#[tokio::test]
async fn a_garbled_answer_misses_a_byte() {
    let mut garbled = ANSWER.to_vec();
    garbled.remove(ANSWER.len() / 2);
    read_after(Fault::GarbleEach(1), garbled).await;
}

#[tokio::test]
async fn a_lost_answer_never_comes_and_the_next_one_does() {
    let proxy = Proxy::start(origin::start().await).await.unwrap();
    let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(origin::ask_and_read(&mut socket, "/first").await, ANSWER);
    proxy.set_fault(Fault::LoseEach(2));
    origin::ask(&mut socket, "/lost").await;
    while proxy.faults() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(origin::ask_and_read(&mut socket, "/third").await, ANSWER);
}
