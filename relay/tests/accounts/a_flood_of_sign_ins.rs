//! Somebody tries passwords as fast as they can.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{ALICE, House};

#[tokio::test]
async fn a_flood_is_refused_with_the_limit_and_when_to_come_back() {
    let (house, _) = House::lived_in(&[]).await;
    let attempts = (0..100).map(|nth| {
        let mut page = house.page();
        async move { page.sign_in("alice", &format!("password number {nth}")).await }
    });
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in join_all(attempts).await {
        *statuses.entry(answer.status).or_default() += 1;
        if answer.status == 429 {
            assert_eq!(answer.code(), "rate_limited");
            assert!(answer.body["limit"]["name"].as_str().unwrap().starts_with("sign_in."));
            assert!(answer.body["limit"]["max"].as_u64().unwrap() > 0);
            assert!(answer.body["retry_after_ms"].as_u64().unwrap() > 0);
            assert!(answer.head.contains("\r\nretry-after: "), "{}", answer.head);
        }
    }
    assert!(statuses[&401] <= 10, "{statuses:?}");
    assert_eq!(statuses[&401] + statuses[&429], 100, "{statuses:?}");
    // From there nobody comes in as alice for a while, and from there only.
    assert_eq!(house.page().sign_in("alice", ALICE).await.status, 429);
}

#[tokio::test]
async fn accounts_are_made_slowly() {
    let (house, _) = House::lived_in(&["auth.sign_up=on"]).await;
    let mut page = house.page();
    let mut statuses = Vec::new();
    for nth in 0..7 {
        let asked = serde_json::json!({ "user": format!("u{nth}"), "password": ALICE });
        statuses.push(page.post("/api/sign-up", &asked).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
}
