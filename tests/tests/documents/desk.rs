//! A user before the page, with everything that belongs to it.

use serde_json::{Value, json};
use tidemark_shared::documents::Entity;
use tidemark_tests::browser::{Browser, Page, Profile};
use tidemark_tests::device::Device;
use tidemark_tests::host::Host;
use tidemark_tests::proxy::{Door, Proxy};
use tidemark_tests::relay::Relay;

/// A common screen on a desk, in CSS pixels: the note is open on it from the start.
const DESK: (u32, u32) = (1440, 900);

/// Who a user is that has chosen no account.
pub(crate) const GUEST: &str = "guest";

/// Reached, with all that the relay has.
const LIVE: &str = "tidemark.status().state === 'live'";

/// Everything that was written is where it should be, or waits for its user.
const NOTHING_WAITS: &str = "tidemark.queue().every(item =>
    !['saved', 'sending'].includes(item.state.state))";

/// There is a note to write on.
const HAS_NOTE: &str = "!!document.querySelector('[data-testid=\"note\"]')";

/// Reads the name of the queue from its database.
const GROUP: &str = "indexedDB.databases().then(all => new Promise((done, failed) => {
    const opening = indexedDB.open(all.find(it => it.name.startsWith('tidemark-outbox:')).name);
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
        const asking = opening.result.transaction('meta').objectStore('meta').getAll();
        asking.onerror = () => failed(asking.error);
        asking.onsuccess = () => {
            opening.result.close();
            const [meta] = asking.result;
            done((typeof meta === 'string' ? JSON.parse(meta) : meta).group);
        };
    };
}))";

/// A relay, a network before it, and a host with the page.
pub(crate) struct Place {
    pub(crate) relay: Relay,
    pub(crate) network: Proxy,
    pub(crate) host: Host,
}

/// A tab with the page, and a note on it.
pub(crate) struct Desk {
    pub(crate) page: Page,
    /// The note on the instrument that is selected.
    pub(crate) note: Entity,
}

impl Place {
    /// A relay in good weather.
    pub(crate) async fn begin() -> Place {
        Place::begin_with("").await
    }

    /// The same, with more settings of the relay.
    pub(crate) async fn begin_with(settings: &str) -> Place {
        let host = Host::start("tidemark").await.unwrap();
        let settings = format!("allowed_origins = [{:?}]\n{settings}", host.origin());
        let relay = Relay::start_with(&settings).await.unwrap();
        let network = Proxy::start(relay.address()).await.unwrap();
        Place { relay, network, host }
    }

    /// Opens the page in a new tab, and waits until it is live.
    pub(crate) async fn open(&self, browser: &Browser) -> Desk {
        self.open_over(&self.network, browser).await
    }

    /// The same, over another network to the relay.
    pub(crate) async fn open_over(&self, network: &Proxy, browser: &Browser) -> Desk {
        let page = self.new_tab(network, browser).await;
        page.until("the page to be live", LIVE).await.unwrap();
        Desk::at(page).await
    }

    /// Opens the page in a new tab when the relay cannot be reached.
    pub(crate) async fn open_offline(&self, browser: &Browser) -> Desk {
        Desk::at(self.new_tab(&self.network, browser).await).await
    }

    /// Opens the page in a browser that a script has changed before.
    pub(crate) async fn open_prepared(&self, browser: &Browser, script: &str) -> Desk {
        let page = browser.open_tab().await.unwrap();
        page.prepare(script).await.unwrap();
        Desk::at(self.show(&self.network, page).await).await
    }

    async fn new_tab(&self, network: &Proxy, browser: &Browser) -> Page {
        self.show(network, browser.open_tab().await.unwrap()).await
    }

    async fn show(&self, network: &Proxy, page: Page) -> Page {
        let (width, height) = DESK;
        page.resize(width, height).await.unwrap();
        let relay = format!("http://{}", network.address());
        page.navigate(&format!("{}?relay={relay}", self.host.page())).await.unwrap();
        page
    }

    /// Who sees what the relay has.
    pub(crate) fn witness(&self) -> Device {
        Device::of(GUEST, self.relay.address())
    }

    /// Takes the network away.
    pub(crate) fn go_offline(&self) {
        go_offline(&self.network);
    }

    /// Gives it back.
    pub(crate) fn go_online(&self) {
        self.network.set_door(Door::Open);
    }
}

/// Takes a network away.
pub(crate) fn go_offline(network: &Proxy) {
    network.set_door(Door::Refusing);
    network.cut();
}

impl Desk {
    async fn at(page: Page) -> Desk {
        page.until("a note to write on", HAS_NOTE).await.unwrap();
        let symbol = page.evaluate("tidemark.status().selected").await.unwrap();
        let note = format!("notes/{}", symbol.as_str().unwrap()).parse().unwrap();
        Desk { page, note }
    }

