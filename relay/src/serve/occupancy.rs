//! How many connections there are, in all and from each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_shared::protocol::{ErrorCode, WireError};

use super::ServeLimits;
use crate::hub::{Refusals, is_near};

/// Whoever is turned away may come back after this time.
const COME_BACK_AFTER_MS: u64 = 5_000;

/// How many connections there are.
#[derive(Debug, Default)]
pub struct Occupancy {
    limits: ServeLimits,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    refusals: Refusals,
}

/// What statistics say of it.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// All connections.
    pub total: usize,
    /// How many there may be.
    pub connections_max: usize,
    /// From how many addresses they come.
    pub addresses: usize,
    /// Addresses with four of five or more of what one may have, most first.
    pub near_limit: Vec<(IpAddr, usize)>,
    /// How many one address may have.
    pub connections_per_address_max: usize,
    /// How often each of these limits has refused something.
    pub refusals: Refusals,
}

/// A connection's place; dropping it frees the place.
#[derive(Debug)]
pub struct Place {
    occupancy: Arc<Occupancy>,
    /// How many of all it takes: one, or none when its socket is counted already.
    of_all: usize,
    /// The address for which it is counted.
    address: Option<IpAddr>,
}

impl Occupancy {
    /// No connections, and limits for those that come.
    #[must_use]
    pub fn new(limits: ServeLimits) -> Self {
        Occupancy { limits, places: Mutex::default() }
    }

    /// The limits.
    #[must_use]
    pub const fn limits(&self) -> &ServeLimits {
        &self.limits
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.lock().total
    }

    /// What statistics say of it.
    #[must_use]
    pub fn crowd(&self) -> Crowd {
        let places = self.lock();
        let max = self.limits.connections_per_address_max;
        let near = places.by_address.iter().map(|(address, count)| (*address, *count));
        let mut near_limit: Vec<_> =
            near.filter(|(_, count)| is_near(*count as u64, max as u64)).collect();
        near_limit.sort_by_key(|(address, count)| (std::cmp::Reverse(*count), *address));
        Crowd {
            total: places.total,
            connections_max: self.limits.connections_max,
            addresses: places.by_address.len(),
            near_limit,
            connections_per_address_max: max,
            refusals: places.refusals.clone(),
        }
    }

    /// One more connection from an address.
    ///
    /// # Errors
    /// A refusal for whoever comes, when there are too many.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Place, WireError> {
        self.take(1, Some(address))
    }

    /// One more socket of a trusted proxy. For whom it asks is not known yet.
    pub(super) fn enter_proxy(self: &Arc<Self>) -> Result<Place, WireError> {
        self.take(1, None)
    }

    /// A connection from an address, on a socket that is counted already.
    pub(super) fn enter_behind_proxy(
        self: &Arc<Self>,
        address: IpAddr,
    ) -> Result<Place, WireError> {
        self.take(0, Some(address))
    }

    fn take(self: &Arc<Self>, of_all: usize, address: Option<IpAddr>) -> Result<Place, WireError> {
        let mut places = self.lock();
        let address = address.map(counted_as);
        let taken = places.take(of_all, address, &self.limits);
        if let Err(error) = &taken {
            places.refusals.note(error);
        }
        taken.map(|()| Place { occupancy: Arc::clone(self), of_all, address })
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    fn take(
        &mut self,
        of_all: usize,
        address: Option<IpAddr>,
        limits: &ServeLimits,
    ) -> Result<(), WireError> {
        let max = limits.connections_max;
        if self.total + of_all > max {
            let message = "the relay has all the connections it takes: come back in a moment";
            return Err(full(message.to_owned(), "limits.connections_max", max));
        }
        if let Some(address) = address {
            let max = limits.connections_per_address_max;
            let from_here = self.by_address.get(&address).copied().unwrap_or(0);
            if from_here >= max {
                let message = format!(
                    "this address has {max} connections already, which is all it may have: close \
                     a page or a program, or come back in a moment"
                );
                return Err(full(message, "limits.connections_per_address_max", max));
            }
            self.by_address.insert(address, from_here + 1);
        }
        self.total += of_all;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.occupancy.lock();
        places.total = places.total.saturating_sub(self.of_all);
        if let Some(address) = self.address
            && let Some(count) = places.by_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                places.by_address.remove(&address);
            }
        }
    }
}

