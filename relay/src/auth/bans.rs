//! Sign-ins that do not count any more.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tidemark_shared::clock::UnixMillis;

use super::Credential;

/// Banned credentials, each with when its ban ends; `None` when it does not.
pub type BanList = BTreeMap<Credential, Option<UnixMillis>>;

/// Which sign-ins are banned. Empty at first; replaced as a whole by whoever keeps the bans.
#[derive(Debug, Default)]
pub struct Bans {
    list: RwLock<Arc<BanList>>,
}

impl Bans {
    /// From now on these are banned, and no others.
    pub fn replace(&self, list: BanList) {
        *self.list.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
    }

    /// Whether a sign-in is.
    #[must_use]
    pub fn is_banned(&self, credential: &Credential, now: UnixMillis) -> bool {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        match list.get(credential) {
            Some(None) => true,
            Some(Some(until)) => now < *until,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_lasts_until_its_end_or_until_it_is_lifted() {
        let bans = Bans::default();
        let (one, other) = (Credential("one".into()), Credential("other".into()));
        assert!(!bans.is_banned(&one, UnixMillis(0)));
        bans.replace([(one.clone(), Some(UnixMillis(10))), (other.clone(), None)].into());
        assert!(bans.is_banned(&one, UnixMillis(9)) && !bans.is_banned(&one, UnixMillis(10)));
        assert!(bans.is_banned(&other, UnixMillis(i64::MAX)));
        bans.replace(BanList::new());
        assert!(!bans.is_banned(&other, UnixMillis(0)));
    }
}
