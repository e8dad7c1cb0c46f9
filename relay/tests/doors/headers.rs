//! Every answer, also a refusal, tells browsers what not to do with it.

use super::{HELLO, House};

const EVERYWHERE: [&str; 7] = [
    "x-content-type-options: nosniff",
    "referrer-policy: no-referrer",
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "cross-origin-embedder-policy: require-corp",
    "permissions-policy: camera=()",
    "cache-control: no-",
];

#[tokio::test]
async fn every_answer_carries_them() {
    let house = House::open().await;
    let foreign = "POST /v1/poll HTTP/1.1\r\norigin: https://evil.example";
    let listed = "POST /v1/poll HTTP/1.1\r\norigin: https://listed.example";
    for request in [
        "GET / HTTP/1.1",
        "GET /no-such-file HTTP/1.1",
        "DELETE / HTTP/1.1",
        "GET /healthz HTTP/1.1",
        "GET /metrics HTTP/1.1",
        "GET /api/status HTTP/1.1",
        "GET /v1/ws HTTP/1.1",
        "PUT /v1/poll HTTP/1.1",
        "POST /v1/send HTTP/1.1",
        foreign,
        listed,
    ] {
        let (head, _) = house.exchange(request, HELLO).await;
        for line in EVERYWHERE {
            assert!(head.contains(line), "{request}: no {line:?} in\n{head}");
        }
        let policy = head.lines().filter(|line| line.starts_with("content-security-policy: "));
        let policy: Vec<_> = policy.collect();
        assert!(
            matches!(policy[..], [policy] if policy.contains("frame-ancestors 'none'")),
            "{head}"
        );
        assert!(!head.contains("strict-transport-security"), "not over TLS, {request}: {head}");
    }
}
