//! For whom a proxy asks is believed of trusted proxies only.

use tidemark_relay::hub::ConnectionRules;
use tidemark_relay::serve::ServeLimits;

use super::House;
use super::visitor::{DOORS, Door, Visitor, hello};

async fn house(trusted: &[&str]) -> House {
    let limits = ServeLimits {
        connections_max: 200,
        connections_per_address_max: 4,
        trusted_proxies: trusted.iter().map(|network| network.parse().unwrap()).collect(),
        ..ServeLimits::default()
    };
    House::open_with(ConnectionRules::default(), limits).await
}

fn forwarded(address: &str) -> String {
    format!("x-forwarded-for: 6.6.6.6, {address}\r\n")
}

#[tokio::test]
async fn a_strangers_headers_change_nothing() {
    let house = house(&["10.0.0.0/8"]).await;
    let mut inside = Vec::new();
    for index in 0..4 {
        for header in [forwarded(&format!("1.2.3.{index}")), "forwarded: for=1.2.3.4\r\n".into()] {
            if inside.len() < 4 {
                let mut visitor =
                    Visitor::come_with(&house, Door::WebSocket, &hello("alice"), &header).await;
                visitor.until("\"welcome\"").await;
                inside.push(visitor);
            }
        }
    }
    let mut fifth = house.connect().await;
    fifth.upgrade("x-forwarded-for: 9.9.9.9\r\n").await;
    let head = fifth.head().await;
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    for info in house.hub.connections().await.unwrap() {
        assert_eq!(info.address.unwrap().to_string(), "127.0.0.1");
    }
}

#[tokio::test]
async fn who_comes_by_a_trusted_proxy_is_counted_for_the_own_address_at_every_door() {
    for door in DOORS {
        let house = house(&["127.0.0.0/8"]).await;
        let mut inside = Vec::new();
        for client in ["1.2.3.4", "5.6.7.8", "2001:db8:1:2::9"] {
            for index in 0..4 {
                let user = format!("user-{client}-{index}").replace([':', '.'], "-");
                let header = forwarded(client);
                let mut visitor = Visitor::come_with(&house, door, &hello(&user), &header).await;
                visitor.until("\"welcome\"").await;
                inside.push(visitor);
            }
            let mut fifth = Visitor::come_with(&house, door, &hello("e"), &forwarded(client)).await;
            fifth.until("}").await;
            let said = fifth.take();
            assert!(said.contains("503") && said.contains("retry-after: 5"), "{door:?}: {said}");
            let limit = "\"limit\":{\"name\":\"limits.connections_per_address_max\",\"max\":4}";
            assert!(said.contains(limit) && said.contains("4004"), "{door:?}: {said}");
        }
        let neighbour = forwarded("2001:db8:1:2:ffff::1");
        let mut refused = Visitor::come_with(&house, door, &hello("n"), &neighbour).await;
        refused.until("connections_per_address_max").await;
        let mut infos = house.hub.connections().await.unwrap();
        infos.retain(|info| info.address.unwrap().to_string() == "5.6.7.8");
        assert_eq!(infos.len(), 4, "{door:?}");
    }
}

#[tokio::test]
async fn who_comes_by_a_trusted_proxy_has_the_place_for_as_long_as_the_connection_lives() {
    let rules = ConnectionRules {
        poll_within: std::time::Duration::from_millis(300),
        ..ConnectionRules::default()
    };
    let limits = ServeLimits {
        connections_per_address_max: 1,
        trusted_proxies: vec!["127.0.0.1".parse::<std::net::IpAddr>().unwrap().into()],
        ..ServeLimits::default()
    };
    let house = House::open_with(rules, limits).await;
    for door in DOORS {
        let header = forwarded("1.2.3.4");
        let mut first = Visitor::come_with(&house, door, &hello("alice"), &header).await;
        first.until("\"welcome\"").await;
        let mut second = Visitor::come_with(&house, door, &hello("alice"), &header).await;
        second.until("connections_per_address_max").await;
        drop((first, second));
        house.until_counted(0).await;
        assert_eq!(house.occupancy.crowd().addresses, 0, "{door:?}");
    }
}

#[tokio::test]
async fn headers_that_make_no_sense_are_counted_for_the_proxy() {
    let house = house(&["127.0.0.0/8"]).await;
    let senseless = [
        "x-forwarded-for: unknown\r\n",
        "forwarded: for=_secret\r\n",
        "forwarded: for=6.6.6.6\r\nx-forwarded-for: 7.7.7.7\r\n",
        "",
    ];
    let mut inside = Vec::new();
    for header in senseless {
        let mut visitor =
            Visitor::come_with(&house, Door::WebSocket, &hello("alice"), header).await;
        visitor.until("\"welcome\"").await;
        inside.push(visitor);
    }
    for header in senseless {
        let mut fifth = Visitor::come_with(&house, Door::WebSocket, &hello("bob"), header).await;
        fifth.until("connections_per_address_max").await;
    }
    let mut honest =
        Visitor::come_with(&house, Door::WebSocket, &hello("carol"), &forwarded("1.2.3.4")).await;
    honest.until("\"welcome\"").await;
}
