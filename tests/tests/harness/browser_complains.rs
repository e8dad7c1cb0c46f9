//! A page that misbehaves is noticed: otherwise "no complaints" would mean nothing.

use tidemark_tests::browser::{Browser, Complaint, Page};
use tidemark_tests::wait::wait_for;

async fn complaint_after(page: &Page, script: &str) -> Complaint {
    let before = page.complaints().len();
    page.evaluate(script).await.unwrap();
    wait_for("a complaint", async || page.complaints().get(before).cloned()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn console_errors_exceptions_and_broken_policies_are_noticed() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(
        "data:text/html,<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\">",
    )
    .await
    .unwrap();
    assert_eq!(page.complaints(), []);

    let console = complaint_after(&page, "console.error('oh', 1)").await;
    assert_eq!(console, Complaint::Console("oh 1".into()));

    let thrown = complaint_after(&page, "setTimeout(() => { throw new Error('ouch') }); 0").await;
    assert!(matches!(&thrown, Complaint::Exception(text) if text.contains("ouch")), "{thrown}");

    let policy = complaint_after(&page, "new Image().src = 'http://127.0.0.1:1/'").await;
    assert!(matches!(policy, Complaint::Policy(_)), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_would_become_something_that_runs_is_noticed_even_where_the_page_hides_it() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(
        "data:text/html,<meta http-equiv=Content-Security-Policy \
         content=\"require-trusted-types-for 'script'; trusted-types default\"><body>",
    )
    .await
    .unwrap();
    assert_eq!(page.complaints(), []);
    for script in [
        "try { document.body.innerHTML = '<b>x</b>' } catch {} 0",
        "try { document.createElement('script').src = 'x.js' } catch {} 0",
        "try { trustedTypes.createPolicy('another', {}) } catch {} 0",
    ] {
        let complaint = complaint_after(&page, script).await;
        assert!(matches!(complaint, Complaint::Policy(_)), "{script}: {complaint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_no_complaint_about_the_page() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    let script = "new Promise(done => {
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.onclose = () => fetch('http://127.0.0.1:1/').catch(() => done('refused'));
    })";
    assert_eq!(page.evaluate(script).await.unwrap(), "refused");
    assert_eq!(page.complaints(), []);
}
