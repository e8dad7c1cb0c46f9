//! Refusals as answers: the same words as on a connection, with a fitting status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tidemark_shared::protocol::{ErrorCode, WireError};

use crate::accounts::Refusal;

/// What was asked for, or why not.
pub(super) type Answered<T> = Result<T, Denied>;

/// Why something was not answered or done.
#[derive(Debug)]
pub(super) struct Denied {
    status: StatusCode,
    error: WireError,
}

impl Denied {
    /// A refusal with a status that says more than its code.
    pub(super) const fn with(status: StatusCode, error: WireError) -> Self {
        Denied { status, error }
    }
}

impl From<WireError> for Denied {
    fn from(error: WireError) -> Self {
        let status = match error.code {
            ErrorCode::BadMessage
            | ErrorCode::UnsupportedVersion
            | ErrorCode::InvalidParameters => StatusCode::BAD_REQUEST,
            ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::LimitExceeded => StatusCode::CONFLICT,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Timeout => StatusCode::REQUEST_TIMEOUT,
            ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Denied { status, error }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Denied::from(WireError::from(refusal))
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let Denied { status, error } = self;
        let retry_after_s = error.retry_after_ms.map(|wait_ms| wait_ms.div_ceil(1_000));
        let mut response = (status, axum::Json(error)).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
