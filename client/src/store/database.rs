//! One of the browser's databases. Directly on the platform's interface: it is small, and the
//! wrappers hide when a write is safe and why one failed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use thiserror::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DomException, IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::browser::listener::{Listener, Part};
use crate::browser::{window, words_of};

/// A database. Its connection is opened when it is needed, and again when the browser drops it
/// (Safari does), when another tab wants to change its shape, or to delete it.
pub(super) struct Database {
    name: String,
    version: u32,
    stores: &'static [&'static str],
    handle: Rc<RefCell<Option<Handle>>>,
    is_removed: Cell<bool>,
    on_lost: Rc<RefCell<Option<Lost>>>,
}

/// Called when the browser closes the connection, or another tab wants it closed.
pub(super) type Lost = Box<dyn Fn()>;

struct Handle {
    database: IdbDatabase,
    // Let go of the handle when the connection ends.
    _listeners: Vec<Listener>,
}

/// When a transaction counts as complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// When the operating system has it.
    Relaxed,
    /// When the disk has it.
    Strict,
}

/// Why a database did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum DatabaseError {
    /// There is none in this browser, or it is refused (private mode, settings).
    #[error("the browser refuses to store anything: {0}")]
    Unavailable(String),
    /// A newer version of the page has changed its shape.
    #[error("it has the shape of a newer version")]
    Newer,
    /// There is no room left.
    #[error("there is no room left")]
    Full,
    /// The connection to it is gone.
    #[error("the connection to it was lost: {0}")]
    Lost(String),
}

impl Drop for Handle {
    fn drop(&mut self) {
        // An open connection stands in the way of whoever wants to remove the database.
        self.database.close();
    }
}

impl Database {
    pub(super) fn new(name: String, version: u32, stores: &'static [&'static str]) -> Self {
        Database {
            name,
            version,
            stores,
            handle: Rc::default(),
            is_removed: Cell::new(false),
            on_lost: Rc::default(),
        }
    }

    /// Calls `action` whenever the connection is lost.
    pub(super) fn when_lost(&self, action: Lost) {
        *self.on_lost.borrow_mut() = Some(action);
    }

    /// Begins a transaction on all its stores, on a new connection when the old one is dead.
    pub(super) async fn begin(
        &self,
        mode: IdbTransactionMode,
        durability: Durability,
    ) -> Result<IdbTransaction, DatabaseError> {
        let database = self.connection().await?;
        if let Ok(transaction) = transaction(&database, self.stores, mode, durability) {
            return Ok(transaction);
        }
        *self.handle.borrow_mut() = None;
        let database = self.connection().await?;
        transaction(&database, self.stores, mode, durability).map_err(error_of)
    }

    /// Closes the connection and removes the database. Other tabs close theirs when they hear of
    /// it.
    pub(super) async fn remove(&self) -> Result<(), DatabaseError> {
        // Whoever still writes must not make it anew.
        self.is_removed.set(true);
        *self.handle.borrow_mut() = None;
        let request = factory()?.delete_database(&self.name).map_err(error_of)?;
        answer(&request).await.map(drop)
    }

    async fn connection(&self) -> Result<IdbDatabase, DatabaseError> {
        if self.is_removed.get() {
            return Err(DatabaseError::Unavailable("it was removed".into()));
        }
        if let Some(handle) = &*self.handle.borrow() {
            return Ok(handle.database.clone());
        }
        let database = self.open().await?;
        let mut listeners = Vec::new();
        for kind in ["close", "versionchange"] {
            let handle = Rc::downgrade(&self.handle);
            let closing = database.clone();
            let on_lost = self.on_lost.clone();
            listeners.push(Listener::new(&database, kind, Part::Watches, move |_| {
                closing.close();
                if let Some(handle) = handle.upgrade() {
                    // Dropped later: this very listener is among what is let go.
                    let gone = handle.borrow_mut().take();
                    wasm_bindgen_futures::spawn_local(async move { drop(gone) });
                }
                if let Some(on_lost) = &*on_lost.borrow() {
                    on_lost();
                }
            }));
        }
        let handle = Handle { database: database.clone(), _listeners: listeners };
        *self.handle.borrow_mut() = Some(handle);
        Ok(database)
    }

    async fn open(&self) -> Result<IdbDatabase, DatabaseError> {
        let request = factory()?.open_with_u32(&self.name, self.version).map_err(unavailable)?;
        let upgraded = request.clone();
        let stores = self.stores;
        let _upgrade = Listener::new(&request, "upgradeneeded", Part::Watches, move |_| {
            make_stores(&upgraded, stores);
        });
        let opened = match first_of(&request, &["success"], &["error", "blocked"]).await {
            Ok(()) => request.result().map_err(error_of)?,
            Err(()) => return Err(refusal_of(&request)),
        };
        opened.dyn_into().map_err(error_of)
    }
}

