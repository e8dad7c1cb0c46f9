//! Refusals as answers: the same words as on a connection, with a fitting status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tidemark_shared::protocol::{ErrorCode, WireError};

use crate::accounts::Refusal;

/// What was asked for, or the answer that says why not.
pub(super) type Answered<T> = Result<T, Response>;

/// A refusal.
pub(super) fn refused(error: &WireError) -> Response {
    let status = match error.code {
        ErrorCode::BadMessage | ErrorCode::UnsupportedVersion | ErrorCode::InvalidParameters => {
            StatusCode::BAD_REQUEST
        }
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::LimitExceeded => StatusCode::CONFLICT,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Timeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = (status, axum::Json(error)).into_response();
    if let Some(retry_after_ms) = error.retry_after_ms {
        let seconds = HeaderValue::from(retry_after_ms.div_ceil(1_000));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// A refusal of the accounts'.
pub(super) fn not_done(refusal: Refusal) -> Response {
    refused(&refusal.into())
}
