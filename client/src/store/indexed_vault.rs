//! The queue in the browser's database. Small and precious: a change is reported only when the
//! disk has it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tidemark_shared::documents::MutationId;
use tidemark_shared::outbox::{Done, Item, Meta, ROWS_SCHEMA, Write};
use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbObjectStore, IdbTransaction, IdbTransactionMode};

use super::database::{Database, DatabaseError, Durability, answer, error_of, finished};
use super::vault::{Guarded, Rows, Vault, VaultError, transact};

/// The rows' shape. A page of an older version that finds a greater one writes nothing.
const VERSION: u32 = ROWS_SCHEMA;

/// Where the one row about the queue is, under its own name.
const META: &str = "meta";

/// Where the writes are, under their numbers.
const ITEMS: &str = "items";

/// The queue of one user of one relay.
pub(crate) struct IndexedVault {
    database: Database,
}

impl IndexedVault {
    /// A vault in the database of that name, which is made when it is needed.
    pub(crate) fn new(name: String) -> Self {
        IndexedVault { database: Database::new(name, VERSION, &[META, ITEMS]) }
    }

    async fn begin(&self, mode: IdbTransactionMode) -> Result<Stores, VaultError> {
        let transaction = self.database.begin(mode, Durability::Strict).await?;
        let store = |name: &str| transaction.object_store(name).map_err(failed);
        Ok(Stores { meta: store(META)?, items: store(ITEMS)?, transaction })
    }

    async fn change(&self, write: Write) -> Result<Done, VaultError> {
        let stores = self.begin(IdbTransactionMode::Readwrite).await?;
        let outcome = stores.perform(&write).await;
        if outcome.is_err() {
            // It has failed already where this is refused.
            let _ = stores.transaction.abort();
            return outcome;
        }
        finished(&stores.transaction).await?;
        outcome
    }
}

impl Vault for IndexedVault {
    fn peek(&self) -> Guarded<'_, Option<Meta>> {
        Box::pin(async move { self.begin(IdbTransactionMode::Readonly).await?.meta().await })
    }

    fn load(&self) -> Guarded<'_, Rows> {
        Box::pin(async move {
            let stores = self.begin(IdbTransactionMode::Readonly).await?;
            let meta = stores.meta().await?.ok_or(VaultError::Wiped)?;
            let items = answer(&stores.items.get_all().map_err(failed)?).await?;
            Ok(Rows { meta, items: parsed_all(&items)? })
        })
    }

    fn perform(&self, write: Write) -> Guarded<'_, Done> {
        Box::pin(self.change(write))
    }

    fn begin_with(&self, rows: Rows) -> Guarded<'_, Rows> {
        Box::pin(async move {
            let stores = self.begin(IdbTransactionMode::Readwrite).await?;
            if stores.meta().await?.is_none() {
                stores.put_meta(&rows.meta)?;
                rows.items.iter().try_for_each(|item| stores.put_item(item))?;
            }
            finished(&stores.transaction).await?;
            self.load().await
        })
    }

    fn when_lost(&self, action: Box<dyn Fn()>) {
        self.database.when_lost(action);
    }

    fn remove(&self) -> Guarded<'_, ()> {
        Box::pin(async move { Ok(self.database.remove().await?) })
    }
}

/// The stores within one transaction.
struct Stores {
    transaction: IdbTransaction,
    meta: IdbObjectStore,
    items: IdbObjectStore,
}

impl Stores {
    async fn meta(&self) -> Result<Option<Meta>, VaultError> {
        let row = answer(&self.meta.get(&META.into()).map_err(failed)?).await?;
        if row.is_undefined() {
            return Ok(None);
        }
        let meta: Meta = parsed(&row)?;
        if meta.schema > ROWS_SCHEMA { Err(VaultError::Newer) } else { Ok(Some(meta)) }
    }

    async fn perform(&self, write: &Write) -> Result<Done, VaultError> {
        let meta = self.meta().await?;
        let mut rows = BTreeMap::new();
        if let Some(range) = write.reads() {
            let bounds =
                IdbKeyRange::bound(&key(*range.start()), &key(*range.end())).map_err(failed)?;
            let asked = self.items.get_all_with_key(&bounds).map_err(failed)?;
            let found = parsed_all(&answer(&asked).await?)?;
            rows.extend(found.into_iter().map(|item| (item.mid(), item)));
        }
        let done = transact(meta, rows, write)?;
        for mid in &done.removed {
            self.items.delete(&key(*mid)).map_err(failed)?;
        }
        done.put.iter().try_for_each(|item| self.put_item(item))?;
        done.meta.iter().try_for_each(|meta| self.put_meta(meta))?;
        Ok(done)
    }

    fn put_meta(&self, meta: &Meta) -> Result<(), VaultError> {
        self.meta.put_with_key(&text_of(meta), &META.into()).map(drop).map_err(failed)
    }

    fn put_item(&self, item: &Item) -> Result<(), VaultError> {
        self.items.put_with_key(&text_of(item), &key(item.mid())).map(drop).map_err(failed)
    }
}

impl From<DatabaseError> for VaultError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(reason) => VaultError::Unavailable { reason },
            DatabaseError::Newer => VaultError::Newer,
            DatabaseError::Full => VaultError::Full,
            DatabaseError::Lost(reason) => VaultError::Lost { reason },
        }
    }
}

/// Numbers of rows are whole numbers that JavaScript is sure of.
fn key(mid: MutationId) -> JsValue {
    JsValue::from_f64(mid.0 as f64)
}

fn text_of(row: &impl Serialize) -> JsValue {
    JsValue::from_str(&serde_json::to_string(row).expect("ours have text keys"))
}

/// A row that cannot be read was written by a newer version: nobody else writes here.
fn parsed<T: DeserializeOwned>(row: &JsValue) -> Result<T, VaultError> {
    let text = row.as_string().ok_or(VaultError::Newer)?;
    serde_json::from_slice(text.as_bytes()).map_err(|_| VaultError::Newer)
}

fn parsed_all(rows: &JsValue) -> Result<Vec<Item>, VaultError> {
    js_sys::Array::from(rows).iter().map(|row| parsed(&row)).collect()
}

fn failed(error: JsValue) -> VaultError {
    error_of(error).into()
}