    /// Waits until an instrument is shown that a note can be written about.
    pub(crate) async fn until_there_is_a_note(&self) {
        self.page.until("a note to write on", HAS_NOTE).await.unwrap();
    }

    /// Writes a text over what is on the note, and waits until it is safe on this device.
    pub(crate) async fn write(&self, text: &str) {
        self.type_in(text).await;
        self.until_note(text).await;
    }

    /// Writes a text over what is on the note.
    pub(crate) async fn type_in(&self, text: &str) {
        let field = "(note => { note.focus(); note.select(); })(
            document.querySelector('[data-testid=\"note\"]'))";
        self.page.evaluate(field).await.unwrap();
        self.page.paste(text).await.unwrap();
        // It saves by itself after a pause; leaving it does it at once.
        self.page.evaluate("document.activeElement.blur()").await.unwrap();
    }

    /// The text on the screen.
    pub(crate) async fn shown(&self) -> String {
        let text = self.page.evaluate("document.querySelector('[data-testid=\"note\"]').value");
        text.await.unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until the note is this, in the page's book and on the screen.
    pub(crate) async fn until_note(&self, text: &str) {
        let text = json!(text);
        let note = json!(self.note);
        let is_it = format!(
            "tidemark.documents()[{note}]?.body.text === {text}
                && document.querySelector('[data-testid=\"note\"]').value === {text}"
        );
        self.page.until(&format!("the note to be {text}"), &is_it).await.unwrap();
    }

    /// The queue, in the page's own words.
    pub(crate) async fn queue(&self) -> Vec<Value> {
        let queue = self.page.evaluate("tidemark.queue()").await.unwrap();
        queue.as_array().unwrap().clone()
    }

    /// Waits until the relay has decided all that was written.
    pub(crate) async fn until_nothing_waits(&self) {
        self.page.until("the relay to have decided", NOTHING_WAITS).await.unwrap();
    }

    /// Waits until all that was written is everywhere.
    pub(crate) async fn until_all_is_everywhere(&self) {
        let is_empty = "tidemark.queue().length === 0";
        self.page.until("everything to be everywhere", is_empty).await.unwrap();
    }

    /// Waits until the page has everything that the relay has.
    pub(crate) async fn until_live(&self) {
        self.page.until("the page to be live", LIVE).await.unwrap();
    }

    /// Waits until the page knows that it is not.
    pub(crate) async fn until_lost(&self) {
        self.page.until("the page to notice", &format!("!({LIVE})")).await.unwrap();
    }

    /// Whether this tab holds the connection.
    pub(crate) async fn leads(&self) -> bool {
        self.page.evaluate("tidemark.holder()").await.unwrap() == json!(true)
    }

    /// Waits until this tab holds the connection.
    pub(crate) async fn until_it_leads(&self) {
        self.page.until("the tab to lead", "tidemark.holder()").await.unwrap();
    }

    /// The name of the queue, as it stands in the browser's database.
    pub(crate) async fn group(&self) -> String {
        let group = self.page.evaluate(GROUP).await.unwrap();
        group.as_str().unwrap().to_owned()
    }

    /// Waits until new prices come.
    pub(crate) async fn until_prices_move(&self) {
        let moves = "Object.values(tidemark.prices()).reduce((sum, it) => sum + it.moves, 0)";
        let before = self.page.evaluate(moves).await.unwrap();
        self.page.until("prices to move", &format!("{moves} > {before}")).await.unwrap();
    }

    /// Waits until the page says something.
    pub(crate) async fn until_it_says(&self, text: &str) {
        let says = format!("document.body.innerText.includes({})", json!(text));
        self.page.until(&format!("the page to say {text:?}"), &says).await.unwrap();
    }

    /// Clicks a button that says this.
    pub(crate) async fn press_button(&self, words: &str) {
        let find = format!(
            "[...document.querySelectorAll('button')]
                .find(it => it.textContent.trim() === {} && it.offsetWidth > 0)",
            json!(words)
        );
        self.page.until(&format!("a button {words:?}"), &format!("!!({find})")).await.unwrap();
        self.page.evaluate(&format!("({find}).click()")).await.unwrap();
    }

    /// How many conflicts wait, as the header says.
    pub(crate) async fn until_conflicts(&self, count: usize) {
        let shown = "Number(document.querySelector('[data-testid=\"conflicts\"] b')
            ?.textContent ?? 0)";
        let what = format!("{count} conflicts to wait");
        self.page.until(&what, &format!("{shown} === {count}")).await.unwrap();
    }

    /// What must be true at the end of every story.
    pub(crate) fn check(&self) {
        let complaints = self.page.complaints();
        assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    }
}

/// A browser that can be closed and started again.
pub(crate) async fn browser() -> (Profile, Browser) {
    let profile = Profile::empty().unwrap();
    let browser = Browser::start_on(&profile).await.unwrap();
    (profile, browser)
}
