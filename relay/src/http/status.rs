//! `/api/status`: what an operator wants to know, as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tidemark_shared::market::FeedStatus;

use super::Relay;
use crate::clock::unix_now;
use crate::hub::ShardReport;

#[derive(Serialize)]
struct Status {
    relay: &'static str,
    version: &'static str,
    draining: bool,
    uptime_s: u64,
    sockets: usize,
    connections: Connections,
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
    age_average_ms: u64,
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

pub(super) async fn status(State(relay): State<Arc<Relay>>) -> Response {
    let Ok(shards) = relay.hub.report().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the hub does not answer\n").into_response();
    };
    let all = total(&shards);
    let connections = all.websockets + all.event_streams + all.polls;
    Json(Status {
        relay: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        draining: relay.is_draining(),
        uptime_s: unix_now().since(relay.started).as_secs(),
        sockets: relay.occupancy.total(),
        connections: Connections {
            total: connections,
            websocket: all.websockets,
            sse: all.event_streams,
            poll: all.polls,
            blocked: all.blocked,
            opened_since_start: all.opened,
            age_average_ms: all.connection_age_ms_sum.checked_div(connections).unwrap_or(0),
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

/// The shards' reports as one. Each shard has every topic that it was sent, so topics are not
/// added up.
pub(super) fn total(shards: &[ShardReport]) -> ShardReport {
    let mut all = ShardReport::default();
    for shard in shards {
        all.websockets += shard.websockets;
        all.event_streams += shard.event_streams;
        all.polls += shard.polls;
        all.blocked += shard.blocked;
        all.connection_age_ms_sum += shard.connection_age_ms_sum;
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
    }
    all
}
