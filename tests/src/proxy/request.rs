//! As much of an HTTP request as blocking one needs.

/// Longest head of a request that is taken: what servers commonly take.
pub(super) const HEAD_BYTES_MAX: usize = 32 * 1024;

/// The head of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length, the empty line included.
    bytes: usize,
    pub(super) path: String,
    /// Length of the body that follows.
    body_bytes: usize,
    /// Whether what follows is no HTTP any more, if the server agrees.
    pub(super) is_upgrade: bool,
}

impl Head {
    /// The length of the head and its body.
    pub(super) fn request_bytes(&self) -> usize {
        self.bytes.saturating_add(self.body_bytes)
    }

    /// Reads one from the beginning of `bytes`, once it is complete.
    pub(super) fn read(bytes: &[u8]) -> Option<Head> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = text.split("\r\n");
        let path = lines.next()?.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut head = Head { bytes: end + 4, path, body_bytes: 0, is_upgrade: false };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.body_bytes = value.trim().parse().unwrap_or(0),
                "upgrade" => head.is_upgrade = true,
                _ => {}
            }
        }
        Some(head)
    }
}
