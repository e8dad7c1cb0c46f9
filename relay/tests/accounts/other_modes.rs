//! Relays without accounts of their own say so.

use serde_json::{Value, json};

use super::{ALICE, House};

#[tokio::test]
async fn accounts_are_nowhere_but_where_they_are_on() {
    for (mode, word) in [("demo", "demo accounts"), ("tokens", "tokens")] {
        let house = House::with(&[&format!("auth.mode={mode}")]).await;
        assert_eq!(house.running().first_admin_link(), None);
        let mut page = house.page();
        let session = page.get("/api/session").await;
        assert_eq!(session.body["mode"], mode);
        assert_eq!((&session.body["user"], &session.body["csrf"]), (&Value::Null, &Value::Null));
        for path in [
            "/api/sign-in",
            "/api/sign-up",
            "/api/sign-out",
            "/api/first-admin",
            "/api/password",
            "/api/admin/users",
            "/api/admin/users/alice",
        ] {
            let body = json!({ "user": "alice", "password": ALICE, "link": "0".repeat(64) });
            let answer = page.post(path, &body).await;
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "{mode}, {path}");
            assert!(answer.message().contains(word), "{}", answer.message());
        }
    }
}

#[tokio::test]
async fn a_demo_user_looks_after_nothing() {
    let house = House::with(&["auth.mode=demo"]).await;
    for path in ["/api/admin/users", "/api/admin/connections", "/api/admin/bans"] {
        let answer = house.page().get(path).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{path}");
    }
    let body = json!({ "credential": "session:0", "reason": "" });
    assert_eq!(house.page().post("/api/admin/bans", &body).await.status, 404);
}

#[tokio::test]
async fn nobody_makes_an_account_by_themselves_where_that_is_off() {
    let (house, _) = House::lived_in(&[]).await;
    let body = json!({ "user": "carol", "password": ALICE });
    let refused = house.page().post("/api/sign-up", &body).await;
    assert_eq!((refused.status, refused.set_cookie()), (403, None));
    assert!(refused.message().contains("auth.sign_up"), "{}", refused.message());
}

#[tokio::test]
async fn guests_come_in_where_they_may() {
    let (house, _) = House::lived_in(&["auth.guests=on"]).await;
    let mut page = house.page();
    assert_eq!(page.get("/api/session").await.body["guests"], true);
    assert_eq!(page.connect().await.welcomed().await, "guest");
}
