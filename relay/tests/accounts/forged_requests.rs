//! Another site makes a signed-in user's browser ask for something.

use serde_json::json;

use super::{ALICE, House};

#[tokio::test]
async fn what_changes_anything_needs_the_sessions_own_proof() {
    let (house, root) = House::lived_in(&[]).await;
    let other = house.signed_in("root", super::ROOT).await;
    assert_ne!(root.csrf, other.csrf);
    let posts = [
        ("/api/sign-out", json!({})),
        ("/api/password", json!({ "old": super::ROOT, "new": "something else" })),
        ("/api/admin/users", json!({ "user": "eve", "password": ALICE, "roles": ["admin"] })),
        ("/api/admin/users/alice", json!({ "roles": ["admin"] })),
        ("/api/admin/connections/0-0-0/close", json!({})),
        ("/api/admin/bans", json!({ "credential": "session:0", "reason": "" })),
        ("/api/admin/bans/lift", json!({ "credential": "session:0" })),
    ];
    let wrong = root.csrf.as_ref().map(|csrf| csrf.chars().rev().collect::<String>());
    let short = root.csrf.as_ref().map(|csrf| csrf[1..].to_owned());
    let proofs = [None, Some(String::new()), wrong, short, other.csrf.clone()];
    for (path, body) in &posts {
        for proof in &proofs {
            let mut forged = root.clone();
            forged.csrf.clone_from(proof);
            let refused = forged.post(path, body).await;
            assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{path}, {proof:?}");
            assert_eq!(refused.set_cookie(), None);
        }
        let nobody = house.page().post(path, body).await;
        assert_eq!((nobody.status, nobody.code()), (401, "unauthorized"), "{path}");
    }
    let mut root = root;
    let users = root.get("/api/admin/users").await;
    assert_eq!(users.body["users"].as_array().unwrap().len(), 2, "{users:?}");
    assert_eq!(users.body["users"][0]["roles"], json!([]));
}

#[tokio::test]
async fn what_a_form_can_send_is_not_read() {
    let (house, _) = House::lived_in(&[]).await;
    let body = json!({ "user": "alice", "password": ALICE }).to_string();
    for kind in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: text/plain; application/json\r\n",
    ] {
        let refused = house.page().post_text("/api/sign-in", kind, &body).await;
        assert_eq!((refused.status, refused.code()), (415, "bad_message"), "{kind}");
    }
    let kind = "content-type: application/json; charset=utf-8\r\n";
    assert_eq!(house.page().post_text("/api/sign-in", kind, &body).await.status, 200);
}
