//! A sign-in that the operator has banned counts nowhere.

use serde_json::json;
use tidemark_relay::auth::BanList;
use tidemark_relay::clock::unix_now;
use tidemark_shared::protocol::ErrorCode;

use super::house::{House, hello, with_token};
use super::signer::{SECRET, Signer, shared_secret};

#[tokio::test]
async fn a_banned_token_lets_in_by_no_door_and_the_next_one_does() {
    let house = House::open(&shared_secret()).await;
    let (now, signer) = (unix_now(), Signer::hs256(SECRET));
    let later = now.0 / 1_000 + 900;
    let token = signer.token(&json!({ "jti": "token-7" }));
    let newer = signer.token(&json!({ "jti": "token-8", "exp": later }));
    let current = house.gate.sign_in(&hello(&token), None, now).unwrap();
    let next = house.gate.sign_in(&hello(&newer), None, now).unwrap();
    let ticket = house.ticket(&token).await;
    let ban = |identity: &tidemark_relay::auth::Identity| {
        house.gate.bans().replace([(identity.credential.clone().unwrap(), None)].into());
    };
    ban(&current);
    assert_eq!(house.users_by_header(&token).await, [None, None, None]);
    let refused = house.gate.sign_in(&hello(&token), None, now).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    // What was presented before the ban does not count after it.
    assert!(house.gate.sign_in(&hello(&newer), Some(&current), now).is_ok());
    let without: tidemark_shared::protocol::Hello =
        serde_json::from_value(json!({ "protocol": 1 })).unwrap();
    assert!(house.gate.sign_in(&without, Some(&current), now).is_err());
    assert!(house.gate.ticket(&with_token(&token), 1, now).await.is_err());
    let address = format!("/v1/ws?ticket={ticket}");
    assert!(house.websocket(&address, "").await.unwrap_err().contains("403"));
    // A refresh by a banned token is none.
    ban(&next);
    assert!(house.gate.refresh(&current, Some(&newer), now).is_err());
    house.gate.bans().replace(BanList::new());
    assert!(house.gate.refresh(&current, Some(&newer), now).is_ok());
}
