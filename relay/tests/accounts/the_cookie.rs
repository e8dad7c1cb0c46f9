//! What a browser is given, and to whom it gives it back.

use super::{ALICE, House};

#[tokio::test]
async fn over_plain_http_no_script_and_no_other_site_gets_it() {
    let (house, _) = House::lived_in(&[]).await;
    let answer = house.page().sign_in("alice", ALICE).await;
    let cookie = answer.set_cookie().unwrap();
    let (named, attributes) = cookie.split_once("; ").unwrap();
    let value = named.strip_prefix("tidemark_session=").unwrap();
    assert!(value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()), "{value}");
    assert_eq!(attributes, "Max-Age=7776000; Path=/; HttpOnly; SameSite=Strict");
    assert!(answer.head.contains("\r\ncache-control: no-store"), "{}", answer.head);
    assert!(!answer.body.to_string().contains(value), "scripts can read it");
}

#[tokio::test]
async fn over_tls_nobody_else_can_plant_one() {
    let (house, _) = House::lived_in(&["allowed_origins=https://prices.example"]).await;
    let body = serde_json::json!({ "user": "alice", "password": ALICE }).to_string();
    let request = "POST /api/sign-in HTTP/1.1\r\nhost: prices.example\r\n\
                   origin: https://prices.example\r\ncontent-type: application/json\r\n";
    let mut page = house.page();
    let answer = page.ask(request, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.set_cookie().unwrap();
    assert!(cookie.starts_with("__Host-tidemark_session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    assert_eq!(page.who().await, "alice");
}
