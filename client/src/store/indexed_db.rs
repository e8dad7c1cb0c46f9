//! Keeps things in the browser's database. Directly on the platform's interface: it is small, and
//! the wrappers hide when a write is safe and why one failed.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use super::{Entry, Keep, KeepError, Later, Shelf};
use crate::browser::listener::{Listener, Part};
use crate::browser::{window, words_of};

/// Rises when a shelf comes or goes.
const VERSION: u32 = 1;

/// The browser's database. A lost connection to it (Safari drops them) is opened again once.
pub(crate) struct IndexedDb {
    name: String,
    handle: Rc<RefCell<Option<Handle>>>,
}

struct Handle {
    database: IdbDatabase,
    // Let go of the handle when the browser closes it, or when a newer page wants to upgrade.
    _listeners: Vec<Listener>,
}

impl IndexedDb {
    /// Opens the database, or makes it.
    pub(crate) async fn open(name: String) -> Result<Self, KeepError> {
        let place = IndexedDb { name, handle: Rc::default() };
        place.database().await?;
        Ok(place)
    }

    async fn database(&self) -> Result<IdbDatabase, KeepError> {
        if let Some(handle) = &*self.handle.borrow() {
            return Ok(handle.database.clone());
        }
        let database = open_database(&self.name).await?;
        let mut listeners = Vec::new();
        for kind in ["close", "versionchange"] {
            let handle = Rc::downgrade(&self.handle);
            let closing = database.clone();
            listeners.push(Listener::new(&database, kind, Part::Watches, move |_| {
                closing.close();
                if let Some(handle) = handle.upgrade() {
                    // Dropped later: this very listener is among what is let go.
                    let gone = handle.borrow_mut().take();
                    wasm_bindgen_futures::spawn_local(async move { drop(gone) });
                }
            }));
        }
        let handle = Handle { database: database.clone(), _listeners: listeners };
        *self.handle.borrow_mut() = Some(handle);
        Ok(database)
    }

    /// Begins a transaction, on a new connection when the old one is dead.
    async fn transaction(
        &self,
        shelf: Shelf,
        mode: IdbTransactionMode,
    ) -> Result<IdbTransaction, KeepError> {
        let database = self.database().await?;
        if let Ok(transaction) = database.transaction_with_str_and_mode(shelf.as_str(), mode) {
            return Ok(transaction);
        }
        *self.handle.borrow_mut() = None;
        let database = self.database().await?;
        database.transaction_with_str_and_mode(shelf.as_str(), mode).map_err(failed)
    }
}

impl Keep for IndexedDb {
    fn read(&self, shelf: Shelf) -> Later<'_, Vec<(String, String)>> {
        Box::pin(async move {
            let transaction = self.transaction(shelf, IdbTransactionMode::Readonly).await?;
            let store = transaction.object_store(shelf.as_str()).map_err(failed)?;
            // Both are asked for before anything is awaited: an await ends a transaction.
            let keys = store.get_all_keys().map_err(failed)?;
            let values = store.get_all().map_err(failed)?;
            finished(&transaction).await?;
            let keys = js_sys::Array::from(&keys.result().map_err(failed)?);
            let values = js_sys::Array::from(&values.result().map_err(failed)?);
            let pairs = keys.iter().zip(values.iter());
            Ok(pairs
                .filter_map(|(key, value)| Some((key.as_string()?, value.as_string()?)))
                .collect())
        })
    }

    fn write(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
        Box::pin(async move {
            let transaction = self.transaction(shelf, IdbTransactionMode::Readwrite).await?;
            put_all(&transaction.object_store(shelf.as_str()).map_err(failed)?, &entries)?;
            finished(&transaction).await
        })
    }

    fn replace(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
        Box::pin(async move {
            let transaction = self.transaction(shelf, IdbTransactionMode::Readwrite).await?;
            let store = transaction.object_store(shelf.as_str()).map_err(failed)?;
            store.clear().map_err(failed)?;
            put_all(&store, &entries)?;
            finished(&transaction).await
        })
    }
}

fn put_all(store: &IdbObjectStore, entries: &[Entry]) -> Result<(), KeepError> {
    for (name, text) in entries {
        let name = JsValue::from_str(name);
        match text {
            Some(text) => store.put_with_key(&JsValue::from_str(text), &name),
            None => store.delete(&name),
        }
        .map_err(failed)?;
    }
    Ok(())
}

async fn open_database(name: &str) -> Result<IdbDatabase, KeepError> {
    let factory = window()
        .indexed_db()
        .map_err(refused)?
        .ok_or_else(|| KeepError::Refused { reason: "there is no IndexedDB here".into() })?;
    let request = factory.open_with_u32(name, VERSION).map_err(refused)?;
    let upgraded = request.clone();
    let _upgrade = Listener::new(&request, "upgradeneeded", Part::Watches, move |_| {
        make_shelves(&upgraded);
    });
    first_of(&request, &["success"], &["error", "blocked"])
        .await
        .map_err(|()| KeepError::Refused { reason: reason_of(&request) })?;
    request.result().map_err(refused)?.dyn_into().map_err(refused)
}

fn make_shelves(request: &IdbOpenDbRequest) {
    let Ok(database) = request.result().and_then(|result| result.dyn_into::<IdbDatabase>()) else {
        return;
    };
    for shelf in Shelf::ALL {
        // A refusal aborts the upgrade, which `open` then reports.
        let _ = database.create_object_store(shelf.as_str());
    }
}

/// Waits until a transaction is safe.
async fn finished(transaction: &IdbTransaction) -> Result<(), KeepError> {
    first_of(transaction, &["complete"], &["abort", "error"]).await.map_err(|()| {
        let reason = transaction.error().map(|error| error.message());
        KeepError::Failed { reason: reason.unwrap_or_else(|| "aborted".into()) }
    })
}

/// Waits for the first of some events.
async fn first_of(
    target: &web_sys::EventTarget,
    good: &[&'static str],
    bad: &[&'static str],
) -> Result<(), ()> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let listen = |kind: &'static str, outcome: Result<(), ()>| {
        let sender = sender.clone();
        Listener::new(target, kind, Part::Watches, move |_| {
            if let Some(sender) = sender.borrow_mut().take() {
                // Who waits may have gone.
                let _ = sender.send(outcome);
            }
        })
    };
    let _good: Vec<Listener> = good.iter().map(|kind| listen(kind, Ok(()))).collect();
    let _bad: Vec<Listener> = bad.iter().map(|kind| listen(kind, Err(()))).collect();
    receiver.await.unwrap_or(Err(()))
}

fn reason_of(request: &IdbRequest) -> String {
    match request.error() {
        Ok(Some(error)) => format!("{}: {}", error.name(), error.message()),
        _ => "blocked".into(),
    }
}

fn refused(error: JsValue) -> KeepError {
    KeepError::Refused { reason: words_of(&error) }
}

fn failed(error: JsValue) -> KeepError {
    KeepError::Failed { reason: words_of(&error) }
}
