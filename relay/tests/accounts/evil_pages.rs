//! Pages of others try every address that changes anything.

use serde_json::json;

use super::{ALICE, House};

const POSTS: [&str; 10] = [
    "/api/sign-in",
    "/api/sign-up",
    "/api/sign-out",
    "/api/first-admin",
    "/api/password",
    "/api/admin/users",
    "/api/admin/users/alice",
    "/api/admin/connections/0-0-0/close",
    "/api/admin/bans",
    "/api/admin/bans/lift",
];

#[tokio::test]
async fn a_foreign_page_is_refused_at_every_address() {
    let settings = ["allowed_origins=https://listed.example", "auth.sign_up=on"];
    let (_house, root) = House::lived_in(&settings).await;
    let body = json!({ "user": "alice", "password": ALICE });
    for path in POSTS {
        for origin in [
            "https://evil.example",
            "https://listed.example.evil.example",
            "https://evil-listed.example",
            "http://listed.example",
            "null",
            "",
        ] {
            let mut evil = root.clone();
            evil.origin = Some(origin.to_owned());
            let refused = evil.post(path, &body).await;
            assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{path}, {origin}");
            assert!(!refused.head.contains("access-control-allow-origin"), "{}", refused.head);
            assert!(refused.head.contains("\r\ncache-control: no-store"), "{}", refused.head);
            assert_eq!(refused.set_cookie(), None);
        }
    }
}

#[tokio::test]
async fn a_listed_page_elsewhere_learns_how_to_sign_in_but_gets_no_cookie() {
    let (house, _) = House::lived_in(&["allowed_origins=https://listed.example"]).await;
    let mut listed = house.page();
    listed.origin = Some("https://listed.example".to_owned());
    let refused = listed.sign_in("alice", ALICE).await;
    assert_eq!((refused.status, refused.set_cookie()), (403, None));
    assert!(refused.message().contains("the relay's own page only"), "{}", refused.message());
    let asked = "GET /api/session HTTP/1.1\r\norigin: https://listed.example\r\n";
    let told = listed.ask(asked, "").await;
    assert_eq!(told.body["mode"], "accounts");
    assert!(told.head.contains("access-control-allow-origin: https://listed.example"));
    assert!(!told.head.contains("access-control-allow-credentials"), "{}", told.head);
    let evil =
        listed.ask("GET /api/session HTTP/1.1\r\norigin: https://evil.example\r\n", "").await;
    assert!(!evil.head.contains("access-control-allow-origin"), "{}", evil.head);
}
