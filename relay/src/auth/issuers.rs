//! All issuers that are trusted, with their keys as they are now.
//!
//! Threads that must not wait look keys up and are told to come back where one is missing; one task
//! per issuer fetches. So nobody fetches twice at the same time.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tidemark_shared::clock::UnixMillis;
use tokio::sync::{Notify, watch};

use super::claims::{self, Bounds};
use super::fetch::{self, FetchError};
use super::issuer::{Issuer, KeySource, TenantRule};
use super::key_ring::{KeyRing, Lookup};
use super::keys::{InvalidKeys, Keys};
use super::token::{Token, TokenError};
use super::{Identity, InvalidIssuer};

/// Who can wait for keys does so for so long: a fetch takes at most 5 s.
const WAIT_MAX: Duration = Duration::from_secs(6);

/// Whoever is trusted, and how to tell their tokens.
#[derive(Debug, Default)]
pub(super) struct Issuers {
    trusted: Vec<Trusted>,
    bounds: Bounds,
}

struct Trusted {
    issuer: Issuer,
    ring: Mutex<KeyRing>,
    /// Somebody has missed a key.
    missed: Notify,
    /// Counts fetches, good or not.
    fetched: watch::Sender<u64>,
}

/// Why keys could not be renewed.
#[derive(Debug, thiserror::Error)]
enum RenewError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Keys(#[from] InvalidKeys),
    #[error(transparent)]
    File(#[from] InvalidIssuer),
}

impl Issuers {
    /// These issuers, with those keys that are on this machine. Others come with the first fetch.
    pub(super) fn new(issuers: Vec<Issuer>, leeway: Duration, now: UnixMillis) -> Self {
        let fixed = issuers.iter().filter_map(|issuer| match &issuer.tenant {
            TenantRule::Fixed(tenant) => Some(tenant.clone()),
            TenantRule::None | TenantRule::Claim(_) => None,
        });
        let bounds = Bounds { leeway, taken: fixed.collect() };
        let trusted = issuers.into_iter().map(|issuer| Trusted::new(issuer, now)).collect();
        Issuers { trusted, bounds }
    }

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// Whose token this is. Never waits.
    pub(super) fn verify(&self, text: &str, now: UnixMillis) -> Result<Identity, TokenError> {
        let token = Token::read(text)?;
        self.verify_read(&token, self.trusted_of(&token)?, now)
    }

    /// Whose token this is. Where its key is not there yet it waits for a fetch, within bounds.
    pub(super) async fn verify_patiently(
        &self,
        text: &str,
        now: UnixMillis,
    ) -> Result<Identity, TokenError> {
        let token = Token::read(text)?;
        let trusted = self.trusted_of(&token)?;
        // Before the key is looked for: a fetch in between is not to be missed.
        let mut fetches = trusted.fetched.subscribe();
        let verified = self.verify_read(&token, trusted, now);
        if !matches!(verified, Err(TokenError::KeysAwaited { .. })) {
            return verified;
        }
        match tokio::time::timeout(WAIT_MAX, fetches.changed()).await {
            Ok(Ok(())) => self.verify_read(&token, trusted, now),
            Ok(Err(_)) | Err(_) => verified,
        }
    }

    /// Renews keys for as long as this runs. `clock` gives the time of day.
    pub(super) async fn keep_keys(&self, clock: impl Fn() -> UnixMillis) {
        join_all(self.trusted.iter().map(|trusted| trusted.keep_keys(&clock))).await;
    }

    fn trusted_of(&self, token: &Token<'_>) -> Result<&Trusted, TokenError> {
        let name = claims::issuer_of(&token.claims)?;
        let trusted = self.trusted.iter().find(|trusted| trusted.issuer.name == name);
        trusted.ok_or(TokenError::Issuer)
    }

    /// What costs nothing is looked at first, the signature last. Nothing is given out before.
    fn verify_read(
        &self,
        token: &Token<'_>,
        trusted: &Trusted,
        now: UnixMillis,
    ) -> Result<Identity, TokenError> {
        if !trusted.issuer.algorithms.contains(&token.algorithm) {
            return Err(TokenError::Algorithm);
        }
        let identity = claims::identity(token, &trusted.issuer, &self.bounds, now)?;
        let found = trusted.lock().find(token.key_id.as_deref(), token.algorithm, now);
        match found {
            Lookup::Found(key) if token.is_signed_by(&key) => Ok(identity),
            Lookup::Found(_) => Err(TokenError::Signature),
            Lookup::Unknown => Err(TokenError::UnknownKey),
            Lookup::Ask { retry_after } => {
                trusted.missed.notify_one();
                let retry_after_ms = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
                Err(TokenError::KeysAwaited { retry_after_ms })
            }
        }
    }
}

impl Trusted {
    fn new(issuer: Issuer, now: UnixMillis) -> Self {
        let mut ring = KeyRing::default();
        match issuer.read_keys() {
            Ok(Some(keys)) if matches!(issuer.keys, KeySource::Secret(_)) => {
                ring = KeyRing::fixed(keys);
            }
            Ok(Some(keys)) => {
                ring.begin(now);
                ring.renew(keys, None, now);
            }
            Ok(None) => {}
            // It was read a moment ago, when the configuration was checked.
            Err(error) => {
                tracing::warn!(issuer = issuer.name, %error, "an issuer's keys could not be read");
            }
        }
        let (ring, missed) = (Mutex::new(ring), Notify::new());
        Trusted { issuer, ring, missed, fetched: watch::Sender::new(0) }
    }

    async fn keep_keys(&self, clock: &impl Fn() -> UnixMillis) {
        let mut is_failing = false;
        loop {
            // The guard must be gone before anything is waited for.
            let wait = self.lock().wait(clock());
            let Some(wait) = wait else { return };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.missed.notified() => continue,
            }
            self.lock().begin(clock());
            let renewed = self.load().await;
            let name = &self.issuer.name;
            match renewed {
                Ok((keys, fresh_for)) => {
                    self.lock().renew(keys, fresh_for, clock());
                    if is_failing {
                        tracing::info!(issuer = name, "an issuer's keys can be fetched again");
                    }
                    is_failing = false;
                }
                Err(error) => {
                    self.lock().fail(clock());
                    if is_failing {
                        tracing::debug!(issuer = name, %error, "an issuer's keys still cannot be fetched");
                    } else {
                        tracing::warn!(
                            issuer = name,
                            %error,
                            "an issuer's keys could not be fetched; those that are known count for \
                             a day, and it is tried again"
                        );
                    }
                    is_failing = true;
                }
            }
            self.fetched.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    async fn load(&self) -> Result<(Keys, Option<Duration>), RenewError> {
        if let KeySource::JwksUrl(url) = &self.issuer.keys {
            let fetched = fetch::fetch(url).await?;
            let keys = Keys::of_jwks(&fetched.json, &self.issuer.algorithms)?;
            return Ok((keys, fetched.fresh_for));
        }
        // A small file, once in minutes: not worth a thread.
        Ok((self.issuer.read_keys()?.unwrap_or_default(), None))
    }

    fn lock(&self) -> MutexGuard<'_, KeyRing> {
        // A panic while it was locked leaves at worst a fetch that is done once more.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trusted").field("issuer", &self.issuer.name).finish_non_exhaustive()
    }
}
