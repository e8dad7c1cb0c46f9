//! What an operator sees of connections, and does to them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::documents::UserName;
use tidemark_shared::protocol::{CloseCode, ErrorCode, WireError};
use tidemark_shared::session::Now;

use super::{ConnectionId, Shard};
use crate::auth::{Credential, Identity, SignedInBy};
use crate::hub::connection::{Connection, Stage, Writing};
use crate::hub::outlet::{Outlet, TransportKind};
use crate::log::TopicLog;

/// Who was sent away may come back after this time: long enough to be noticed, short enough that
/// nobody is locked out by a click.
const SENT_AWAY_FOR: Duration = Duration::from_secs(30);

/// Names a connection of the relay, as `shard-place-generation`. Never another one's later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionName {
    pub(in crate::hub) shard: usize,
    pub(in crate::hub) connection: ConnectionId,
}

/// A text that names no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a connection's name")]
pub struct InvalidConnectionName;

/// A connection, as an operator sees it. Those that have not said hello yet are not shown: they are
/// nobody's, and gone in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionInfo {
    /// Its name.
    pub id: ConnectionName,
    /// Whose it is.
    pub user: UserName,
    /// How the relay knows.
    pub by: SignedInBy,
    /// The way it came.
    pub transport: TransportKind,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// Since when.
    pub opened: UnixMillis,
    /// How many topics it reads.
    pub topics: u64,
    /// Messages between its slowest cursor and the end of that log.
    pub lag: u64,
    /// Whether it takes no bytes at the moment.
    pub blocked: bool,
    /// What to ban, if it showed anything.
    #[serde(serialize_with = "text_of_credential")]
    pub credential: Option<Credential>,
}

/// Whose connections are ended.
#[derive(Clone, Debug)]
pub(in crate::hub) enum Revoked {
    Credential(Credential),
    User(UserName),
}

impl Revoked {
    fn is_meant(&self, identity: &Identity) -> bool {
        match self {
            Revoked::Credential(credential) => identity.credential.as_ref() == Some(credential),
            Revoked::User(user) => identity.user == *user,
        }
    }
}

impl<O: Outlet> Shard<O> {
    /// The connections that have said hello.
    #[must_use]
    pub fn infos(&self) -> Vec<ConnectionInfo> {
        let all = self.connections.iter_with_ids();
        all.filter_map(|(id, connection)| self.info(id, connection)).collect()
    }

    /// Closes a connection because the operator says so. Says whether it was there.
    pub fn send_away(&mut self, id: ConnectionId, now: Now) -> bool {
        let was_there = self.connections.get(id).is_some();
        let reason = "the operator has closed this connection";
        self.close(id, CloseCode::SentAway, reason, SENT_AWAY_FOR, now);
        was_there
    }

    /// Ends connections whose sign-in does not count any more. Says how many.
    pub(in crate::hub) fn revoke(&mut self, revoked: &Revoked, now: Now) -> usize {
        let all = self.connections.iter_with_ids();
        let meant: Vec<ConnectionId> = all
            .filter(|(_, connection)| {
                identity_of(connection).is_some_and(|it| revoked.is_meant(it))
            })
            .map(|(id, _)| id)
            .collect();
        for id in &meant {
            let message = "this sign-in has been ended: sign in again to go on";
            let error = WireError::new(ErrorCode::Unauthorized, message);
            self.refuse_and_close(*id, CloseCode::Unauthorized, error, now);
        }
        meant.len()
    }

    fn info(&self, id: ConnectionId, connection: &Connection<O>) -> Option<ConnectionInfo> {
        let identity = connection.identity.as_ref()?;
        let lag = connection.cursors.iter().map(|cursor| {
            let head = self.logs.get(cursor.alias).map_or(cursor.sent, TopicLog::head);
            head.0.saturating_sub(cursor.sent.0)
        });
        Some(ConnectionInfo {
            id: ConnectionName { shard: self.settings.index, connection: id },
            user: identity.user.clone(),
            by: identity.by,
            transport: connection.outlet.kind(),
            address: connection.address,
            opened: connection.opened,
            topics: connection.cursors.len() as u64,
            lag: lag.max().unwrap_or(0),
            blocked: matches!(connection.writing, Writing::Full { .. }),
            credential: identity.credential.clone(),
        })
    }
}

/// Who a connection speaks for, or will: what was presented counts before `hello` as well.
fn identity_of<O>(connection: &Connection<O>) -> Option<&Identity> {
    match &connection.stage {
        Stage::Greeting(greeting) => greeting.newcomer.presented.as_deref(),
        Stage::Greeted => connection.identity.as_deref(),
    }
}

fn text_of_credential<S: Serializer>(
    credential: &Option<Credential>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    credential.as_ref().map(|credential| &*credential.0).serialize(serializer)
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConnectionId { place, generation } = self.connection;
        write!(f, "{}-{place}-{generation}", self.shard)
    }
}

impl FromStr for ConnectionName {
    type Err = InvalidConnectionName;

    fn from_str(text: &str) -> Result<Self, InvalidConnectionName> {
        let mut parts = text.split('-');
        let name = (|| {
            let shard = parts.next()?.parse().ok()?;
            let place = parts.next()?.parse().ok()?;
            let generation = parts.next()?.parse().ok()?;
            Some(ConnectionName { shard, connection: ConnectionId { place, generation } })
        })();
        // A number that is spelled in another way is another text.
        name.filter(|name| name.to_string() == text).ok_or(InvalidConnectionName)
    }
}

impl Serialize for ConnectionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_in_no_other_way() {
        let name: ConnectionName = "1-17-3".parse().unwrap();
        assert_eq!(name.to_string(), "1-17-3");
        for wrong in ["", "1-17", "1-17-3-4", "01-17-3", "1-+17-3", "a-b-c", "1-17-99999999999"] {
            assert_eq!(wrong.parse::<ConnectionName>(), Err(InvalidConnectionName), "{wrong}");
        }
    }
}
