//! How often somebody may try to sign in. Each attempt takes from three buckets that fill up again
//! by themselves; one that succeeds gives back what it took.
//!
//! Strangers who try a user's name from everywhere empty that user's bucket. Whoever has signed in
//! as this user from their own address lately is not asked that bucket, and new addresses get their
//! turn whenever it has filled by one: nobody is locked out for good.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tidemark_shared::clock::Moment;

use super::Refusal;

/// A user, from one address: typing errors, and a few more.
const USER_AND_ADDRESS: Rate =
    Rate { name: "sign_in.per_user_and_address", burst: 10, every: Duration::from_secs(30) };

/// One address, whichever users: an office behind one address, not a list of stolen passwords.
const ADDRESS: Rate =
    Rate { name: "sign_in.per_address", burst: 30, every: Duration::from_secs(10) };

/// One user, from everywhere.
const USER: Rate = Rate { name: "sign_in.per_user", burst: 100, every: Duration::from_secs(10) };

/// New accounts from one address.
const SIGN_UP: Rate =
    Rate { name: "sign_up.per_address", burst: 5, every: Duration::from_secs(600) };

/// Most buckets of a kind, and most addresses known as a user's. Beyond it all others share one
/// bucket: memory is bounded, and so are the attempts.
const KEPT_MAX: usize = 10_000;

/// Full buckets are looked for no more often, however many strangers come.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Who has tried how often.
#[derive(Debug)]
pub(super) struct Attempts {
    user_and_address: Buckets<(String, Address)>,
    address: Buckets<Address>,
    user: Buckets<String>,
    sign_ups: Buckets<Address>,
    known: HashMap<(String, Address), Moment>,
}

/// Where somebody comes from, as far as it says who they are: of IPv6 the network, in which
/// everybody has as many addresses as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Address(IpAddr);

#[derive(Clone, Copy, Debug)]
struct Rate {
    name: &'static str,
    burst: u32,
    every: Duration,
}

#[derive(Debug)]
struct Buckets<K> {
    rate: Rate,
    /// When a bucket is full again. Those that are full need not be kept.
    full_at: HashMap<K, Moment>,
    /// Everybody's for whom there is no room.
    others: Moment,
    swept: Moment,
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = u128::from(v6) & !u128::from(u64::MAX);
                Address(Ipv6Addr::from(network).into())
            }
            v4 => Address(v4),
        }
    }
}

impl Attempts {
    pub(super) fn new() -> Self {
        Attempts {
            user_and_address: Buckets::new(USER_AND_ADDRESS),
            address: Buckets::new(ADDRESS),
            user: Buckets::new(USER),
            sign_ups: Buckets::new(SIGN_UP),
            known: HashMap::new(),
        }
    }

    /// Somebody tries a user's password. It counts as failed until [`Self::succeeded`].
    pub(super) fn begin(&mut self, user: &str, from: Address, now: Moment) -> Result<(), Refusal> {
        let both = (user.to_owned(), from);
        self.user_and_address.may_take(&both, now)?;
        self.address.may_take(&from, now)?;
        if !self.known.contains_key(&both) {
            self.user.may_take(&both.0, now)?;
            self.user.take(both.0.clone(), now);
        }
        self.address.take(from, now);
        self.user_and_address.take(both, now);
        Ok(())
    }

    /// It was right: what it took is given back, and the address is this user's from now on.
    pub(super) fn succeeded(&mut self, user: &str, from: Address, now: Moment) {
        let both = (user.to_owned(), from);
        self.user_and_address.give_back(&both);
        self.address.give_back(&from);
        if !self.known.contains_key(&both) {
            self.user.give_back(&both.0);
            if self.known.len() >= KEPT_MAX {
                let oldest = self.known.iter().min_by_key(|(_, seen)| **seen);
                if let Some(oldest) = oldest.map(|(oldest, _)| oldest.clone()) {
                    self.known.remove(&oldest);
                }
            }
        }
        self.known.insert(both, now);
    }

