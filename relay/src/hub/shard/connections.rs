//! The connections of a shard, by ids that are never mistaken for a later connection's.

use crate::hub::connection::Connection;

/// A connection of one shard. A place is used again, a pair of place and generation never is: news
/// of a connection that is gone finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId {
    pub(super) place: u32,
    pub(super) generation: u32,
}

#[derive(Debug)]
pub(super) struct Connections<O> {
    places: Vec<Place<O>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Place<O> {
    generation: u32,
    connection: Option<Connection<O>>,
}

impl<O> Default for Connections<O> {
    fn default() -> Self {
        Connections { places: Vec::new(), free: Vec::new() }
    }
}

impl<O> Connections<O> {
    pub(super) fn insert(&mut self, connection: Connection<O>) -> ConnectionId {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { generation: 0, connection: None });
            u32::try_from(self.places.len() - 1).expect("a machine has fewer than 2^32 sockets")
        });
        let slot = self.places.get_mut(place as usize).expect("free places are within the table");
        slot.connection = Some(connection);
        ConnectionId { place, generation: slot.generation }
    }

    pub(super) fn remove(&mut self, id: ConnectionId) -> Option<Connection<O>> {
        let slot = self.places.get_mut(id.place as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let connection = slot.connection.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.place);
        Some(connection)
    }

    pub(super) fn get(&self, id: ConnectionId) -> Option<&Connection<O>> {
        let slot = self.places.get(id.place as usize)?;
        slot.connection.as_ref().filter(|_| slot.generation == id.generation)
    }

    pub(super) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection<O>> {
        let slot = self.places.get_mut(id.place as usize)?;
        slot.connection.as_mut().filter(|_| slot.generation == id.generation)
    }

    /// The connection that is at a place now, whoever was there before.
    pub(super) fn at_mut(&mut self, place: u32) -> Option<(ConnectionId, &mut Connection<O>)> {
        let slot = self.places.get_mut(place as usize)?;
        let id = ConnectionId { place, generation: slot.generation };
        Some((id, slot.connection.as_mut()?))
    }

    pub(super) fn ids(&self) -> Vec<ConnectionId> {
        let used = self.places.iter().zip(0..).filter(|(slot, _)| slot.connection.is_some());
        used.map(|(slot, place)| ConnectionId { place, generation: slot.generation }).collect()
    }

    pub(super) fn iter_with_ids(&self) -> impl Iterator<Item = (ConnectionId, &Connection<O>)> {
        self.places.iter().zip(0..).filter_map(|(slot, place)| {
            let id = ConnectionId { place, generation: slot.generation };
            Some((id, slot.connection.as_ref()?))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Connection<O>> {
        self.places.iter().filter_map(|slot| slot.connection.as_ref())
    }
}
