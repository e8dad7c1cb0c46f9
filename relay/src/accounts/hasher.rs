//! Argon2, a few at a time: each takes some 19 MiB and tens of milliseconds, so a flood of sign-ins
//! must not run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Password, Refusal};

/// At the same time: 38 MiB, and at most two cores.
const AT_ONCE_MAX: usize = 2;

/// More may wait: about a second's work.
const WAITING_MAX: usize = 16;

/// When to come back where all places are taken.
const RETRY_AFTER_MS: u64 = 1_000;

/// What OWASP asks for of Argon2id: 19 MiB, two passes, one lane.
const PARAMS: Params = match Params::new(19 * 1024, 2, 1, None) {
    Ok(params) => params,
    Err(_) => panic!("they are within Argon2's bounds"),
};

/// What the password of somebody is compared with who has no account, so that it takes as long as
/// with those who have one. No password has this hash.
const NOBODY_S: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords.
#[derive(Debug)]
pub(super) struct Hasher {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    hashed: Arc<AtomicU64>,
}

/// What comes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another password, or nobody's.
    Wrong,
    /// This one, by today's rules.
    Right,
    /// This one, but hashed by rules of the past: it must be hashed again.
    RightButOld,
}

impl Hasher {
    pub(super) fn new() -> Self {
        Hasher {
            places: Arc::new(Semaphore::new(AT_ONCE_MAX + WAITING_MAX)),
            turns: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            hashed: Arc::default(),
        }
    }

    /// How many hashes were made.
    pub(super) fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// Compares a password with somebody's hash; with nobody's where there is none.
    pub(super) async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<Verdict, Refusal> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY_S.to_owned());
        let verdict = self.in_turn(move || verify(&password, &hash)).await?;
        Ok(if is_known { verdict } else { Verdict::Wrong })
    }

    /// A hash for keeping.
    pub(super) async fn hash(&self, password: Password) -> Result<String, Refusal> {
        self.in_turn(move || {
            let hash = argon2().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|_| Refusal::OurBug)
        })
        .await?
    }

    /// Waits for a turn, if there is a place to wait. Whoever stops waiting gives the place back;
    /// a hash that has begun keeps its turn to its end.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let place =
            Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refusal::TooOften {
                limit: "sign_in.waiting_max",
                max: (AT_ONCE_MAX + WAITING_MAX) as u64,
                retry_after_ms: RETRY_AFTER_MS,
            })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Refusal::OurBug)?;
        let hashed = Arc::clone(&self.hashed);
        let held: [OwnedSemaphorePermit; 2] = [place, turn];
        let work = move || {
            let done = work();
            hashed.fetch_add(1, Ordering::Relaxed);
            drop(held);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::OurBug)
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

fn verify(password: &Password, hash: &str) -> Verdict {
    let Ok(hash) = PasswordHash::new(hash) else { return Verdict::Wrong };
    match argon2().verify_password(password.as_bytes(), &hash) {
        Ok(()) if is_of_today(&hash) => Verdict::Right,
        Ok(()) => Verdict::RightButOld,
        Err(_) => Verdict::Wrong,
    }
}

fn is_of_today(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash).ok();
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && params.is_some_and(|params| costs(&params) == costs(&PARAMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::typed(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hasher = Hasher::new();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |text, hash: &str| {
            hasher.verify(password(text), Some(hash.to_owned())).await.unwrap()
        };
        assert_eq!(verify("correct horse", &hash).await, Verdict::Right);
        assert_eq!(verify("correct horsf", &hash).await, Verdict::Wrong);
        assert_eq!(verify("correct horse", "no hash").await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn nobody_costs_what_somebody_costs_and_has_no_password() {
        let nobody = PasswordHash::new(NOBODY_S).unwrap();
        assert!(is_of_today(&nobody), "it is compared by other rules than anybody's");
        let hasher = Hasher::new();
        assert_eq!(hasher.verify(password("anything at all"), None).await, Ok(Verdict::Wrong));
        assert_eq!(hasher.hashed(), 1);
    }

    #[test]
    fn a_hash_of_the_past_counts_and_is_told_apart() {
        let cheap = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let old = cheap.hash_password(b"correct horse").unwrap().to_string();
        assert_eq!(verify(&password("correct horse"), &old), Verdict::RightButOld);
        assert_eq!(verify(&password("another horse"), &old), Verdict::Wrong);
    }
}
