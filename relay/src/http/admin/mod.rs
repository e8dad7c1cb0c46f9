//! What those do who look after the relay: users, connections, bans. Each route asks for the role
//! `admin` itself, before it reads anything else.

mod bans;
mod connections;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use serde::de::DeserializeOwned;

use super::Entrance;
use super::answer::Answered;
use super::entrance::read;
use crate::auth::Identity;
use crate::hub::Hub;

/// What these routes know.
#[derive(Clone, Debug)]
pub(super) struct Office {
    entrance: Entrance,
    hub: Arc<Hub>,
}

/// All routes of this room.
pub(super) fn routes(entrance: Entrance, hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/api/admin/users", get(users::list).post(users::add))
        .route("/api/admin/users/{user}", post(users::change))
        .route("/api/admin/connections", get(connections::list))
        .route("/api/admin/connections/{id}/close", post(connections::close))
        .route("/api/admin/bans", get(bans::list).post(bans::ban))
        .route("/api/admin/bans/lift", post(bans::lift))
        .with_state(Office { entrance, hub })
}

impl Office {
    /// Who asks for a change, and for which.
    async fn begin<T: DeserializeOwned>(&self, request: Request) -> Answered<(Arc<Identity>, T)> {
        let (head, body) = request.into_parts();
        let admin = self.entrance.admin(&head).await?;
        let (_, asked) = read(Request::from_parts(head, body)).await?;
        Ok((admin, asked))
    }
}
