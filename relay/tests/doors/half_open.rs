//! Thousands of sockets that say nothing, or say it slowly, are cut; others are served meanwhile.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::visitor::{DOORS, Visitor, hello, pings};
use super::{House, Stranger};

const SOCKETS: usize = 5_000;

/// Both ends are in this process.
const FILES: u64 = 2 * SOCKETS as u64 + 2_000;

async fn large_house() -> House {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_some_and(|current| current < FILES) {
        let enough = Rlimit { current: Some(FILES), maximum: now.maximum };
        setrlimit(Resource::Nofile, enough).unwrap();
    }
    let limits = ServeLimits {
        connections_max: SOCKETS + 500,
        connections_per_address_max: SOCKETS + 500,
        headers_within: Duration::from_secs(4),
        ..ServeLimits::default()
    };
    House::open_with(ConnectionRules::default(), limits).await
}

async fn somebody_is_served(house: &House) {
    for door in DOORS {
        let mut visitor = Visitor::come(house, door, &hello("alice")).await;
        visitor.say(&pings(1)).await;
        visitor.until("\"server_time\"").await;
        visitor.until("\"id\":0").await;
    }
}

async fn crowd(house: &House, beginning: &[u8]) -> Vec<Stranger> {
    let mut crowd = Vec::new();
    for _ in 0..SOCKETS {
        let mut stranger = house.connect().await;
        stranger.say(beginning).await;
        crowd.push(stranger);
    }
    crowd
}

/// One after the other: each needs nearly all the sockets that a process has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_silent_and_five_thousand_slow_sockets_are_cut_in_time() {
    let house = large_house().await;
    let silent = crowd(&house, b"").await;
    somebody_is_served(&house).await;
    for mut stranger in silent {
        stranger.rest().await;
        assert!(stranger.read.is_empty());
    }
    let mut slow = crowd(&house, b"POST /v1/poll HTTP/1.1\r\n").await;
    for line in [b"a: b\r\n", b"c: d\r\n"] {
        for stranger in &mut slow {
            // It may be cut already: that is what it is here for.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stranger.stream, line).await;
        }
        somebody_is_served(&house).await;
    }
    for mut stranger in slow {
        stranger.rest().await;
    }
    somebody_is_served(&house).await;
}
