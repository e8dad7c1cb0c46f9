//! Signing in to an account of the relay's own, and out again.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tidemark_shared::clock::UnixMillis;

use super::answer::Answered;
use super::entrance::{Entrance, address, read};
use crate::accounts::{Password, Refusal, SignedIn, Token, Visitor, cookie};
use crate::auth::{Identity, Mode, Role, SignedInBy};
use crate::clock::unix_now;

/// How this relay lets people in, and whom it has let in here.
#[derive(Serialize)]
struct Session {
    mode: &'static str,
    guests: bool,
    sign_up: bool,
    user: Option<String>,
    roles: Vec<String>,
    ends_at: Option<UnixMillis>,
    csrf: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

#[derive(Deserialize)]
struct WithLink {
    link: String,
    user: String,
    password: String,
}

#[derive(Deserialize)]
struct NewPassword {
    old: String,
    new: String,
}

/// Who asks: for the page, which shows it.
pub(super) async fn session(State(entrance): State<Entrance>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    // What does not count (any more) is told as if there were nothing.
    let identity = entrance.gate.presented(&head, unix_now()).await.ok().flatten();
    let by_session = identity.as_ref().is_some_and(|who| who.by == SignedInBy::Session);
    let token = by_session.then(|| cookie::token(&head.headers, entrance.channel)).flatten();
    Json(body(&entrance, identity.as_deref(), token.as_ref())).into_response()
}

pub(super) async fn sign_in(
    State(entrance): State<Entrance>,
    request: Request,
) -> Answered<Response> {
    let (head, asked) = begin::<Credentials>(&entrance, request).await?;
    let (password, old) = (Password::typed(asked.password), old(&entrance, &head));
    let signed_in = entrance.accounts.sign_in(&asked.user, password, visitor(&head, old.as_ref()));
    Ok(welcome(&entrance, &head, signed_in.await?))
}

pub(super) async fn sign_up(
    State(entrance): State<Entrance>,
    request: Request,
) -> Answered<Response> {
    let (head, asked) = begin::<Credentials>(&entrance, request).await?;
    if !entrance.auth.sign_up {
        return Err(Refusal::NoSignUp.into());
    }
    let (password, old) = (Password::typed(asked.password), old(&entrance, &head));
    let signed_in = entrance.accounts.sign_up(&asked.user, password, visitor(&head, old.as_ref()));
    Ok(welcome(&entrance, &head, signed_in.await?))
}

/// By a one-time link: the first admin's account, or a user's new password.
pub(super) async fn first_admin(
    State(entrance): State<Entrance>,
    request: Request,
) -> Answered<Response> {
    let (head, asked) = begin::<WithLink>(&entrance, request).await?;
    let (password, old) = (Password::typed(asked.password), old(&entrance, &head));
    let visitor = visitor(&head, old.as_ref());
    let signed_in = entrance.accounts.redeem(&asked.link, &asked.user, password, visitor);
    Ok(welcome(&entrance, &head, signed_in.await?))
}

pub(super) async fn sign_out(
    State(entrance): State<Entrance>,
    request: Request,
) -> Answered<Response> {
    entrance.has_accounts()?;
    let (head, _) = request.into_parts();
    let token = entrance.csrf(&head.headers)?;
    entrance.accounts.sign_out(&token).await?;
    let gone = cookie::takes_away(entrance.channel_of(&head.headers));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

pub(super) async fn password(
    State(entrance): State<Entrance>,
    request: Request,
) -> Answered<Response> {
    entrance.has_accounts()?;
    let token = entrance.csrf(request.headers())?;
    let (head, asked) = read::<NewPassword>(request).await?;
    let (old, new) = (Password::typed(asked.old), Password::typed(asked.new));
    let changed = entrance.accounts.change_password(&token, old, new, address(&head));
    changed.await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What every way in asks first.
async fn begin<T: serde::de::DeserializeOwned>(
    entrance: &Entrance,
    request: Request,
) -> Answered<(Parts, T)> {
    entrance.has_accounts()?;
    entrance.is_own_page(request.headers())?;
    read(request).await
}

fn old(entrance: &Entrance, head: &Parts) -> Option<Token> {
    cookie::token(&head.headers, entrance.channel)
}

fn visitor<'a>(head: &Parts, session: Option<&'a Token>) -> Visitor<'a> {
    Visitor { address: address(head), session }
}

fn welcome(entrance: &Entrance, head: &Parts, signed_in: SignedIn) -> Response {
    let SignedIn { token, identity } = signed_in;
    let given = cookie::gives(&token, entrance.channel_of(&head.headers));
    let body = body(entrance, Some(&identity), Some(&token));
    ([(header::SET_COOKIE, given)], Json(body)).into_response()
}

fn body(entrance: &Entrance, identity: Option<&Identity>, token: Option<&Token>) -> Session {
    let mode = entrance.auth.mode;
    Session {
        mode: match mode {
            Mode::Demo => "demo",
            Mode::Accounts => "accounts",
            Mode::Tokens => "tokens",
        },
        guests: entrance.auth.guests || mode == Mode::Demo,
        sign_up: entrance.auth.sign_up && mode == Mode::Accounts,
        user: identity.map(|who| who.user.to_string()),
        roles: identity.map_or(Vec::new(), |who| who.roles.iter().map(Role::to_string).collect()),
        ends_at: identity.and_then(|who| who.ends_at),
        csrf: token.map(Token::csrf),
    }
}
