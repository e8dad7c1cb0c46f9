//! What pages of before this one kept, taken over at the first start.

use tidemark_shared::documents::shape::{self, Shape};
use tidemark_shared::market::Symbol;
use wasm_bindgen_futures::spawn_local;

use super::{App, Chosen};
use crate::desk::lists;
use crate::desk::seen::Seen;
use crate::store::legacy;

/// What the list is called that had no name before.
const LIST_NAME: &str = "Watchlist";

impl App {
    /// Makes a document of the watchlist that was kept on this device only.
    pub(super) fn take_over_list(self, chosen: &Chosen) {
        let list = chosen.watchlist.as_ref();
        let items: Vec<Symbol> =
            list.iter().flat_map(|list| list.items()).map(|it| it.symbol.clone()).collect();
        spawn_local(async move {
            if !items.is_empty() {
                let list = shape::Watchlist { name: LIST_NAME.into(), items, position: 0 };
                // From nothing: what other devices have on theirs is merged, not overwritten.
                let draft = Seen::default().draft(lists::first_list(), Some(&list.to_body()));
                let saved = self.desk.write(draft).await;
                // What is not saved is found again at the next start.
                if saved.is_err() {
                    return;
                }
            }
            legacy::remove().await;
        });
    }
}