fn full(message: String, name: &'static str, max: usize) -> WireError {
    WireError::new(ErrorCode::LimitExceeded, message)
        .of_limit(name, max as u64)
        .retry_after_ms(COME_BACK_AFTER_MS)
}

/// Addresses that are given out together are counted together: whoever has one of IPv6 has all of
/// its /64.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occupancy(connections_max: usize, connections_per_address_max: usize) -> Arc<Occupancy> {
        let limits =
            ServeLimits { connections_max, connections_per_address_max, ..ServeLimits::default() };
        Arc::new(Occupancy::new(limits))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn limit_of(refused: Result<Place, WireError>) -> String {
        let error = refused.unwrap_err();
        assert!(error.retry_after_ms.is_some());
        error.limit.unwrap().name.into_owned()
    }

    #[test]
    fn each_limit_is_named_and_a_place_that_is_freed_is_given_again() {
        let occupancy = occupancy(3, 2);
        let first = occupancy.enter(ip("1.1.1.1")).unwrap();
        let _second = occupancy.enter(ip("1.1.1.1")).unwrap();
        assert_eq!(limit_of(occupancy.enter(ip("1.1.1.1"))), "limits.connections_per_address_max");
        let _third = occupancy.enter(ip("2.2.2.2")).unwrap();
        assert_eq!(limit_of(occupancy.enter(ip("3.3.3.3"))), "limits.connections_max");
        drop(first);
        assert!(occupancy.enter(ip("1.1.1.1")).is_ok());
        let refused: Vec<_> = occupancy
            .crowd()
            .refusals
            .iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        let expected = ["limits.connections_max", "limits.connections_per_address_max"];
        assert_eq!(refused, expected.map(|name| (name.to_owned(), 1)));
    }

    #[test]
    fn a_whole_network_of_version_6_is_one_address() {
        let occupancy = occupancy(10, 2);
        let _one = occupancy.enter(ip("2001:db8:1:2::1")).unwrap();
        let _two = occupancy.enter(ip("2001:db8:1:2:ffff::9")).unwrap();
        assert!(occupancy.enter(ip("2001:db8:1:2::3")).is_err());
        assert!(occupancy.enter(ip("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn addresses_of_version_4_are_told_apart_also_when_they_come_over_version_6() {
        let occupancy = occupancy(10, 1);
        let _one = occupancy.enter(ip("::ffff:1.1.1.1")).unwrap();
        assert!(occupancy.enter(ip("1.1.1.1")).is_err());
        assert!(occupancy.enter(ip("::ffff:1.1.1.2")).is_ok());
    }

    #[test]
    fn who_comes_by_a_proxy_is_counted_once_and_for_their_own_address() {
        let occupancy = occupancy(3, 1);
        let sockets: Vec<_> = (0..3).map(|_| occupancy.enter_proxy().unwrap()).collect();
        let named = occupancy.enter_behind_proxy(ip("1.1.1.1")).unwrap();
        assert!(occupancy.enter_behind_proxy(ip("1.1.1.1")).is_err());
        assert_eq!(occupancy.total(), 3);
        drop((sockets, named));
        assert_eq!((occupancy.total(), occupancy.crowd().addresses), (0, 0), "nothing is left");
    }

    #[test]
    fn who_is_near_the_limit_is_named() {
        let occupancy = occupancy(100, 5);
        let _four: Vec<_> = (0..4).map(|_| occupancy.enter(ip("4.4.4.4")).unwrap()).collect();
        let _three: Vec<_> = (0..3).map(|_| occupancy.enter(ip("3.3.3.3")).unwrap()).collect();
        assert_eq!(occupancy.crowd().near_limit, [(ip("4.4.4.4"), 4)]);
    }
}
