//! "It is readable on my phone, at night, and when it is broken."
//!
//! The pictures are kept in `target/screenshots`, for people to look at; what a program can see of
//! them is checked here.

use std::path::{Path, PathBuf};

use tidemark_tests::proxy::Door;

use crate::visit::{DESK, Visit};

const PHONE: (u32, u32) = (390, 844);
const SMALLEST: (u32, u32) = (320, 568);

/// What a program can see: nothing sticks out sideways, and there are prices.
const FITS: &str = "document.documentElement.scrollWidth <= innerWidth";

#[tokio::test(flavor = "multi_thread")]
async fn every_theme_and_width_shows_prices_without_scrolling_sideways() {
    let visit = Visit::begin().await;
    for theme in ["light", "dark"] {
        visit.page.prefer(&[("prefers-color-scheme", theme)]).await.unwrap();
        for (name, (width, height)) in [("desk", DESK), ("phone", PHONE), ("smallest", SMALLEST)] {
            visit.page.resize(width, height).await.unwrap();
            visit.page.until(&format!("the page to fit {width} pixels"), FITS).await.unwrap();
            visit.page.screenshot(&picture(&format!("{theme}-{name}"))).await.unwrap();
        }
    }
    let (width, height) = DESK;
    visit.page.resize(width, height).await.unwrap();
    visit.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn light_and_dark_are_different_and_follow_the_system() {
    let visit = Visit::begin().await;
    let background = "getComputedStyle(document.body).backgroundColor";
    visit.page.prefer(&[("prefers-color-scheme", "light")]).await.unwrap();
    let light = visit.page.evaluate(background).await.unwrap();
    visit.page.prefer(&[("prefers-color-scheme", "dark")]).await.unwrap();
    visit.page.until("the dark theme", &format!("{background} !== {light}")).await.unwrap();
    visit.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_relay_is_seen_on_every_row() {
    let visit = Visit::begin().await;
    visit.network.set_door(Door::Refusing);
    visit.network.cut();
    visit.until_lost().await;
    for (symbol, freshness) in visit.freshness().await {
        assert_eq!(freshness, "relay_lost", "{symbol}");
    }
    let all_marked = "[...document.querySelectorAll('[data-symbol]')]
        .every(row => row.dataset.fresh && row.dataset.fresh !== 'live')";
    visit.page.until("every row to look stale", all_marked).await.unwrap();
    visit.page.screenshot(&picture("relay-lost")).await.unwrap();
    visit.network.set_door(Door::Open);
    visit.until_live().await;
    visit.until_prices_move().await;
    visit.check().await;
}

fn picture(name: &str) -> PathBuf {
    let target = std::env::current_exe().unwrap();
    // The tests are in `target/debug/deps`.
    let target = target.ancestors().nth(3).unwrap_or(Path::new(".")).to_owned();
    target.join("screenshots").join(format!("{name}.png"))
}
