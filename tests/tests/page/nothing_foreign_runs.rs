//! "Somebody has got his text into the page."

use serde_json::Value;
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::relay::Relay;
use tidemark_tests::wait::wait_for;

use crate::visit::LIVE;

/// Ways from text to something that runs, as one finds them in the wild: the browser stops each with
/// an exception.
const ATTACKS: [(&str, &str); 9] = [
    (
        "markup with a handler",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran=1\">')",
    ),
    (
        "a frame",
        "document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc=\"<script>parent.ran=1</script>\"></iframe>')",
    ),
    (
        "an element that is not known",
        "document.createElement('div').innerHTML = '<math><mi xlink:href=\"javascript:1\">'",
    ),
    ("a script's address", "document.createElement('script').src = 'https://evil.example/x.js'"),
    (
        "a script's address on the same host",
        "document.createElement('script').src = 'tidemark.json'",
    ),
    ("a script's text", "document.createElement('script').text = 'window.ran=1'"),
    ("eval", LATER_EVAL),
    ("a second way", "trustedTypes.createPolicy('other', { createHTML: text => text })"),
    ("a worker", "navigator.serviceWorker.register('other.js')"),
];

/// Not at once: what the tests evaluate directly may evaluate more, whatever the policy says.
const LATER_EVAL: &str = "new Promise((done, fail) => setTimeout(() => {
    try { done((0, eval)('window.ran=1')) } catch (error) { fail(error) }
}))";

#[tokio::test(flavor = "multi_thread")]
async fn text_becomes_nothing_that_runs_and_every_attempt_is_noticed() {
    let relay = Relay::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(&format!("http://{}/", relay.address())).await.unwrap();
    page.until("prices", LIVE).await.unwrap();
    assert_eq!(page.complaints(), []);
    for (name, attack) in ATTACKS {
        let before = page.complaints().len();
        let script = format!(
            "(async () => {{ try {{ await ({attack}); return 'done' }} catch {{ return 'stopped' }} }})()"
        );
        assert_eq!(page.evaluate(&script).await.unwrap(), "stopped", "{name}");
        noticed(&page, before, name).await;
    }
    // Inline handlers and scripts that come as elements, not as text, are the policy's to stop.
    for (name, attack) in [
        (
            "a handler",
            "document.body.setAttribute('onclick', 'window.ran=1'), document.body.click()",
        ),
        ("a style", "document.body.setAttribute('style', 'color: red')"),
    ] {
        let before = page.complaints().len();
        let script = format!("try {{ {attack} }} catch {{}} 0");
        page.evaluate(&script).await.unwrap();
        noticed(&page, before, name).await;
    }
    assert_eq!(page.evaluate("window.ran ?? null").await.unwrap(), Value::Null);
    // The page lives on.
    page.until("prices", LIVE).await.unwrap();
}

async fn noticed(page: &Page, before: usize, what: &str) {
    let more = async || (page.complaints().len() > before).then_some(());
    wait_for(&format!("a complaint about {what}"), more).await.unwrap();
}
