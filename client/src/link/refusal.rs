//! What an HTTP error of the relay means to the machine.

use tidemark_shared::protocol::{CloseCode, ErrorCode, WireError};
use tidemark_shared::session::{Input, LinkId};

/// The input for an answer with an error status.
pub(super) fn input_of(link: LinkId, status: u16, body: &str) -> Input {
    let Ok(error) = serde_json::from_slice::<WireError>(body.as_bytes()) else {
        // Not our relay that speaks: a proxy, a portal, a wrong address.
        return Input::Failed { link, reason: format!("HTTP {status}") };
    };
    let close = match error.code {
        ErrorCode::Unauthorized => CloseCode::Unauthorized,
        ErrorCode::Forbidden => CloseCode::Forbidden,
        ErrorCode::UnsupportedVersion => CloseCode::UnsupportedVersion,
        ErrorCode::BadMessage => CloseCode::ProtocolError,
        ErrorCode::NotFound => CloseCode::UnknownSession,
        _ => return Input::Failed { link, reason: error.message },
    };
    Input::Closed { link, code: close.number(), reason: error.message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: LinkId = LinkId(1);

    #[test]
    fn a_refused_sign_in_is_not_tried_again_and_again() {
        let input = input_of(LINK, 401, r#"{"code":"unauthorized","message":"Sign in."}"#);
        let expected = Input::Closed { link: LINK, code: 4504, reason: "Sign in.".into() };
        assert_eq!(input, expected);
    }

    #[test]
    fn a_page_of_some_proxy_is_a_failed_attempt() {
        let input = input_of(LINK, 502, "<html>Bad Gateway</html>");
        assert_eq!(input, Input::Failed { link: LINK, reason: "HTTP 502".into() });
    }

    #[test]
    fn a_session_that_the_relay_forgot_is_opened_anew() {
        let input = input_of(LINK, 404, r#"{"code":"not_found","message":"No such session."}"#);
        assert!(matches!(input, Input::Closed { code: 4005, .. }));
    }
}
