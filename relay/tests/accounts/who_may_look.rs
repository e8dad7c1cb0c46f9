//! What tells of everybody is not for everybody.

use super::{ALICE, House, Page};

const TOKEN: &str = "a-token-for-the-monitoring";
const LETTERS: &str = "/api/feeds/none/dead-letters";

async fn status(page: &mut Page, path: &str, headers: &str) -> u16 {
    let cookie = page.cookie.iter().map(|cookie| format!("cookie: {cookie}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\n{headers}{}", cookie.collect::<String>());
    page.ask(&request, "").await.status
}

#[tokio::test]
async fn status_and_metrics_are_for_admins_and_programs_and_letters_for_admins() {
    let setting = format!("metrics.token={TOKEN}");
    let (house, mut root) = House::lived_in(&[&setting]).await;
    let mut alice = house.signed_in("alice", ALICE).await;
    let mut nobody = house.page();
    let proxied = "x-forwarded-for: 192.0.2.1\r\n";
    let with_token = format!("{proxied}authorization: Bearer {TOKEN}\r\n");
    for path in ["/api/status", "/metrics"] {
        assert_eq!(status(&mut nobody, path, proxied).await, 401, "{path}");
        assert_eq!(status(&mut alice, path, proxied).await, 403, "{path}");
        assert_eq!(status(&mut root, path, proxied).await, 200, "{path}");
        assert_eq!(status(&mut nobody, path, &with_token).await, 200, "{path}");
        let wrong = format!("{proxied}authorization: Bearer {TOKEN}x\r\n");
        assert_eq!(status(&mut nobody, path, &wrong).await, 401, "{path}");
        assert_eq!(status(&mut nobody, path, "").await, 200, "{path}: a program of this machine");
        let rebound = "host: rebound.example\r\n";
        assert_eq!(status(&mut nobody, path, rebound).await, 401, "{path}");
    }
    let names = |answer: super::Answer| !answer.body["limits"]["near"]["named_users"].is_null();
    assert!(names(root.get("/api/status").await), "an admin is told names");
    assert!(!names(nobody.get("/api/status").await), "a program is not");
    for headers in ["", proxied, &with_token] {
        assert_eq!(status(&mut nobody, LETTERS, headers).await, 401);
    }
    assert_eq!(status(&mut alice, LETTERS, "").await, 403);
    assert_eq!(status(&mut root, LETTERS, "").await, 404, "there is no such feed");
    for open in ["/healthz", "/readyz"] {
        assert_eq!(status(&mut nobody, open, proxied).await, 200, "{open}");
    }
}

#[tokio::test]
async fn where_everybody_is_whoever_they_say_everybody_looks() {
    let house = House::with(&["auth.mode=demo"]).await;
    let mut nobody = house.page();
    let proxied = "x-forwarded-for: 192.0.2.1\r\n";
    for path in ["/api/status", "/metrics"] {
        assert_eq!(status(&mut nobody, path, proxied).await, 200, "{path}");
    }
    assert_eq!(status(&mut nobody, LETTERS, proxied).await, 404);
}
