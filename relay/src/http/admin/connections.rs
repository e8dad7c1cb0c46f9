//! Connections that are open.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tidemark_shared::protocol::{ErrorCode, WireError};

use super::Office;
use crate::http::answer::{Answered, Denied};
use crate::hub::{ConnectionInfo, ConnectionName};

#[derive(Serialize)]
struct Connections {
    connections: Vec<ConnectionInfo>,
}

pub(super) async fn list(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (head, _) = request.into_parts();
    office.entrance.admin(&head).await?;
    let connections = office.hub.connections().await.map_err(|_| stopping())?;
    Ok(Json(Connections { connections }).into_response())
}

pub(super) async fn close(
    State(office): State<Office>,
    Path(id): Path<String>,
    request: Request,
) -> Answered<Response> {
    let (head, _) = request.into_parts();
    let admin = office.entrance.admin(&head).await?;
    let name: ConnectionName = id.parse().map_err(|_| not_there())?;
    let was_there = office.hub.close_connection(name).await.map_err(|_| stopping())?;
    if !was_there {
        return Err(not_there());
    }
    tracing::info!(target: "audit", by = %admin.user, connection = id, "closed a connection");
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn not_there() -> Denied {
    let message = "there is no such connection (any more)";
    WireError::new(ErrorCode::NotFound, message).into()
}

fn stopping() -> Denied {
    let message = "the relay is stopping: come back in a moment";
    WireError::new(ErrorCode::Unavailable, message).into()
}
