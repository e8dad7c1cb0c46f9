//! What of a request may be written into a log.

use std::fmt;

use http::Uri;

/// A request's address without what may be a secret: what follows on the path, which may be a
/// ticket or a token, and anything in the path that is too long for one of our names.
#[derive(Clone, Copy)]
pub struct Masked<'a>(pub &'a Uri);

/// The longest name in any of our paths, and a symbol or a user's name, are shorter.
const SEGMENT_BYTES_MAX: usize = 32;

/// So much of a path is enough to recognise it by.
const SEGMENTS_MAX: usize = 8;

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.0.path().split('/').skip(1).take(SEGMENTS_MAX) {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            match segment.len() <= SEGMENT_BYTES_MAX && segment.bytes().all(is_plain) {
                true => write!(f, "/{segment}")?,
                false => f.write_str("/***")?,
            }
        }
        match self.0.query() {
            Some(_) => f.write_str("?***"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_query_and_nothing_long_is_shown() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
        for (uri, shown) in [
            ("/v1/ws", "/v1/ws"),
            ("/v1/ws?token=abc", "/v1/ws?***"),
            ("/v1/stream?a&ticket=0123&b", "/v1/stream?***"),
            ("http://x/v1/ws?%74oken=abc", "/v1/ws?***"),
            ("/v1/ws?", "/v1/ws?***"),
            ("/api/admin/users/me@example.org", "/api/admin/users/***"),
            ("*", ""),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(Masked(&uri).to_string(), shown);
        }
        let uri: Uri = format!("/v1/ws/{token}?token={token}").parse().unwrap();
        assert_eq!(format!("{:?}", Masked(&uri)), "/v1/ws/***?***");
    }
}