/// Waits until a transaction is safe.
pub(super) async fn finished(transaction: &IdbTransaction) -> Result<(), DatabaseError> {
    first_of(transaction, &["complete"], &["abort", "error"]).await.map_err(|()| match transaction
        .error()
    {
        Some(error) => of_exception(&error),
        None => DatabaseError::Lost("the transaction was aborted".into()),
    })
}

/// Waits for a request's result. The transaction goes on if more is asked before anything else
/// is waited for.
pub(super) async fn answer(request: &IdbRequest) -> Result<JsValue, DatabaseError> {
    match first_of(request, &["success"], &["error"]).await {
        Ok(()) => request.result().map_err(error_of),
        Err(()) => match request.error() {
            Ok(Some(error)) => Err(of_exception(&error)),
            _ => Err(DatabaseError::Lost("the request failed".into())),
        },
    }
}

/// A refusal of the platform as an error.
pub(super) fn error_of(error: JsValue) -> DatabaseError {
    match error.dyn_ref::<DomException>() {
        Some(exception) => of_exception(exception),
        None => DatabaseError::Lost(words_of(&error)),
    }
}

/// Removes a database that is not open here.
pub(super) async fn remove(name: &str) -> Result<(), DatabaseError> {
    answer(&*factory()?.delete_database(name).map_err(error_of)?).await.map(drop)
}

fn factory() -> Result<web_sys::IdbFactory, DatabaseError> {
    let nothing = || DatabaseError::Unavailable("there is no IndexedDB here".into());
    window().indexed_db().map_err(unavailable)?.ok_or_else(nothing)
}

fn make_stores(request: &IdbOpenDbRequest, stores: &[&str]) {
    let Ok(database) = request.result().and_then(|result| result.dyn_into::<IdbDatabase>()) else {
        return;
    };
    for store in stores {
        // A refusal aborts the upgrade, which `open` then reports.
        let _ = database.create_object_store(store);
    }
}

/// The platform's own binding does not know the durability yet.
fn transaction(
    database: &IdbDatabase,
    stores: &[&str],
    mode: IdbTransactionMode,
    durability: Durability,
) -> Result<IdbTransaction, JsValue> {
    let names: js_sys::Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
    let options = js_sys::Object::new();
    let durability = match durability {
        Durability::Relaxed => "relaxed",
        Durability::Strict => "strict",
    };
    js_sys::Reflect::set(&options, &"durability".into(), &durability.into())?;
    let begin = js_sys::Reflect::get(database, &"transaction".into())?;
    let begin: js_sys::Function = begin.dyn_into()?;
    begin.call3(database, &names, &mode.into(), &options)?.dyn_into()
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

/// Why a database was not opened.
fn refusal_of(request: &IdbOpenDbRequest) -> DatabaseError {
    match request.error() {
        Ok(Some(error)) => match of_exception(&error) {
            DatabaseError::Lost(reason) => DatabaseError::Unavailable(reason),
            other => other,
        },
        // It is still being asked for: what comes of it late must not stand in others' way.
        _ => {
            let late = request.clone();
            let closing = Listener::new(request, "success", Part::Watches, move |_| {
                let result = late.result().and_then(|result| result.dyn_into::<IdbDatabase>());
                result.iter().for_each(IdbDatabase::close);
            });
            std::mem::forget(closing);
            DatabaseError::Lost("another tab still uses an older shape of it".into())
        }
    }
}

fn of_exception(error: &DomException) -> DatabaseError {
    match error.name().as_str() {
        "QuotaExceededError" => DatabaseError::Full,
        "VersionError" => DatabaseError::Newer,
        "SecurityError" => DatabaseError::Unavailable(error.message()),
        name => DatabaseError::Lost(format!("{name}: {}", error.message())),
    }
}

fn unavailable(error: JsValue) -> DatabaseError {
    DatabaseError::Unavailable(words_of(&error))
}
