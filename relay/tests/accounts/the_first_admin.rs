//! "I have just installed it, and open the link that it printed."

use serde_json::{Value, json};

use super::{House, ROOT};

#[tokio::test]
async fn the_link_makes_one_admin_and_then_nothing_more() {
    let mut house = House::new().await;
    let link = house.link();
    let mut page = house.page();
    let before = page.get("/api/session").await;
    let expected = json!({
        "mode": "accounts", "guests": false, "sign_up": false,
        "user": null, "roles": [], "ends_at": null, "csrf": null,
    });
    assert_eq!(before.body, expected);

    let guess = json!({ "link": "0".repeat(64), "user": "root", "password": ROOT });
    let guessed = page.post("/api/first-admin", &guess).await;
    assert_eq!((guessed.status, guessed.code()), (403, "forbidden"));
    let weak = json!({ "link": link, "user": "root", "password": "1234567890" });
    assert_eq!(page.post("/api/first-admin", &weak).await.status, 400);

    let asked = json!({ "link": link, "user": "root", "password": ROOT });
    let made = page.post("/api/first-admin", &asked).await;
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(made.body["roles"], json!(["admin"]));
    assert_eq!(page.who().await, "root");
    assert_eq!(page.get("/api/admin/users").await.status, 200);

    let mut stranger = house.page();
    let again = json!({ "link": link, "user": "second", "password": ROOT });
    assert_eq!(stranger.post("/api/first-admin", &again).await.status, 403);
    assert_eq!(stranger.who().await, Value::Null);

    house.stop().await;
    house.start().await;
    assert_eq!(house.running().first_admin_link(), None, "there is one");
}

#[tokio::test]
async fn a_link_of_an_earlier_start_counts_no_more() {
    let mut house = House::new().await;
    let link = house.link();
    house.stop().await;
    house.start().await;
    assert_ne!(house.link(), link);
    let asked = json!({ "link": link, "user": "root", "password": ROOT });
    assert_eq!(house.page().post("/api/first-admin", &asked).await.status, 403);
}

#[tokio::test]
async fn two_who_use_it_at_once_make_one_account() {
    let house = House::new().await;
    let asked = |user| json!({ "link": house.link(), "user": user, "password": ROOT });
    let (first, second) = (asked("first"), asked("second"));
    let (mut one, mut other) = (house.page(), house.page());
    let answers =
        tokio::join!(one.post("/api/first-admin", &first), other.post("/api/first-admin", &second));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
}
