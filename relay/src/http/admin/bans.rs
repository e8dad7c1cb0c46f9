//! What must not be let in any more.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;

use super::Office;
use crate::http::answer::Answered;

#[derive(Serialize)]
struct Bans {
    bans: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    credential: String,
    at: UnixMillis,
    by: String,
    until: Option<UnixMillis>,
    reason: String,
}

#[derive(Deserialize)]
struct NewBan {
    credential: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: Option<UnixMillis>,
}

#[derive(Deserialize)]
struct Lift {
    credential: String,
}

pub(super) async fn list(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (head, _) = request.into_parts();
    office.entrance.admin(&head).await?;
    let bans = office.entrance.accounts.bans().into_iter();
    let shown = |(credential, ban): (crate::auth::Credential, crate::accounts::Ban)| Shown {
        credential: credential.0.as_ref().to_owned(),
        at: ban.at,
        by: ban.by,
        until: ban.until,
        reason: ban.reason,
    };
    Ok(Json(Bans { bans: bans.map(shown).collect() }).into_response())
}

pub(super) async fn ban(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (admin, NewBan { credential, reason, until }) = office.begin(request).await?;
    let banned = office.entrance.accounts.ban(&admin.user, &credential, reason, until);
    banned.await?;
    Ok(StatusCode::CREATED.into_response())
}

pub(super) async fn lift(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (admin, Lift { credential }) = office.begin(request).await?;
    office.entrance.accounts.lift(&admin.user, &credential).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
