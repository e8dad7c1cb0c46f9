//! What pages of before this one kept: one cache for everybody, with the watchlist in it.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbTransactionMode;

use super::Shelf;
use super::database::{self, Database, Durability, answer};
use crate::browser::window;

const NAME: &str = "tidemark-cache";

/// What the user had chosen, as it was kept; nothing where no such page was ever open.
pub(crate) async fn choices() -> Option<String> {
    if !is_there().await {
        return None;
    }
    const CHOICES: &str = Shelf::Choices.as_str();
    let database = Database::new(NAME.into(), 1, &[CHOICES]);
    let begun = database.begin(IdbTransactionMode::Readonly, Durability::Relaxed).await.ok()?;
    let store = begun.object_store(CHOICES).ok()?;
    answer(&store.get(&"chosen".into()).ok()?).await.ok()?.as_string()
}

/// Removes it, once everything of worth is taken over.
pub(crate) async fn remove() {
    // What cannot be removed now is found again at the next start.
    let _ = database::remove(NAME).await;
}

/// Asking for a database makes it, so it is looked for on the platform's list.
async fn is_there() -> bool {
    let list = async || -> Result<js_sys::Array, JsValue> {
        let factory = window().indexed_db()?.ok_or(JsValue::NULL)?;
        let databases: js_sys::Function =
            js_sys::Reflect::get(&factory, &"databases".into())?.dyn_into()?;
        let listed: js_sys::Promise = databases.call0(&factory)?.dyn_into()?;
        JsFuture::from(listed).await?.dyn_into()
    };
    let name_of = |entry: JsValue| js_sys::Reflect::get(&entry, &"name".into());
    let is_ours = |entry| name_of(entry).is_ok_and(|name| name == NAME);
    list().await.is_ok_and(|all| all.iter().any(is_ours))
}
