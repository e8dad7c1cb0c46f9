//! `/metrics`, in the Prometheus text format (version 0.0.4).

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tidemark_shared::market::FeedState;

use super::{Relay, status};
use crate::clock::unix_now;

pub(super) async fn metrics(State(relay): State<Arc<Relay>>) -> Response {
    let Ok(shards) = relay.hub.report().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the hub does not answer\n").into_response();
    };
    let all = status::total(&shards);
    let (crowd, crowded) = (relay.occupancy.crowd(), relay.hub.crowded());
    let mut page = Page::default();
    page.family("tidemark_connections", "gauge", "Open connections by transport.");
    page.labelled("tidemark_connections", "transport", "websocket", all.websockets);
    page.labelled("tidemark_connections", "transport", "sse", all.event_streams);
    page.labelled("tidemark_connections", "transport", "poll", all.polls);
    let gauges = [
        ("tidemark_sockets", "Accepted sockets, and sessions of polls.", crowd.total as u64),
        ("tidemark_users", "Users who are connected.", crowded.users as u64),
        ("tidemark_connections_blocked", "Connections that read too slowly now.", all.blocked),
        ("tidemark_topics", "Topics with a log.", all.topics),
        ("tidemark_subscriptions", "Cursors of all connections.", all.cursors),
        ("tidemark_cursor_lag_max_messages", "Messages the slowest cursor is behind.", all.lag_max),
        ("tidemark_retained_messages", "Messages kept in the logs.", all.retained),
        ("tidemark_uptime_seconds", "Time since start.", unix_now().since(relay.started).as_secs()),
        (
            "tidemark_draining",
            "1 while the relay sends everybody away.",
            relay.is_draining().into(),
        ),
    ];
    for (name, help, value) in gauges {
        page.single(name, "gauge", help, value);
    }
    if let Some(bytes) = resident_bytes() {
        page.single("process_resident_memory_bytes", "gauge", "Resident memory.", bytes);
    }
    let counters = [
        ("tidemark_connections_opened_total", "Connections opened.", all.opened),
        ("tidemark_messages_delivered_total", "Messages written to connections.", all.delivered),
        ("tidemark_messages_skipped_total", "Messages that slow readers jumped over.", all.skipped),
        ("tidemark_resets_total", "Times a slow reader fell out of a log's window.", all.resets),
        ("tidemark_frames_out_total", "Frames written.", all.frames_out),
        ("tidemark_bytes_out_total", "Bytes written.", all.bytes_out),
        ("tidemark_messages_heard_total", "Messages heard from connections.", all.heard),
        ("tidemark_messages_refused_total", "Messages refused.", all.refused),
    ];
    for (name, help, value) in counters {
        page.single(name, "counter", help, value);
    }
    let family = "tidemark_limit_refusals_total";
    page.family(family, "counter", "Times that a limit has refused something.");
    for (limit, count) in status::refused(&all, &crowd).iter() {
        page.labelled(family, "limit", limit, count);
    }
    let feeds = relay.feeds();
    page.family("tidemark_feed_up", "gauge", "1 while a feed is live or has nothing to do.");
    for feed in &feeds {
        let up = matches!(feed.state, FeedState::Live | FeedState::Idle);
        page.labelled("tidemark_feed_up", "feed", &feed.feed, up.into());
    }
    page.family("tidemark_feed_messages_total", "counter", "Messages taken from a venue.");
    for feed in &feeds {
        page.labelled("tidemark_feed_messages_total", "feed", &feed.feed, feed.messages);
    }
    page.family("tidemark_feed_dead_letters_total", "counter", "Messages that were set aside.");
    for feed in &feeds {
        page.labelled("tidemark_feed_dead_letters_total", "feed", &feed.feed, feed.dead_letters);
    }
    page.family("tidemark_feed_gaps_total", "counter", "Holes in a venue's numbering.");
    for feed in &feeds {
        page.labelled("tidemark_feed_gaps_total", "feed", &feed.feed, feed.gaps);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.text)
        .into_response()
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// Label values are words of ours or names of feeds, which need no escaping.
    fn labelled(&mut self, name: &str, label: &str, label_value: &str, value: u64) {
        self.line(format_args!("{name}{{{label}=\"{label_value}\"}} {value}"));
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help);
        self.line(format_args!("{name} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{line}").expect("a String takes every character");
    }
}

/// The process's resident memory, where the system tells it (Linux).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
