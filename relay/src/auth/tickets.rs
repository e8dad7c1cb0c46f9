//! Tickets: they let somebody in once, soon, from where only an address can be given.
//!
//! Only their hashes are kept: who sees this memory cannot come in by it, and how long a lookup
//! takes tells nothing of a ticket.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;

use super::Identity;

/// A ticket must be used within this time.
pub const TICKET_LASTS: Duration = Duration::from_secs(30);

/// Most tickets of one user that are not used yet: as many as connections, and some that got lost.
const TICKETS_PER_USER_MAX: usize = 32;

/// Most tickets of all users that are not used yet. Each takes about 100 bytes.
const TICKETS_MAX: usize = 20_000;

/// Tickets that were given out and not used yet.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    held: HashMap<[u8; 32], Held>,
    by_user: HashMap<UserName, usize>,
}

#[derive(Debug)]
struct Held {
    identity: Arc<Identity>,
    until: UnixMillis,
}

/// No ticket, because there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum TooMany {
    #[error(
        "{TICKETS_PER_USER_MAX} tickets of this user are not used yet; use one, or wait until they have expired"
    )]
    OfUser,
    #[error("the relay has given out all the tickets that it can; come back in a moment")]
    InAll,
}

impl Tickets {
    /// A ticket for somebody, made of 128 random bits.
    pub(super) fn issue(
        &mut self,
        identity: &Arc<Identity>,
        bits: u128,
        now: UnixMillis,
    ) -> Result<String, TooMany> {
        let of_user = |tickets: &Self| tickets.by_user.get(&identity.user).copied().unwrap_or(0);
        if of_user(self) >= TICKETS_PER_USER_MAX || self.held.len() >= TICKETS_MAX {
            self.forget_expired(now);
        }
        if of_user(self) >= TICKETS_PER_USER_MAX {
            return Err(TooMany::OfUser);
        }
        if self.held.len() >= TICKETS_MAX {
            return Err(TooMany::InAll);
        }
        let ticket = format!("{bits:032x}");
        let held = Held { identity: Arc::clone(identity), until: now + TICKET_LASTS };
        if self.held.insert(hash(&ticket), held).is_none() {
            *self.by_user.entry(identity.user.clone()).or_default() += 1;
        }
        Ok(ticket)
    }

    /// Whom a ticket lets in. It is gone then.
    pub(super) fn redeem(&mut self, ticket: &str, now: UnixMillis) -> Option<Arc<Identity>> {
        let held = self.held.remove(&hash(ticket))?;
        self.count_down(&held.identity.user);
        (now < held.until).then_some(held.identity)
    }

    fn forget_expired(&mut self, now: UnixMillis) {
        let expired: Vec<[u8; 32]> =
            self.held.iter().filter(|(_, held)| held.until <= now).map(|(hash, _)| *hash).collect();
        for hash in expired {
            if let Some(held) = self.held.remove(&hash) {
                self.count_down(&held.identity.user);
            }
        }
    }

    fn count_down(&mut self, user: &UserName) {
        if let Some(count) = self.by_user.get_mut(user) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_user.remove(user);
            }
        }
    }
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(name: &str) -> Arc<Identity> {
        Arc::new(Identity::demo(name.parse().unwrap()))
    }

    #[test]
    fn a_ticket_lets_in_once_and_for_half_a_minute() {
        let (mut tickets, alice) = (Tickets::default(), somebody("alice"));
        let now = UnixMillis(1_000);
        let ticket = tickets.issue(&alice, 7, now).unwrap();
        assert_eq!(ticket.len(), 32);
        assert_eq!(tickets.redeem("00000000000000000000000000000008", now), None);
        assert_eq!(
            tickets.redeem(&ticket, now + Duration::from_millis(29_999)),
            Some(alice.clone())
        );
        assert_eq!(tickets.redeem(&ticket, now), None);
        let late = tickets.issue(&alice, 9, now).unwrap();
        assert_eq!(tickets.redeem(&late, now + TICKET_LASTS), None);
        assert!(tickets.held.is_empty() && tickets.by_user.is_empty());
    }

    #[test]
    fn one_user_cannot_take_all_tickets_and_expired_ones_make_room() {
        let (mut tickets, alice, bob) = (Tickets::default(), somebody("alice"), somebody("bob"));
        let now = UnixMillis(1_000);
        for bits in 0..32 {
            tickets.issue(&alice, bits, now).unwrap();
        }
        assert_eq!(tickets.issue(&alice, 99, now), Err(TooMany::OfUser));
        tickets.issue(&bob, 100, now).unwrap();
        tickets.issue(&alice, 101, now + TICKET_LASTS).unwrap();
        assert_eq!(tickets.held.len(), 1);
    }

    #[test]
    fn there_is_an_end_to_all_tickets() {
        let (mut tickets, now) = (Tickets::default(), UnixMillis(1_000));
        for bits in 0..20_000_u128 {
            tickets.issue(&somebody(&format!("u{}", bits / 32)), bits, now).unwrap();
        }
        assert_eq!(tickets.issue(&somebody("last"), 1 << 100, now), Err(TooMany::InAll));
    }
}
