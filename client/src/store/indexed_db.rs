//! The cache in the browser's database.

use web_sys::{IdbObjectStore, IdbTransaction, IdbTransactionMode};

use wasm_bindgen::JsValue;

use super::database::{Database, DatabaseError, Durability, error_of, finished};
use super::{Entry, Keep, KeepError, Later, Shelf};

/// Rises when a shelf comes or goes.
const VERSION: u32 = 1;

/// The cache of one user of one relay.
pub(crate) struct IndexedDb {
    database: Database,
}

impl IndexedDb {
    /// Opens the database, or makes it.
    pub(crate) async fn open(name: String) -> Result<Self, KeepError> {
        let place = IndexedDb { database: Database::new(name, VERSION, &Shelf::NAMES) };
        place.begin(IdbTransactionMode::Readonly).await?;
        Ok(place)
    }

    async fn begin(&self, mode: IdbTransactionMode) -> Result<IdbTransaction, KeepError> {
        Ok(self.database.begin(mode, Durability::Relaxed).await?)
    }
}

impl Keep for IndexedDb {
    fn read(&self, shelf: Shelf) -> Later<'_, Vec<(String, String)>> {
        Box::pin(async move {
            let transaction = self.begin(IdbTransactionMode::Readonly).await?;
            let store = shelf_of(&transaction, shelf)?;
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
            let transaction = self.begin(IdbTransactionMode::Readwrite).await?;
            put_all(&shelf_of(&transaction, shelf)?, &entries)?;
            Ok(finished(&transaction).await?)
        })
    }

    fn replace(&self, shelf: Shelf, entries: Vec<Entry>) -> Later<'_, ()> {
        Box::pin(async move {
            let transaction = self.begin(IdbTransactionMode::Readwrite).await?;
            let store = shelf_of(&transaction, shelf)?;
            store.clear().map_err(failed)?;
            put_all(&store, &entries)?;
            Ok(finished(&transaction).await?)
        })
    }

    fn remove(&self) -> Later<'_, ()> {
        Box::pin(async move { Ok(self.database.remove().await?) })
    }
}

impl From<DatabaseError> for KeepError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(reason) => KeepError::Refused { reason },
            other => KeepError::Failed { reason: other.to_string() },
        }
    }
}

fn shelf_of(transaction: &IdbTransaction, shelf: Shelf) -> Result<IdbObjectStore, KeepError> {
    transaction.object_store(shelf.as_str()).map_err(failed)
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

fn failed(error: JsValue) -> KeepError {
    error_of(error).into()
}
