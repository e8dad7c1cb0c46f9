//! How accounts, sessions, bans and links lie in the store. Every key begins with an `@`, which no
//! tenant's name contains: none of a user's documents lies here.
//!
//! | key, after the `@` | record |
//! | --- | --- |
//! | `a` user | an account |
//! | `b` credential | a ban |
//! | `l` SHA-256 of its secret | a one-time link |
//! | `s` SHA-256 of its secret | a session |
//!
//! Sessions and links count only in the life of the store in which they were made: a backup that is
//! put back must not let in again whoever has been sent away since.

use std::ops::ControlFlow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::Epoch;

use super::session::Session;
use super::{Account, Ban, Fingerprint, Link};
use crate::auth::Credential;
use crate::store::{Keys, Order, Read as _, Store, StoreError, Transaction};

/// What becomes of a record: its new state, or nothing when it goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Account(Account),
    Session(Fingerprint, Option<Session>),
    Ban(Credential, Option<Ban>),
    Link(Fingerprint, Option<Link>),
}

/// Where they are kept.
pub(super) trait Shelf: Send + Sync + 'static {
    /// All that there is, each as a change of nothing; and what counts no more, as its going away.
    fn all(&self) -> Result<Vec<Change>, StoreError>;

    /// Makes all changes durable, or none.
    fn keep(&self, changes: &[Change]) -> Result<(), StoreError>;
}

/// A shelf in a store that others use, too.
pub(super) struct InStore<S>(pub(super) std::sync::Arc<S>);

/// The first byte of all keys.
const ROOM: u8 = b'@';

#[derive(Serialize, Deserialize)]
struct AccountRecord {
    hash: String,
    roles: Vec<String>,
    created: UnixMillis,
    last_seen: Option<UnixMillis>,
    disabled: bool,
}

#[derive(Serialize, Deserialize)]
struct SessionRecord {
    user: UserName,
    created: UnixMillis,
    used: UnixMillis,
    epoch: Epoch,
}

#[derive(Serialize, Deserialize)]
struct LinkRecord {
    epoch: Epoch,
    link: Link,
}

