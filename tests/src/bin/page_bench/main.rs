//! What the page costs its user: time to the first live price, and frames per second under load.
//!
//! The relay replays a recording that is made here: 200 instruments, 5,000 trades a second. The
//! browser is a real Chromium without a GPU, so frames are drawn by the same cores that run
//! everything else: a user's machine does better.

#![allow(clippy::print_stdout, reason = "figures go to the terminal")]
#![allow(clippy::indexing_slicing, reason = "a missing figure is null, and shown so")]

mod recording;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tidemark_tests::browser::{Browser, Page};
use tidemark_tests::relay::Relay;

/// How many instruments are listed.
const INSTRUMENTS: usize = 200;

/// How many trades come a second, of all instruments together.
const TRADES_PER_S: usize = 5_000;

/// How often the page is started from what the browser keeps.
const STARTS: usize = 7;

/// A window so high that every row is really on the screen.
const ALL_ROWS: (u32, u32) = (1_440, 9_300);

/// A common screen on a desk: some thirty rows are made, the others only listed.
const DESK: (u32, u32) = (1_440, 900);

/// When the page shows a live price, in milliseconds after the navigation began.
const FIRST_PRICE: &str = "new Promise(done => {
    const look = () => globalThis.tidemark
        && tidemark.status().state === 'live'
        && Object.values(tidemark.prices()).some(price => price.moves > 0)
        ? done(performance.now()) : setTimeout(look, 5);
    look();
})";

/// The page has everything that the relay has.
const IS_LIVE: &str = "globalThis.tidemark?.status().state === 'live'";

/// The page would open without a network.
const IS_KEPT: &str = "globalThis.tidemark?.status().offline === 'ready'";

/// When the page shows a price of the last visit on a row, in milliseconds after the navigation
/// began.
const LAST_KNOWN_PRICE: &str = "new Promise(done => {
    const look = () => document.querySelector('[data-symbol][data-fresh=saved] .c-last b')
        ?.textContent.trim() ? done(performance.now()) : setTimeout(look, 5);
    look();
})";

/// Frames, updates and the longest frame within ten seconds.
const FRAMES: &str = "new Promise(done => {
    const before = tidemark.status().counters.delivered;
    const begin = performance.now();
    let frames = 0, last = begin, longest = 0;
    const frame = now => {
        frames += 1; longest = Math.max(longest, now - last); last = now;
        if (now - begin < 10000) return requestAnimationFrame(frame);
        const seconds = (now - begin) / 1000;
        const updates = tidemark.status().counters.delivered - before;
        done({frames_per_s: frames / seconds, updates_per_s: updates / seconds, longest_ms: longest,
              rows: document.querySelectorAll('#watchlist tr.row').length});
    };
    requestAnimationFrame(frame);
})";

#[tokio::main]
async fn main() -> Result<()> {
    let mut relay = Relay::start().await?;
    let browser = Browser::start().await?;
    let page = browser.open_tab().await?;
    page.resize(DESK.0, DESK.1).await?;
    let address = format!("http://{}/", relay.address());
    page.navigate(&address).await?;
    println!("{:<28} {:>8.0} ms", "first live price, cold", number(&page, FIRST_PRICE).await?);
    page.until("the page to be kept", IS_KEPT).await?;
    starts(&page, "the same, service worker", FIRST_PRICE).await?;
    relay.stop().await?;
    starts(&page, "last known price, offline", LAST_KNOWN_PRICE).await?;
    drop(relay);

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("trades.txt");
    recording::write(&file, INSTRUMENTS, TRADES_PER_S).context("no recording")?;
    let relay = Relay::start_with(&recording::settings(&file, INSTRUMENTS)).await?;
    let address = format!("http://{}/", relay.address());
    page.navigate(&address).await?;
    page.until("the page to be live", IS_LIVE).await?;
    page.evaluate(&keep_list()).await?;
    for (what, (width, height)) in [("on a desk", DESK), ("all rows shown", ALL_ROWS)] {
        page.resize(width, height).await?;
        page.reload().await?;
        page.until("the page to be live", IS_LIVE).await?;
        let figures = page.evaluate(FRAMES).await?;
        println!(
            "{INSTRUMENTS} listed, {what:<16} {:>6.1} frames/s, {:>6.0} updates/s, {} rows made, \
             longest frame {:.0} ms",
            figures["frames_per_s"].as_f64().unwrap_or_default(),
            figures["updates_per_s"].as_f64().unwrap_or_default(),
            figures["rows"],
            figures["longest_ms"].as_f64().unwrap_or_default(),
        );
    }
    Ok(())
}

/// How long the page takes to start again: the best and the middle of a few times, because the
/// machine does other things, too.
async fn starts(page: &Page, what: &str, script: &str) -> Result<()> {
    let mut times_ms = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        page.reload().await?;
        times_ms.push(number(page, script).await?);
    }
    times_ms.sort_by(f64::total_cmp);
    let (best, middle) = (times_ms[0], times_ms[STARTS / 2]);
    println!("{what:<28} {middle:>8.0} ms, at best {best:.0} ms");
    Ok(())
}

async fn number(page: &Page, script: &str) -> Result<f64> {
    page.evaluate(script).await?.as_f64().context("the page gives no number")
}

/// Puts all instruments on the list, the way the page keeps it.
fn keep_list() -> String {
    let instruments: Vec<Value> = (0..INSTRUMENTS)
        .map(|index| {
            let symbol = recording::symbol(index);
            json!({"symbol": symbol, "name": symbol, "asset_class": "crypto", "currency": "USDT",
                   "price_digits": 2, "feed": "recording"})
        })
        .collect();
    let chosen = json!({"watchlist": instruments, "selected": null, "interval": "1m"}).to_string();
    format!(
        "indexedDB.databases().then(all => new Promise((done, failed) => {{
            const cache = all.find(it => it.name.startsWith('tidemark-cache:'));
            const opening = indexedDB.open(cache.name);
            opening.onerror = () => failed(opening.error);
            opening.onsuccess = () => {{
                const writing = opening.result.transaction('choices', 'readwrite');
                writing.objectStore('choices').put({}, 'chosen');
                writing.oncomplete = () => {{ opening.result.close(); done(true); }};
                writing.onerror = () => failed(writing.error);
            }};
        }}))",
        Value::String(chosen)
    )
}
