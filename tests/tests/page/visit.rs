//! A user's visit to the page, with everything that belongs to it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::proxy::Proxy;
use tidemark_tests::relay::Relay;
use tidemark_tests::wait::wait_for;
use tidemark_tests::witness::Witness;

/// A common screen on a desk, in CSS pixels.
pub(crate) const DESK: (u32, u32) = (1440, 900);

/// How many looks at a price are kept for a witness who is behind.
const LOOKS_MAX: usize = 100;

/// A relay, a network before it, and a browser that shows the page.
pub(crate) struct Visit {
    pub(crate) page: Page,
    pub(crate) network: Proxy,
    pub(crate) relay: Relay,
    witness: Witness,
    _browser: Browser,
}

/// What the page's own book says of one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) epoch: u64,
    pub(crate) last: u64,
    pub(crate) count: u64,
    pub(crate) holes: u64,
    pub(crate) duplicates: u64,
    pub(crate) resets: u64,
}

/// How a visit begins.
#[derive(Default)]
pub(crate) struct Plan {
    /// More of the relay's configuration.
    pub(crate) settings: &'static str,
    /// Addresses that a firewall blocks from the start.
    pub(crate) blocked: &'static [&'static str],
}

impl Visit {
    /// Opens the page over a good network, and waits until prices move.
    pub(crate) async fn begin() -> Visit {
        Visit::begin_as(Plan::default()).await
    }

    /// Opens the page as planned, and waits until prices move.
    pub(crate) async fn begin_as(plan: Plan) -> Visit {
        let relay = Relay::start_with(plan.settings).await.unwrap();
        let network = Proxy::start(relay.address()).await.unwrap();
        network.block(plan.blocked);
        let browser = Browser::start().await.unwrap();
        let page = browser.open_tab().await.unwrap();
        let (width, height) = DESK;
        page.resize(width, height).await.unwrap();
        page.navigate(&format!("http://{}/", network.address())).await.unwrap();
        // A first visit asks the relay which instruments there are, and then subscribes to them.
        let is_filled = format!("{LIVE} && tidemark.status().watchlist.length > 0");
        page.until("the page to be live", &is_filled).await.unwrap();
        let list = page.evaluate("tidemark.status().watchlist").await.unwrap();
        let symbols = list.as_array().unwrap().iter().filter_map(Value::as_str);
        let topics: Vec<String> = symbols.map(|symbol| format!("price:{symbol}")).collect();
        let topics = topics.iter().map(String::as_str).collect::<Vec<_>>();
        let witness = Witness::watch(relay.address(), &topics);
        let visit = Visit { page, network, relay, witness, _browser: browser };
        visit.until_prices_move().await;
        visit
    }

    /// The page's state, in its own words.
    pub(crate) async fn status(&self) -> Value {
        self.page.evaluate("tidemark.status()").await.unwrap()
    }

    /// What the page's own book says of each topic.
    pub(crate) async fn records(&self) -> BTreeMap<String, Record> {
        records_of(&self.page).await
    }

    /// The instruments whose rows can be seen.
    pub(crate) async fn symbols_in_view(&self) -> Vec<String> {
        let script =
            "[...document.querySelectorAll('[data-symbol]')].map(row => row.dataset.symbol)";
        let symbols = self.page.evaluate(script).await.unwrap();
        let symbols = symbols.as_array().unwrap().iter();
        symbols.filter_map(|symbol| symbol.as_str().map(str::to_owned)).collect()
    }

    /// How far each instrument on the watchlist can be trusted, in the page's own words.
    pub(crate) async fn freshness(&self) -> BTreeMap<String, String> {
        let prices = self.page.evaluate("tidemark.prices()").await.unwrap();
        let prices = prices.as_object().unwrap().iter();
        let word = |price: &Value| price["freshness"].as_str().unwrap().to_owned();
        prices.map(|(symbol, price)| (symbol.clone(), word(price))).collect()
    }

    /// Waits until the page has everything that the relay has.
    pub(crate) async fn until_live(&self) {
        self.page.until("the page to be live", LIVE).await.unwrap();
    }

