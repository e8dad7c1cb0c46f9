//! Inputs that nobody types by accident.

use serde_json::{Value, json};

use super::{ALICE, House};

const ODD: [&str; 9] = [
    "' OR '1'='1",
    "alice'; DROP TABLE users; --",
    "alice\u{0}",
    "../../../etc/passwd",
    "<script>alert(1)</script>",
    "alice@acme",
    "ａｌｉｃｅ",
    "\u{202e}ecila",
    "@aalice",
];

#[tokio::test]
async fn odd_names_are_nobodys() {
    let (house, mut root) = House::lived_in(&["auth.sign_up=on"]).await;
    for odd in ODD {
        let answer = house.page().sign_in(odd, ALICE).await;
        assert!(matches!(answer.status, 401 | 429), "{odd}: {answer:?}");
        for path in ["/api/sign-up", "/api/admin/users"] {
            let answer = root.post(path, &json!({ "user": odd, "password": ALICE })).await;
            assert_eq!((answer.status, answer.code()), (400, "invalid_parameters"), "{odd}");
            assert!(!answer.body.to_string().contains(ALICE));
        }
    }
    let users = root.get("/api/admin/users").await;
    assert_eq!(users.body["users"].as_array().unwrap().len(), 2);
    let escaped = root.post("/api/admin/users/..%2fbans", &json!({ "roles": [] })).await;
    assert_eq!(escaped.status, 400);
}

#[tokio::test]
async fn odd_passwords_are_passwords() {
    let (house, mut root) = House::lived_in(&[]).await;
    let odd = ["' OR '1'='1 --", "비밀번호 \u{0}\u{7f}\n\t", "      spaces      "];
    for (nth, password) in odd.iter().enumerate() {
        let user = format!("u{nth}");
        let asked = json!({ "user": user, "password": password });
        assert_eq!(root.post("/api/admin/users", &asked).await.status, 201);
        assert_eq!(house.page().sign_in(&user, password).await.status, 200);
        assert_eq!(
            house.page().sign_in(&user, password.trim()).await.status == 200,
            password.trim() == *password
        );
    }
}

#[tokio::test]
async fn what_is_huge_or_no_request_is_refused_and_the_relay_goes_on() {
    let (house, _) = House::lived_in(&[]).await;
    let kind = "content-type: application/json\r\n";
    let huge = json!({ "user": "alice", "password": "x".repeat(5_000) }).to_string();
    let refused = house.page().post_text("/api/sign-in", kind, &huge).await;
    assert_eq!((refused.status, refused.code()), (413, "limit_exceeded"));
    assert_eq!(refused.body["limit"]["max"], 4096);
    let long = json!({ "user": "alice", "password": "x".repeat(3_000) });
    assert_eq!(house.page().post("/api/sign-in", &long).await.status, 401);
    let deep = "[".repeat(4_000);
    for body in ["", "{}", "[]", "null", "{\"user\":1}", "\u{feff}{}", deep.as_str()] {
        let refused = house.page().post_text("/api/sign-in", kind, body).await;
        assert_eq!((refused.status, refused.code()), (400, "bad_message"), "{body}");
    }
    let secret = r#"{"user":"alice","password":hunter2hunter2}"#;
    let refused = house.page().post_text("/api/sign-in", kind, secret).await;
    assert!(!refused.body.to_string().contains("hunter2"), "{refused:?}");
    for cookie in ["tidemark_session=", "tidemark_session=x", "tidemark_session=' OR 1=1"] {
        let mut page = house.page();
        page.cookie = Some(cookie.to_owned());
        assert_eq!(page.who().await, Value::Null);
    }
    house.signed_in("alice", ALICE).await;
}
