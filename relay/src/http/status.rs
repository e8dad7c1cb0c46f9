//! `/api/status`: what an operator wants to know, as JSON.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use tidemark_shared::market::FeedStatus;

use super::Relay;
use crate::clock::unix_now;
use crate::hub::{Ages, Crowded, Refusals, ShardReport, WaysIn};
use crate::serve::Crowd;

/// Most users and networks that are named as near their limit.
const NAMED_MAX: usize = 20;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody who asks: nobody is named.
    Anybody,
    /// Who looks after the relay.
    Operator,
}

#[derive(Serialize)]
struct Status {
    relay: &'static str,
    version: &'static str,
    draining: bool,
    uptime_s: u64,
    sockets: usize,
    connections: Connections,
    limits: Limits,
    topics: Topics,
    traffic: Traffic,
    feeds: Vec<FeedStatus>,
}

#[derive(Serialize)]
struct Connections {
    total: u64,
    websocket: u64,
    sse: u64,
    poll: u64,
    blocked: u64,
    opened_since_start: u64,
    /// Users who have said who they are.
    users: usize,
    addresses: usize,
    signed_in_by: WaysIn,
    ages: Ages,
    age_average_ms: u64,
    age_longest_ms: u64,
}

#[derive(Serialize)]
struct Limits {
    connections_max: usize,
    connections_per_address_max: usize,
    connections_per_user_max: u32,
    near: Near,
    /// How often each limit has refused something since the start.
    refused: Refusals,
}

/// Who has four of five or more of the connections that they may have.
#[derive(Serialize)]
struct Near {
    users: usize,
    addresses: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_users: Option<Vec<NearUser>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<Vec<NearNetwork>>,
}

#[derive(Serialize)]
struct NearUser {
    user: String,
    connections: u32,
}

#[derive(Serialize)]
struct NearNetwork {
    network: String,
    connections: usize,
}

#[derive(Serialize)]
struct Topics {
    count: u64,
    subscriptions: u64,
    retained_messages: u64,
    lag_max_messages: u64,
}

#[derive(Serialize)]
struct Traffic {
    delivered: u64,
    skipped: u64,
    resets: u64,
    frames_out: u64,
    bytes_out: u64,
    heard: u64,
    refused: u64,
}

pub(super) async fn status(
    State(relay): State<Arc<Relay>>,
    Extension(audience): Extension<Audience>,
) -> Response {
    relay.statistics(audience).await
}

/// What the relay is doing and has done.
pub(super) async fn tell(relay: &Relay, audience: Audience) -> Response {
    let Ok(shards) = relay.hub.report().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the hub does not answer\n").into_response();
    };
    let all = total(&shards);
    let connections = all.websockets + all.event_streams + all.polls;
    let (crowd, crowded) = (relay.occupancy.crowd(), relay.hub.crowded());
    Json(Status {
        relay: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        draining: relay.is_draining(),
        uptime_s: unix_now().since(relay.started).as_secs(),
        sockets: crowd.total,
        connections: Connections {
            total: connections,
            websocket: all.websockets,
            sse: all.event_streams,
            poll: all.polls,
            blocked: all.blocked,
            opened_since_start: all.opened,
            users: crowded.users,
            addresses: crowd.addresses,
            signed_in_by: all.ways_in,
            ages: all.ages,
            age_average_ms: all.connection_age_ms_sum.checked_div(connections).unwrap_or(0),
            age_longest_ms: all.connection_age_ms_max,
        },
        limits: Limits {
            connections_max: crowd.connections_max,
            connections_per_address_max: crowd.connections_per_address_max,
            connections_per_user_max: crowded.connections_max,
            near: near(&crowd, &crowded, audience),
            refused: refused(&all, &crowd),
        },
        topics: Topics {
            count: all.topics,
            subscriptions: all.cursors,
            retained_messages: all.retained,
            lag_max_messages: all.lag_max,
        },
        traffic: Traffic {
            delivered: all.delivered,
            skipped: all.skipped,
            resets: all.resets,
            frames_out: all.frames_out,
            bytes_out: all.bytes_out,
            heard: all.heard,
            refused: all.refused,
        },
        feeds: relay.feeds(),
    })
    .into_response()
}