    /// Waits until the page is not live any more.
    pub(crate) async fn until_lost(&self) {
        self.page.until("the page to notice", &format!("!({LIVE})")).await.unwrap();
    }

    /// Waits until the page is live over a certain transport.
    pub(crate) async fn until_live_over(&self, transport: &str) {
        let script = format!("{LIVE} && tidemark.status().transport === '{transport}'");
        self.page.until(&format!("the page to be live over {transport}"), &script).await.unwrap();
    }

    /// Waits until new prices have come for several instruments.
    pub(crate) async fn until_prices_move(&self) {
        const SEVERAL: usize = 3;
        let before = self.records().await;
        let moved = async || {
            let now = self.records().await;
            let is_newer = |topic: &&String| before.get(*topic) != now.get(*topic);
            let prices = now.keys().filter(|topic| topic.starts_with("price:"));
            (prices.filter(is_newer).count() >= SEVERAL).then_some(())
        };
        wait_for("prices to move", moved).await.unwrap();
    }

    /// Everything that must be true at the end of every story.
    pub(crate) async fn check(&self) {
        let records = self.records().await;
        for (topic, record) in &records {
            assert_eq!((record.holes, record.duplicates), (0, 0), "{topic}: {record:?}");
        }
        let symbols = self.symbols_in_view().await;
        assert!(!symbols.is_empty(), "the page shows no instrument at all");
        for symbol in symbols {
            self.until_shown_as_witnessed(&symbol).await;
        }
        let complaints = self.page.complaints();
        assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    }

    /// A user reads of an instrument what the witness saw at the place where the page says it is.
    /// The screen follows the book by a frame, so one look may come between the two.
    async fn until_shown_as_witnessed(&self, symbol: &str) {
        let topic = format!("price:{symbol}");
        let script = format!(
            "(() => {{
                const cell = document.querySelector('[data-symbol=\"{symbol}\"] .c-last b');
                const {{epoch, last}} = tidemark.events()['{topic}'];
                return {{epoch, last, shown: cell?.textContent}};
            }})()"
        );
        // The witness may be behind the page: a look is judged when the witness has got there.
        let mut looks = VecDeque::new();
        let look = async || {
            looks.push_front(self.page.evaluate(&script).await.ok()?);
            looks.truncate(LOOKS_MAX);
            let is_same = |look: &Value| {
                let (epoch, last) = (look["epoch"].as_u64()?, look["last"].as_u64()?);
                let event = self.witness.event(&topic, epoch, last)?;
                let said: f64 = event["data"]["price"].as_str()?.parse().ok()?;
                Some(number_in(look["shown"].as_str()?)? == said)
            };
            looks.iter().any(|look| is_same(look) == Some(true)).then_some(())
        };
        let what = format!("the price of {symbol} to be shown as the relay said it");
        if let Err(error) = wait_for(&what, look).await {
            let (seen, newest) = (looks.front(), self.witness.newest(&topic));
            panic!("{error}; the page shows {seen:?}, the witness is at {newest:?}");
        }
    }
}

/// The page has everything that the relay has.
pub(crate) const LIVE: &str = "tidemark.status().state === 'live'";

async fn records_of(page: &Page) -> BTreeMap<String, Record> {
    let records = page.evaluate("tidemark.events()").await.unwrap();
    let records = records.as_object().unwrap().iter();
    records.map(|(topic, record)| (topic.clone(), Record::read(record))).collect()
}

impl Record {
    fn read(json: &Value) -> Record {
        let number = |name: &str| json[name].as_u64().unwrap();
        Record {
            epoch: number("epoch"),
            last: number("last"),
            count: number("count"),
            holes: number("holes"),
            duplicates: number("duplicates"),
            resets: number("resets"),
        }
    }
}

/// Reads a price as it is written for people: `₩71,500`.
fn number_in(text: &str) -> Option<f64> {
    let is_part = |letter: &char| letter.is_ascii_digit() || ['.', '-'].contains(letter);
    text.chars().filter(is_part).collect::<String>().parse().ok()
}
