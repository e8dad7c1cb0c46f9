//! What an operator does to the accounts of a relay that does not run, when nobody can sign in.

use std::sync::Arc;

use tidemark_shared::clock::UnixMillis;

use super::account::account_name;
use super::records::{Change, InStore, Shelf as _};
use super::{Account, Link, Refusal, Token};
use crate::store::{Store, StoreError};

/// All accounts in a store.
///
/// # Errors
/// When the store fails.
pub fn accounts<S: Store>(store: Arc<S>) -> Result<Vec<Account>, StoreError> {
    let all = InStore(store).all()?.into_iter();
    let account = |change| match change {
        Change::Account(account) => Some(account),
        Change::Session(..) | Change::Ban(..) | Change::Link(..) => None,
    };
    Ok(all.filter_map(account).collect())
}

/// Leaves a link in a store, by which a user gets a new password once the relay runs again. An
/// account that was closed is open then.
///
/// # Errors
/// When there is no such user, or the store fails.
pub fn leave_link<S: Store>(store: Arc<S>, user: &str, now: UnixMillis) -> Result<Token, Refusal> {
    let user = account_name(user)?;
    let all = accounts(Arc::clone(&store)).map_err(Refusal::Store)?;
    if !all.iter().any(|account| account.user == user) {
        return Err(Refusal::NoSuchUser(user));
    }
    let token = Token::new();
    let link = Change::Link(token.fingerprint(), Some(Link::new_password(user, now)));
    InStore(store).keep(&[link]).map_err(Refusal::Store)?;
    Ok(token)
}