    /// Somebody makes an account.
    pub(super) fn sign_up(&mut self, from: Address, now: Moment) -> Result<(), Refusal> {
        self.sign_ups.may_take(&from, now)?;
        self.sign_ups.take(from, now);
        Ok(())
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(rate: Rate) -> Self {
        let (others, swept) = (Moment::START, Moment::START);
        Buckets { rate, full_at: HashMap::new(), others, swept }
    }

    fn may_take(&self, key: &K, now: Moment) -> Result<(), Refusal> {
        let Rate { name, burst, every } = self.rate;
        let is_crowded = self.full_at.len() >= KEPT_MAX;
        let otherwise = if is_crowded { self.others } else { Moment::START };
        let full_at = self.full_at.get(key).copied().unwrap_or(otherwise);
        // The time that all but one of its tokens take: with more to wait for it is empty.
        let spare = every * burst.saturating_sub(1);
        let wait = full_at.since(now).saturating_sub(spare);
        match wait.is_zero() {
            true => Ok(()),
            false => Err(Refusal::TooOften {
                limit: name,
                max: burst.into(),
                retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
            }),
        }
    }

    fn take(&mut self, key: K, now: Moment) {
        if self.full_at.len() >= KEPT_MAX && now.since(self.swept) >= SWEEP_EVERY {
            self.swept = now;
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        let has_room = self.full_at.len() < KEPT_MAX;
        let later = |full_at: Moment| full_at.max(now) + self.rate.every;
        match self.full_at.get_mut(&key) {
            Some(full_at) => *full_at = later(*full_at),
            None if has_room => {
                self.full_at.insert(key, later(now));
            }
            None => self.others = later(self.others),
        }
    }

    fn give_back(&mut self, key: &K) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            let before = full_at.since(Moment::START).saturating_sub(self.rate.every);
            *full_at = Moment::after_start(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::after_start(Duration::from_secs(seconds))
    }

    fn address(last: u8) -> Address {
        Address::from(IpAddr::from([192, 0, 2, last]))
    }

    fn distant(number: u32) -> Address {
        Address::from(IpAddr::from(number.to_be_bytes()))
    }

    #[test]
    fn ten_errors_then_one_each_half_a_minute() {
        let mut attempts = Attempts::new();
        for _ in 0..10 {
            attempts.begin("alice", address(1), at(100)).unwrap();
        }
        let refused = attempts.begin("alice", address(1), at(100)).unwrap_err();
        let limit = "sign_in.per_user_and_address";
        assert_eq!(refused, Refusal::TooOften { limit, max: 10, retry_after_ms: 30_000 });
        assert!(attempts.begin("alice", address(1), at(129)).is_err());
        attempts.begin("alice", address(1), at(130)).unwrap();
        assert!(attempts.begin("alice", address(1), at(131)).is_err());
        attempts.begin("bob", address(1), at(131)).unwrap();
        attempts.begin("alice", address(2), at(131)).unwrap();
    }

    #[test]
    fn success_costs_nothing() {
        let mut attempts = Attempts::new();
        for _ in 0..1_000 {
            attempts.begin("alice", address(1), at(1)).unwrap();
            attempts.succeeded("alice", address(1), at(1));
        }
    }

    #[test]
    fn one_address_tries_thirty_names() {
        let mut attempts = Attempts::new();
        let tried = (0..1_000)
            .filter(|user| attempts.begin(&format!("u{user}"), address(1), at(1)).is_ok())
            .count();
        assert_eq!(tried, 30);
    }

    #[test]
    fn strangers_everywhere_do_not_lock_a_user_out() {
        let mut attempts = Attempts::new();
        attempts.begin("alice", address(1), at(1)).unwrap();
        attempts.succeeded("alice", address(1), at(1));
        let tried =
            (0..5_000).filter(|n| attempts.begin("alice", distant(*n), at(2)).is_ok()).count();
        assert_eq!(tried, 100, "guesses from everywhere");
        attempts.begin("alice", address(1), at(2)).unwrap();
        // From a new place it takes patience.
        assert!(attempts.begin("alice", address(2), at(2)).is_err());
        attempts.begin("alice", address(2), at(13)).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| Address::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("::ffff:192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_flood_of_names_and_addresses_takes_bounded_memory() {
        let mut attempts = Attempts::new();
        let tried = (0..50_000)
            .filter(|n| attempts.begin(&format!("u{n}"), distant(*n), at(1)).is_ok())
            .count();
        assert!(tried <= KEPT_MAX + 100, "{tried}");
        for len in [
            attempts.user_and_address.full_at.len(),
            attempts.address.full_at.len(),
            attempts.user.full_at.len(),
        ] {
            assert!(len <= KEPT_MAX, "{len}");
        }
        // They are forgotten again.
        attempts.begin("alice", address(1), at(1_000)).unwrap();
        assert_eq!(attempts.user.full_at.len(), 1);
    }
}
