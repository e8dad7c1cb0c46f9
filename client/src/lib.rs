//! The Tidemark page: a Leptos app that holds one connection to a relay and shows what comes.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`entrance`] | who this page is for: signing in, tokens of the site, the relay's door |
//! | [`link`] | the shell around the connection machine: WebSocket, event stream, polling, page events |
//! | [`tabs`] | one connection for many tabs: who leads, what they say to each other |
//! | [`store`] | what is kept between visits, in the browser's databases or in memory |
//! | [`queue`] | the user's own data: documents, and writes on their way to the relay |
//! | [`bus`] | what happens in the page, for whoever wants to know |
//! | [`board`] | the newest of everything as signals, and how much of it can be trusted |
//! | [`watchlist`] | the user's list |
//! | [`chart`] | the candlestick chart |
//! | [`pwa`] | the page as an installed app: service worker, updates, installing |
//! | [`desk`] | the user's own data: lists, notes, rules, layouts, settings, conflicts |
//! | [`i18n`] | words, numbers and times |
//! | [`app`] | the page's state, put together |
//! | [`screen`] | what the user sees |
//! | [`browser`] | the platform, wrapped |
//!
//! The way of a price: `link` gets a frame, the machine in `shared` checks its order, `app` puts it
//! in the latest-value map of `board`, the next animation frame sets one signal per row, and
//! `screen` changes the text nodes whose text is different.
//!
//! What must never be here: a decision about the connection (that is `shared::session`'s).

mod app;
mod board;
mod browser;
mod bus;
#[allow(unreachable_pub, reason = "the component macro makes a public builder of each component")]
mod chart;
mod desk;
mod entrance;
mod i18n;
mod link;
#[allow(unreachable_pub, reason = "the component macro makes a public builder of each component")]
mod pwa;
mod queue;
#[allow(unreachable_pub, reason = "the component macro makes a public builder of each component")]
mod screen;
mod store;
mod tabs;
mod watchlist;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the page. Called by the generated JavaScript once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    screen::tell_of_panics();
    wasm_bindgen_futures::spawn_local(async {
        let start = app::open().await;
        screen::mount(start);
    });
}
