//! What the relay serves over plain HTTP: the page, health, status, metrics, the way in for
//! programs that publish, signing in, and what admins do. All of it is read from what the other rooms
//! know; nothing is decided here.

mod admin;
mod answer;
mod assets;
mod entrance;
mod hardening;
mod metrics;
mod publish;
mod session;
mod status;
mod watch;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use tidemark_shared::clock::UnixMillis;
use tidemark_shared::market::FeedStatus;

pub use self::entrance::Entrance;
pub use self::hardening::harden;
pub use self::status::Audience;
use crate::config::{Secret, ServiceWorker};
use crate::feeds::LetterBoxes;
use crate::hub::Hub;
use crate::serve::Occupancy;

/// What these routes know of the relay.
#[derive(Debug)]
pub struct Relay {
    /// The hub.
    pub hub: Arc<Hub>,
    /// How many connections there are.
    pub occupancy: Arc<Occupancy>,
    /// When the relay started.
    pub started: UnixMillis,
    /// Who may publish; nobody when absent.
    pub publish_token: Option<Secret>,
    /// Messages of feeds that could not be read.
    pub letter_boxes: LetterBoxes,
    /// Whether browsers may keep the page's files.
    pub service_worker: ServiceWorker,
    feeds: Mutex<BTreeMap<String, FeedStatus>>,
    draining: AtomicBool,
}

impl Relay {
    /// A relay that has just started.
    #[must_use]
    pub fn new(
        hub: Arc<Hub>,
        occupancy: Arc<Occupancy>,
        started: UnixMillis,
        publish_token: Option<Secret>,
        letter_boxes: LetterBoxes,
    ) -> Self {
        let (feeds, draining) = (Mutex::default(), AtomicBool::new(false));
        let service_worker = ServiceWorker::On;
        Relay {
            hub,
            occupancy,
            started,
            publish_token,
            letter_boxes,
            service_worker,
            feeds,
            draining,
        }
    }

    /// The same relay, whose page is kept by browsers or not.
    #[must_use]
    pub fn with_service_worker(self, service_worker: ServiceWorker) -> Self {
        Relay { service_worker, ..self }
    }

    /// A feed has said how it is doing.
    pub fn note_feed(&self, status: FeedStatus) {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.insert(status.feed.clone(), status);
    }

    /// What the relay is doing and has done, as `/api/status` tells it.
    pub async fn statistics(&self, audience: Audience) -> Response {
        status::tell(self, audience).await
    }

    /// From now on the relay is not ready: load balancers send nobody any more.
    pub fn begin_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn feeds(&self) -> Vec<FeedStatus> {
        let feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.values().cloned().collect()
    }
}

/// All routes of this room.
pub fn routes(relay: Arc<Relay>, entrance: Entrance) -> Router {
    let admin = admin::routes(entrance.clone(), Arc::clone(&relay.hub));
    let sessions = Router::new()
        .route("/api/session", get(session::session))
        .route("/api/sign-in", post(session::sign_in))
        .route("/api/sign-up", post(session::sign_up))
        .route("/api/sign-out", post(session::sign_out))
        .route("/api/first-admin", post(session::first_admin))
        .route("/api/password", post(session::password))
        .with_state(entrance.clone())
        .merge(admin)
        .layer(middleware::from_fn_with_state(entrance.clone(), entrance::check_page));
    let for_programs = Router::new()
        .route("/api/status", get(status::status))
        .route("/metrics", get(metrics::metrics))
        .route_layer(middleware::from_fn_with_state(entrance.clone(), watch::programs));
    let for_admins = Router::new()
        .route("/api/feeds/{feed}/dead-letters", get(dead_letters))
        .route_layer(middleware::from_fn_with_state(entrance, watch::admins));
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/v1/publish", post(publish::publish))
        .merge(for_programs)
        .merge(for_admins)
        .fallback(assets::serve)
        .with_state(relay)
        .merge(sessions)
}

/// What a feed could not read, for whoever finds out why.
async fn dead_letters(State(relay): State<Arc<Relay>>, Path(feed): Path<String>) -> Response {
    match relay.letter_boxes.of(&feed) {
        Some(letters) => Json(letters).into_response(),
        None => (StatusCode::NOT_FOUND, "no such feed\n").into_response(),
    }
}

async fn ready(State(relay): State<Arc<Relay>>) -> (StatusCode, &'static str) {
    let answers = relay.hub.report().await.is_ok();
    match (answers, relay.is_draining()) {
        (true, false) => (StatusCode::OK, "ready\n"),
        (_, true) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "the hub does not answer\n"),
    }
}
