//! An operator closes connections and ends sign-ins, on every transport.

use tidemark_relay::auth::Credential;

use super::House;
use super::visitor::{DOORS, Visitor, hello, hello_with};

#[tokio::test]
async fn a_connection_that_is_closed_by_the_operator_is_told_when_to_come_back() {
    let house = House::open().await;
    for door in DOORS {
        let mut visitor = Visitor::come(&house, door, &hello("alice")).await;
        visitor.until("\"subscribed\"").await;
        let infos = house.hub.connections().await.unwrap();
        let [info] = infos.as_slice() else { panic!("{infos:?}") };
        assert!(house.hub.close_connection(info.id).await.unwrap());
        assert!(!house.hub.close_connection(info.id).await.unwrap());
        visitor.until("\"type\":\"closing\",\"code\":4006").await;
        visitor.until("\"after_ms\":30000").await;
        visitor.until_closed().await;
    }
}

#[tokio::test]
async fn what_was_banned_is_closed_on_all_shards_and_nothing_else_is() {
    let house = House::open().await;
    let mut banned = Vec::new();
    for index in 0..6 {
        let hello = hello_with("alice/3600000");
        let mut visitor = Visitor::come(&house, DOORS[index % 3], &hello).await;
        visitor.until("\"subscribed\"").await;
        banned.push(visitor);
    }
    let mut other = Visitor::come(&house, DOORS[0], &hello_with("alice/3600001")).await;
    other.until("\"subscribed\"").await;
    let credential = Credential("alice/3600000".into());
    assert_eq!(house.hub.revoke(&credential).await.unwrap(), 6);
    for visitor in &mut banned {
        visitor.until("\"type\":\"error\",\"code\":\"unauthorized\"").await;
        visitor.until("\"type\":\"closing\",\"code\":4504").await;
        visitor.until_closed().await;
    }
    other.say(r#"{"type":"request","id":31,"method":"ping","params":{}}"#).await;
    other.until("\"id\":31").await;
    assert_eq!(house.hub.revoke_user(&"alice".parse().unwrap()).await.unwrap(), 1);
    other.until_closed().await;
}
