//! A relay with accounts, and tabs of its page.

use serde_json::{Value, json};
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::relay::Relay;

/// The relay lets in who has an account.
pub(crate) const ACCOUNTS: &str = "[auth]\nmode = \"accounts\"\n";

/// Who looks after the relay in these stories, and how they prove it.
pub(crate) const ROOT: (&str, &str) = ("root", "correct horse battery");

/// Somebody else.
pub(crate) const BOB: (&str, &str) = ("bob", "staple of the other kind");

/// Reached, with all that the relay has.
const LIVE: &str = "!!window.tidemark && tidemark.status().state === 'live'";

/// There is a form to sign in with.
const DOOR: &str = "!!document.querySelector('[data-testid=sign-in]')";

/// The names of the databases of this page.
const DATABASES: &str = "indexedDB.databases().then(all => all.map(({ name }) => name).sort())";

/// A relay and a browser.
pub(crate) struct House {
    pub(crate) relay: Relay,
    pub(crate) browser: Browser,
}

/// A tab with the page.
pub(crate) struct Tab {
    pub(crate) page: Page,
}

impl House {
    /// A relay with these settings.
    pub(crate) async fn begin(settings: &str) -> House {
        let relay = Relay::start_with(settings).await.unwrap();
        House { relay, browser: Browser::start().await.unwrap() }
    }

    /// A relay with accounts whose first one was just made, and its tab.
    pub(crate) async fn with_root(settings: &str) -> (House, Tab) {
        let house = House::begin(settings).await;
        let log = house.relay.log();
        let (_, secret) = log.split_once("/#first-admin=").expect("a link for the first admin");
        let secret = secret.split_whitespace().next().unwrap();
        let tab = house.open_at(&format!("#first-admin={secret}")).await;
        tab.until_door().await;
        let hash = tab.page.evaluate("location.hash").await.unwrap();
        assert_eq!(hash, "", "the secret has to leave the address at once");
        tab.sign_in(ROOT).await;
        tab.until_live().await;
        assert_eq!(tab.user().await, "root");
        (house, tab)
    }

    /// Opens the page.
    pub(crate) async fn open(&self) -> Tab {
        self.open_at("").await
    }

    async fn open_at(&self, fragment: &str) -> Tab {
        let page = self.browser.open_tab().await.unwrap();
        page.resize(1440, 900).await.unwrap();
        page.navigate(&format!("http://{}/{fragment}", self.relay.address())).await.unwrap();
        Tab { page }
    }
}

impl Tab {
    /// Waits for a place to sign in.
    pub(crate) async fn until_door(&self) {
        self.page.until("a place to sign in", DOOR).await.unwrap();
    }

    /// Waits until the page has all that the relay has.
    pub(crate) async fn until_live(&self) {
        self.page.until("the page to be live", LIVE).await.unwrap();
    }

    /// Fills the form in and sends it.
    pub(crate) async fn sign_in(&self, (user, password): (&str, &str)) {
        self.fill("[data-testid=sign-in] [name=username]", user).await;
        self.fill("[data-testid=sign-in] [type=password]", password).await;
        self.page.click("[data-testid=sign-in] [type=submit]").await.unwrap();
    }

    /// Opens what the account's badge opens.
    pub(crate) async fn open_account(&self) {
        self.page.click("[data-testid=account]").await.unwrap();
        self.page.until("the dialog", "document.querySelector('dialog.sheet').open").await.unwrap();
    }

    /// Whose page it is.
    pub(crate) async fn user(&self) -> Value {
        self.page.evaluate("tidemark.user").await.unwrap()
    }

    /// The names of all databases.
    pub(crate) async fn databases(&self) -> Vec<String> {
        serde_json::from_value(self.page.evaluate(DATABASES).await.unwrap()).unwrap()
    }

    /// Makes an account, as a program of the admin's would.
    pub(crate) async fn make_account(&self, (user, password): (&str, &str)) {
        let body = json!({ "user": user, "password": password, "roles": [] }).to_string();
        let script = format!(
            "fetch('/api/session').then(answer => answer.json()).then(({{ csrf }}) =>
                fetch('/api/admin/users', {{
                    method: 'POST', body: {},
                    headers: {{ 'content-type': 'application/json', 'x-tidemark-csrf': csrf }},
                }})).then(({{ status }}) => status)",
            json!(body)
        );
        assert_eq!(self.page.evaluate(&script).await.unwrap(), 201);
    }

    /// Nothing was lost, repeated or reordered.
    pub(crate) async fn check(&self) {
        let broken = "Object.entries(tidemark.events())
            .filter(([, topic]) => topic.holes || topic.duplicates)";
        assert_eq!(self.page.evaluate(broken).await.unwrap(), json!([]));
    }

    async fn fill(&self, selector: &str, text: &str) {
        self.page.click(selector).await.unwrap();
        let select = format!("document.querySelector({}).select()", json!(selector));
        self.page.evaluate(&select).await.unwrap();
        self.page.paste(text).await.unwrap();
    }
}
