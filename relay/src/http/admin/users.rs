//! The relay's own accounts.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;

use super::Office;
use crate::accounts::{Account, Password};
use crate::auth::Role;
use crate::http::answer::Answered;

#[derive(Serialize)]
struct Users {
    users: Vec<User>,
}

#[derive(Serialize)]
struct User {
    user: String,
    roles: Vec<String>,
    created: UnixMillis,
    last_seen: Option<UnixMillis>,
    disabled: bool,
}

#[derive(Deserialize)]
struct NewUser {
    user: String,
    password: String,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    roles: Option<Vec<String>>,
    disabled: Option<bool>,
    password: Option<String>,
}

pub(super) async fn list(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (head, _) = request.into_parts();
    office.entrance.has_accounts()?;
    office.entrance.admin(&head).await?;
    let accounts = office.entrance.accounts.accounts();
    Ok(Json(Users { users: accounts.into_iter().map(shown).collect() }).into_response())
}

pub(super) async fn add(State(office): State<Office>, request: Request) -> Answered<Response> {
    let (admin, asked) = begin::<NewUser>(&office, request).await?;
    let NewUser { user, password, roles } = asked;
    let password = Password::typed(password);
    let added = office.entrance.accounts.add_user(&admin.user, &user, password, &roles);
    added.await?;
    Ok(StatusCode::CREATED.into_response())
}

pub(super) async fn change(
    State(office): State<Office>,
    Path(user): Path<String>,
    request: Request,
) -> Answered<Response> {
    let (admin, Change { roles, disabled, password }) = begin::<Change>(&office, request).await?;
    let password = password.map(Password::typed);
    let accounts = &office.entrance.accounts;
    let changed =
        accounts.change_user(&admin.user, &user, roles.as_deref(), disabled, password).await;
    changed?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn begin<T: serde::de::DeserializeOwned>(
    office: &Office,
    request: Request,
) -> Answered<(std::sync::Arc<crate::auth::Identity>, T)> {
    office.entrance.has_accounts()?;
    office.begin(request).await
}

fn shown(account: Account) -> User {
    User {
        user: account.user.to_string(),
        roles: account.roles.iter().map(Role::to_string).collect(),
        created: account.created,
        last_seen: account.last_seen,
        disabled: account.disabled,
    }
}
