//! What signing in costs, and what a store and a restart make of it.

use std::net::Ipv4Addr;
use std::time::Duration;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use futures_util::future::join_all;
use tidemark_shared::protocol::Epoch;

use super::*;
use crate::store::MemoryStore;

const PASSWORD: &str = "correct horse";

fn open(store: &Arc<MemoryStore>) -> (Arc<Accounts>, mpsc::UnboundedReceiver<Ended>) {
    let rules = SessionRules { unused_max: Duration::from_secs(3_600) };
    Accounts::open(Arc::clone(store), rules, Clock::start()).unwrap()
}

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Epoch(1)))
}

fn password(text: &str) -> Password {
    Password::typed(text.to_owned())
}

fn from(last: u8) -> Visitor<'static> {
    Visitor { address: Ipv4Addr::new(192, 0, 2, last).into(), session: None }
}

async fn with_alice(accounts: &Arc<Accounts>) {
    let by = "root".parse().unwrap();
    accounts.add_user(&by, "alice", password(PASSWORD), &[]).await.unwrap();
}

#[tokio::test]
async fn an_unknown_user_costs_what_a_known_one_costs() {
    let (accounts, _ended) = open(&store());
    with_alice(&accounts).await;
    let mut costs = Vec::new();
    for user in ["alice", "bob", "no name!", ""] {
        let before = accounts.hashed();
        let refused = accounts.sign_in(user, password("wrong horse"), from(1)).await;
        assert_eq!(refused.unwrap_err(), Refusal::WrongPassword, "{user}");
        costs.push(accounts.hashed() - before);
    }
    assert_eq!(costs, [1, 1, 1, 1]);
}

#[tokio::test]
async fn a_flood_from_everywhere_waits_in_a_short_queue_or_not_at_all() {
    let (accounts, _ended) = open(&store());
    with_alice(&accounts).await;
    let before = accounts.hashed();
    let attempts = (0..90).map(|nth| accounts.sign_in("alice", password("wrong horse"), from(nth)));
    let (mut hashed, mut refused) = (0, 0);
    for outcome in join_all(attempts).await {
        match outcome.unwrap_err() {
            Refusal::WrongPassword => hashed += 1,
            Refusal::TooOften { limit: "sign_in.waiting_max", max: 18, .. } => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(hashed + refused, 90);
    assert_eq!(accounts.hashed() - before, hashed);
    // Each that was hashed had one of 18 places; a place can be used again when its turn is over.
    assert!(refused >= 45, "{refused} were refused");
}

#[tokio::test]
async fn a_hash_of_the_past_is_made_anew_at_sign_in() {
    let store = store();
    let cheap = Params::new(8 * 1024, 1, 1, None).unwrap();
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
    let hash = cheap.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    let account = Account {
        user: "alice".parse().unwrap(),
        hash: hash.clone(),
        roles: [].into(),
        created: UnixMillis(1),
        last_seen: None,
        disabled: false,
    };
    InStore(Arc::clone(&store)).keep(&[Change::Account(account)]).unwrap();
    let (accounts, _ended) = open(&store);
    let wrong = accounts.sign_in("alice", password("wrong horse"), from(1)).await;
    assert_eq!(wrong.unwrap_err(), Refusal::WrongPassword);
    assert_eq!(accounts.accounts()[0].hash, hash);
    accounts.sign_in("alice", password(PASSWORD), from(1)).await.unwrap();
    assert!(accounts.accounts()[0].hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let (again, _ended) = open(&store);
    assert_eq!(again.accounts()[0].hash, accounts.accounts()[0].hash);
    again.sign_in("alice", password(PASSWORD), from(1)).await.unwrap();
}

#[tokio::test]
async fn a_session_outlives_its_relay_and_its_end_does_too() {
    let store = store();
    let (accounts, mut ended) = open(&store);
    with_alice(&accounts).await;
    let stays = accounts.sign_in("alice", password(PASSWORD), from(1)).await.unwrap();
    let goes = accounts.sign_in("alice", password(PASSWORD), from(1)).await.unwrap();
    accounts.sign_out(&goes.token).await.unwrap();
    let credential = goes.identity.credential.clone().unwrap();
    assert_eq!(ended.try_recv(), Ok(Ended::Credential(credential)));
    let now = accounts.now();
    let (again, _ended) = open(&store);
    let identity = again.identity(&stays.token, now).unwrap().unwrap();
    assert_eq!(identity.credential, stays.identity.credential);
    assert_eq!(again.identity(&goes.token, now), Ok(None));
}

#[tokio::test]
async fn a_ban_is_in_force_when_it_is_told() {
    let store = store();
    let (accounts, mut ended) = open(&store);
    let (by, of) = ("root".parse().unwrap(), Credential("token:1".into()));
    let now = accounts.now();
    accounts.ban(&by, "token:1", "stolen".to_owned(), None).await.unwrap();
    assert_eq!(ended.try_recv(), Ok(Ended::Credential(of.clone())));
    assert!(accounts.bans_in_force().is_banned(&of, now));
    let (again, _ended) = open(&store);
    assert!(again.bans_in_force().is_banned(&of, now));
    again.lift(&by, "token:1").await.unwrap();
    assert!(!again.bans_in_force().is_banned(&of, now));
}

#[tokio::test]
async fn a_store_that_fails_changes_nothing() {
    /// Takes nothing in.
    struct Broken;

    impl Shelf for Broken {
        fn all(&self) -> Result<Vec<Change>, StoreError> {
            Ok(Vec::new())
        }

        fn keep(&self, _: &[Change]) -> Result<(), StoreError> {
            Err(StoreError::Failed { reason: "no room".to_owned() })
        }
    }

    let (accounts, _ended) = open(&store());
    let mut accounts = Arc::into_inner(accounts).unwrap();
    accounts.shelf = Box::new(Broken);
    let accounts = Arc::new(accounts);
    let by = "root".parse().unwrap();
    let refused = accounts.add_user(&by, "alice", password(PASSWORD), &[]).await;
    assert!(matches!(refused, Err(Refusal::Store(_))), "{refused:?}");
    assert_eq!(accounts.accounts(), []);
}