impl<S: Store> Shelf for InStore<S> {
    fn all(&self) -> Result<Vec<Change>, StoreError> {
        let snapshot = self.0.snapshot()?;
        let epoch = self.0.epoch();
        let keys = Keys { from: vec![ROOM], before: vec![ROOM + 1] };
        let (mut all, mut failed) = (Vec::new(), None);
        snapshot.scan(&keys, Order::Ascending, &mut |key, json| match read(key, json, epoch) {
            Ok(change) => {
                all.push(change);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(all), Err)
    }

    fn keep(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut transaction = Transaction::begin(&*self.0)?;
        let epoch = self.0.epoch();
        for change in changes {
            match written(change, epoch) {
                (key, Some(json)) => transaction.put(key, json),
                (key, None) => transaction.remove(key),
            }
        }
        transaction.commit()
    }
}

fn read(key: &[u8], json: &[u8], epoch: Epoch) -> Result<Change, StoreError> {
    let damaged = || StoreError::damaged(key);
    let (kind, name) = match key {
        [_, kind, name @ ..] => (*kind, name),
        _ => return Err(damaged()),
    };
    let fingerprint = || Fingerprint::of_bytes(name).ok_or_else(damaged);
    let text = || std::str::from_utf8(name).map_err(|_| damaged());
    match kind {
        b'a' => {
            let record: AccountRecord = of_json(key, json)?;
            let roles = record.roles.iter().map(|role| role.parse());
            Ok(Change::Account(Account {
                user: text()?.parse().map_err(|_| damaged())?,
                hash: record.hash,
                roles: roles.collect::<Result<_, _>>().map_err(|_| damaged())?,
                created: record.created,
                last_seen: record.last_seen,
                disabled: record.disabled,
            }))
        }
        b'b' => Ok(Change::Ban(Credential(text()?.into()), Some(of_json(key, json)?))),
        b'l' => {
            let LinkRecord { epoch: of, link } = of_json(key, json)?;
            Ok(Change::Link(fingerprint()?, (of == epoch).then_some(link)))
        }
        b's' => {
            let SessionRecord { user, created, used, epoch: of } = of_json(key, json)?;
            let session = Session { user, created, used };
            Ok(Change::Session(fingerprint()?, (of == epoch).then_some(session)))
        }
        _ => Err(damaged()),
    }
}

fn written(change: &Change, epoch: Epoch) -> (Vec<u8>, Option<Vec<u8>>) {
    match change {
        Change::Account(account) => {
            let record = AccountRecord {
                hash: account.hash.clone(),
                roles: account.roles.iter().map(|role| role.as_str().to_owned()).collect(),
                created: account.created,
                last_seen: account.last_seen,
                disabled: account.disabled,
            };
            (key(b'a', account.user.as_str().as_bytes()), Some(to_json(&record)))
        }
        Change::Session(of, session) => {
            let record = session.as_ref().map(|Session { user, created, used }| {
                let (user, created, used) = (user.clone(), *created, *used);
                to_json(&SessionRecord { user, created, used, epoch })
            });
            (key(b's', of.as_bytes()), record)
        }
        Change::Ban(of, ban) => (key(b'b', of.0.as_bytes()), ban.as_ref().map(to_json)),
        Change::Link(of, link) => {
            let record =
                link.as_ref().map(|link| to_json(&LinkRecord { epoch, link: link.clone() }));
            (key(b'l', of.as_bytes()), record)
        }
    }
}

fn key(kind: u8, name: &[u8]) -> Vec<u8> {
    [&[ROOM, kind], name].concat()
}

fn to_json(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records have text keys only")
}

fn of_json<T: DeserializeOwned>(key: &[u8], json: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(json).map_err(|_| StoreError::damaged(key))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Token;
    use super::*;
    use crate::store::MemoryStore;

    fn everything() -> Vec<Change> {
        let user: UserName = "alice".parse().unwrap();
        let account = Account {
            user: user.clone(),
            hash: "$argon2id$".to_owned(),
            roles: ["admin".parse().unwrap()].into(),
            created: UnixMillis(1),
            last_seen: None,
            disabled: true,
        };
        let session = Session { user: user.clone(), created: UnixMillis(2), used: UnixMillis(3) };
        let (by, reason) = ("root".to_owned(), "because".to_owned());
        let ban = Ban { at: UnixMillis(4), by, until: Some(UnixMillis(5)), reason };
        vec![
            Change::Account(account),
            Change::Ban(Credential("token:x".into()), Some(ban)),
            Change::Link(Token::new().fingerprint(), Some(Link::new_password(user, UnixMillis(6)))),
            Change::Session(Token::new().fingerprint(), Some(session)),
        ]
    }

    #[test]
    fn what_was_kept_is_there_again() {
        let shelf = InStore(Arc::new(MemoryStore::new(Epoch(1))));
        shelf.keep(&everything()[..2]).unwrap();
        shelf.keep(&everything()[2..3]).unwrap();
        let all = everything();
        shelf.keep(&all).unwrap();
        let read = shelf.all().unwrap();
        assert!(all.iter().all(|change| read.contains(change)), "{read:?}");
        let gone = all.iter().filter_map(|change| match change {
            Change::Session(of, _) => Some(Change::Session(*of, None)),
            _ => None,
        });
        shelf.keep(&gone.collect::<Vec<_>>()).unwrap();
        assert!(!shelf.all().unwrap().iter().any(|left| matches!(left, Change::Session(..))));
    }

    #[test]
    fn a_restored_store_lets_nobody_in_by_an_old_session_or_link() {
        for change in everything() {
            let (key, json) = written(&change, Epoch(1));
            let read = read(&key, &json.unwrap(), Epoch(2)).unwrap();
            match change {
                Change::Session(of, _) => assert_eq!(read, Change::Session(of, None)),
                Change::Link(of, _) => assert_eq!(read, Change::Link(of, None)),
                stays => assert_eq!(read, stays),
            }
        }
    }

    #[test]
    fn a_record_that_is_none_is_damage() {
        for (key, json) in [
            (&b"@"[..], &b"{}"[..]),
            (b"@a", b"{}"),
            (b"@aalice", b"[]"),
            (b"@sshort", br#"{"user":"a","created":1,"used":1,"epoch":1}"#),
            (b"@?", b"{}"),
        ] {
            assert!(read(key, json, Epoch(1)).is_err(), "{key:?}");
        }
    }
}
