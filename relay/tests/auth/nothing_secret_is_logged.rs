//! Whatever happens at the doors, nothing secret gets into the finest of logs.

use serde_json::json;
use tidemark_relay::clock::unix_now;

use super::house::{HELLO, House, hello};
use super::key_server::{KeyServer, Serves};
use super::log_trap::LogTrap;
use super::signer::{SECRET, Signer, issuer};
use super::stranger::{Stranger, TEXT, frame};

#[tokio::test]
async fn a_whole_story_of_signing_in_leaves_nothing_in_the_log() {
    let fetched = Signer::es256("f");
    let server = KeyServer::start(Serves::Keys(vec![fetched.jwk()])).await;
    let settings = format!(
        "[auth]\nmode = \"tokens\"\ntoken_in_address = \"on\"\n{}[[auth.issuers]]\nissuer = \"two\"\n\
         audience = \"tidemark\"\nalgorithms = [\"ES256\"]\njwks_url = \"{}\"\ntenant = \"two\"\n",
        issuer("[\"HS256\"]", &format!("secret = \"{SECRET}\"")),
        server.url
    );
    let house = House::open(&settings).await;
    let signer = Signer::hs256(SECRET);
    let now_s = unix_now().0 / 1_000;
    let tokens = [
        signer.token(&json!({})),
        signer.token(&json!({ "exp": now_s - 500 })),
        signer.token(&json!({ "sub": "bob@example.org" })),
        signer.token_with(&json!({ "alg": "none" }), &json!({})),
        signer.token_with(&json!({ "kid": "mail@example.org" }), &json!({})),
        Signer::hs256("another-secret-of-somebody-who-tries-it").token(&json!({})),
        fetched.token(&json!({ "iss": "two" })),
        format!("{}.{}", signer.token(&json!({})), "trailing-garbage"),
    ];
    for token in &tokens {
        let trap = LogTrap::everywhere();
        trap.keep_secret(token);
        // By the header, in the address, misspelled, in hello, and where it does not belong.
        for header in [
            format!("authorization: Bearer {token}\r\n"),
            format!("authorization: Bearer{token}\r\n"),
        ] {
            let _ = house.websocket("/v1/ws", &header).await;
        }
        for address in [
            "/v1/ws?token=",
            "/v1/stream?token=",
            "/v1/poll?a&token=",
            "/v1/ws?tokn=",
            "/v1/ws/",
            "/",
            "/v1/ticket?token=",
            "/v1/ws?ticket=",
        ] {
            let request = format!("POST {address}{token} HTTP/1.1");
            let mut stranger = Stranger::connect(house.address).await;
            let length = HELLO.len();
            let text = format!("{request}\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{HELLO}");
            stranger.say(text.as_bytes()).await;
            stranger.head().await;
            let _ = house.websocket(&format!("{address}{token}"), "").await;
        }
        let mut stranger = house
            .say_hello(&json!({ "type": "hello", "protocol": 1, "token": token }).to_string())
            .await;
        stranger.until(b"\"type\":").await;
        for odd in [
            json!({ "type": "hello", "protocol": token }),
            json!({ "type": "hello", "protocol": 1, "user": "alice@example.org" }),
            json!({ "type": token }),
        ] {
            let mut stranger = house.say_hello(&odd.to_string()).await;
            stranger.rest().await;
        }
        let mut stranger = house.websocket("/v1/ws", "").await.unwrap();
        stranger.say(&frame(TEXT, token.as_bytes())).await;
        stranger.rest().await;
        let mut stranger = Stranger::connect(house.address).await;
        stranger.say(format!("{token} /v1/ws?token={token} HTTP/7\r\n\r\n").as_bytes()).await;
        stranger.rest().await;
        tracing::trace!(hello = ?hello(token), "a hello as it would be printed");
    }
    // At a door this one would wait for keys.
    let unknown = fetched.token_with(&json!({ "kid": "unknown" }), &json!({ "iss": "two" }));
    let first = json!({ "type": "hello", "protocol": 1, "token": unknown }).to_string();
    assert_eq!(house.say_hello(&first).await.close_code().await, 4004);
    let ticket = house.ticket(&tokens[0]).await;
    for _ in 0..2 {
        house.user_of_websocket(&format!("/v1/ws?ticket={ticket}"), "").await;
    }
    let identity = house.gate.sign_in(&hello(&tokens[0]), None, unix_now()).unwrap();
    tracing::trace!(?identity, gate = ?house.gate, "as they would be printed");
    server.now_serves(Serves::Nothing);
    let trap = LogTrap::everywhere();
    assert!(trap.lines() > 100, "the trap saw {} lines: it is not where the log is", trap.lines());
    assert_eq!(trap.wrong(), [""; 0]);
}