fn near(crowd: &Crowd, crowded: &Crowded, audience: Audience) -> Near {
    let named_users = || {
        let users = crowded.near_limit.iter().take(NAMED_MAX);
        users
            .map(|(user, count)| NearUser { user: user.to_string(), connections: *count })
            .collect()
    };
    let networks = || {
        let addresses = crowd.near_limit.iter().take(NAMED_MAX);
        let near = |(address, count): &(IpAddr, usize)| NearNetwork {
            network: shortened(*address),
            connections: *count,
        };
        addresses.map(near).collect()
    };
    let is_operator = audience == Audience::Operator;
    Near {
        users: crowded.near_limit.len(),
        addresses: crowd.near_limit.len(),
        named_users: is_operator.then(named_users),
        networks: is_operator.then(networks),
    }
}

/// The refusals of the doors and of the shards.
pub(super) fn refused(all: &ShardReport, crowd: &Crowd) -> Refusals {
    let mut refused = all.refusals.clone();
    refused.add(&crowd.refusals);
    refused
}

/// An address without the part that tells one household from the next: it is enough to find a proxy
/// that is not trusted yet, or a company behind one address.
fn shortened(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// The shards' reports as one. Each shard has every topic that it was sent, so topics are not
/// added up.
pub(super) fn total(shards: &[ShardReport]) -> ShardReport {
    let mut all = ShardReport::default();
    for shard in shards {
        all.websockets += shard.websockets;
        all.event_streams += shard.event_streams;
        all.polls += shard.polls;
        all.blocked += shard.blocked;
        all.connection_age_ms_sum =
            all.connection_age_ms_sum.saturating_add(shard.connection_age_ms_sum);
        all.connection_age_ms_max = all.connection_age_ms_max.max(shard.connection_age_ms_max);
        all.ages.add(&shard.ages);
        all.ways_in.add(&shard.ways_in);
        all.topics = all.topics.max(shard.topics);
        all.retained = all.retained.max(shard.retained);
        all.cursors += shard.cursors;
        all.lag_max = all.lag_max.max(shard.lag_max);
        all.opened += shard.opened;
        all.delivered += shard.delivered;
        all.skipped += shard.skipped;
        all.resets += shard.resets;
        all.frames_out += shard.frames_out;
        all.bytes_out += shard.bytes_out;
        all.heard += shard.heard;
        all.refused += shard.refused;
        all.refusals.add(&shard.refusals);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_house() -> (Crowd, Crowded) {
        let near_limit =
            vec![("203.0.113.7".parse().unwrap(), 250), ("2001:db8:1:2::".parse().unwrap(), 240)];
        let crowd = Crowd { near_limit, ..Crowd::default() };
        let near_limit = vec![("alice@acme".parse().unwrap(), 9)];
        (crowd, Crowded { near_limit, ..Crowded::default() })
    }

    #[test]
    fn a_stranger_is_told_how_many_are_near_their_limit_but_not_who() {
        let (crowd, crowded) = full_house();
        let told = serde_json::to_string(&near(&crowd, &crowded, Audience::Anybody)).unwrap();
        assert_eq!(told, r#"{"users":1,"addresses":2}"#);
    }

    #[test]
    fn an_operator_is_told_who_and_from_which_network() {
        let (crowd, crowded) = full_house();
        let told = serde_json::to_value(near(&crowd, &crowded, Audience::Operator)).unwrap();
        assert_eq!(told["named_users"][0]["user"], "alice@acme");
        assert_eq!(told["networks"][0]["network"], "203.0.113.0/24");
        assert_eq!(told["networks"][1]["network"], "2001:db8:1::/48");
    }
}
