//! A visit to a page that comes from a host for static files, and reads a relay elsewhere.

use serde_json::{Value, json};
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::host::Host;
use tidemark_tests::relay::Relay;

/// Where the page is on the host: not at its top, where another app is.
const FOLDER: &str = "apps/tidemark";

/// How the caches of that page begin.
const OURS: &str = "tidemark /apps/tidemark/ ";

/// Live, with prices.
pub(crate) const LIVE: &str = "tidemark.status().state === 'live'
    && Object.values(tidemark.prices()).some(price => price.moves > 0)";

/// The page's files are kept.
pub(crate) const IS_READY: &str = "tidemark.status().offline === 'ready'";

/// The page shows what the last visit left, and says that it is that.
pub(crate) const SHOWS_SAVED: &str = "Object.values(tidemark.prices())
    .some(it => it.price !== null && it.freshness === 'saved')
    && !!document.querySelector('[data-symbol][data-fresh=\"saved\"]')
    && [...document.querySelectorAll('[data-symbol]')].every(row => row.dataset.fresh !== 'live')";

/// A host, a relay, and a browser that shows the page.
pub(crate) struct Visit {
    pub(crate) page: Page,
    pub(crate) host: Host,
    pub(crate) relay: Relay,
    pub(crate) browser: Browser,
}

impl Visit {
    /// Opens the page for the first time, and waits until it would open without a network.
    pub(crate) async fn begin() -> Visit {
        let host = Host::start(FOLDER).await.unwrap();
        let allowed = format!("allowed_origins = [{:?}]\n", host.origin());
        let relay = Relay::start_with(&allowed).await.unwrap();
        host.write("tidemark.json", &configuration(&relay)).unwrap();
        let browser = Browser::start().await.unwrap();
        let page = browser.open_tab().await.unwrap();
        page.navigate(&host.page()).await.unwrap();
        page.until("prices", LIVE).await.unwrap();
        page.until("the page to be kept", IS_READY).await.unwrap();
        Visit { page, host, relay, browser }
    }

    /// Which version of the page is shown; none is the first.
    pub(crate) async fn version(&self) -> Value {
        let script = "document.querySelector('meta[name=version]')?.content ?? 'first'";
        self.page.evaluate(script).await.unwrap()
    }

    /// The names of all caches of the origin that are not this page's.
    pub(crate) async fn other_caches(&self) -> Value {
        self.caches(&format!("!name.startsWith('{OURS}')")).await
    }

    /// The names of this page's caches.
    pub(crate) async fn own_caches(&self) -> Vec<String> {
        let names = self.caches(&format!("name.startsWith('{OURS}')")).await;
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Makes caches of another app, and of another Tidemark, on the same origin.
    pub(crate) async fn add_others(&self) -> Value {
        let others = json!(["another app", "tidemark / 1a2b3c4d", "tidemark /apps/ 1a2b3c4d"]);
        let script = format!(
            "Promise.all({others}.map(async name =>
                (await caches.open(name)).put('/thing', new Response('theirs')))).then(() => true)"
        );
        self.page.evaluate(&script).await.unwrap();
        others
    }

    /// Lets the browser look for a new version and says what became of it: `none`, or the state in
    /// which its installation ended.
    pub(crate) async fn look_for_update(&self) -> Value {
        let script = "(async () => {
            const registration = await navigator.serviceWorker.getRegistration();
            await registration.update();
            const newer = registration.installing ?? registration.waiting;
            if (!newer) return 'none';
            while (newer.state === 'installing') {
                await new Promise(done => setTimeout(done, 20));
            }
            return newer.state;
        })()";
        self.page.evaluate(script).await.unwrap()
    }

    /// Clicks a button of the page that says this.
    pub(crate) async fn click(&self, words: &str) {
        let script = format!(
            "[...document.querySelectorAll('button')]
                .find(button => button.textContent.trim() === '{words}')?.click() ?? true"
        );
        self.page.evaluate(&script).await.unwrap();
    }

    /// Nothing that the browser complains about.
    pub(crate) fn check(&self) {
        let complaints = self.page.complaints();
        assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    }

    async fn caches(&self, which: &str) -> Value {
        let script = format!("caches.keys().then(names => names.filter(name => {which}).sort())");
        self.page.evaluate(&script).await.unwrap()
    }
}

/// What the operator writes beside the page.
pub(crate) fn configuration(relay: &Relay) -> String {
    json!({"relay": format!("http://{}", relay.address())}).to_string()
}
