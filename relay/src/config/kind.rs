//! What a setting's value may be.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use toml::Value;

use super::secret::Secret;

/// What kind of value a setting has.
pub(super) trait Kind {
    /// What it is once it is checked.
    type Checked;

    /// The value that a text from the environment or the command line stands for.
    fn of_text(&self, text: &str) -> Value {
        Value::String(text.to_owned())
    }

    /// The checked value; `None` when it is not allowed.
    fn check(&self, value: &Value) -> Option<Self::Checked>;

    /// What is allowed, for people: follows on "must be".
    fn allowed(&self) -> String;

    /// Whether its value must not be printed.
    fn is_secret(&self) -> bool {
        false
    }
}

/// A whole number within bounds.
pub(super) struct Count(pub(super) RangeInclusive<u32>);

/// A time in whole milliseconds, within bounds.
pub(super) struct Millis(pub(super) RangeInclusive<u32>);

/// A time in whole seconds, within bounds.
pub(super) struct Seconds(pub(super) RangeInclusive<u32>);

/// An IP address and port to listen on.
pub(super) struct Address;

/// A folder; it is made when it is not there.
pub(super) struct Folder;

/// Pages, as browsers spell their origins.
pub(super) struct Origins;

/// Addresses and networks, like 10.0.0.0/8.
pub(super) struct Networks;

/// A file's path, or none.
pub(super) struct OptionalFile;

/// How many shards: a number, or one per core.
pub(super) struct Shards;

/// A secret, or none.
pub(super) struct OptionalSecret;

/// One of a few words.
pub(super) struct OneOf<T: 'static>(pub(super) &'static [(&'static str, T)]);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Whether browsers keep the page's files, so that it opens without a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceWorker {
    /// They do.
    On,
    /// They must not, and those that do throw them away.
    Off,
}

/// Which log lines are written: those of this level and of more serious ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something may be wrong.
    Warn,
    /// What the relay does, in outline.
    Info,
    /// What it does, in detail.
    Debug,
    /// Everything.
    Trace,
}

/// Most shards: no machine has more cores to give to one relay.
const SHARDS_MAX: usize = 256;

/// Shortest token: shorter ones can be guessed.
const TOKEN_BYTES_MIN: usize = 16;

/// Most trusted networks: they are compared one by one at every request of a proxy.
const NETWORKS_MAX: usize = 64;

/// Most origins: they are compared one by one at every request.
const ORIGINS_MAX: usize = 64;

impl Kind for Count {
    type Checked = u32;

    fn of_text(&self, text: &str) -> Value {
        whole_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<u32> {
        whole(value, &self.0)
    }

    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.0.start(), self.0.end())
    }
}

impl Kind for Millis {
    type Checked = Duration;

    fn of_text(&self, text: &str) -> Value {
        whole_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<Duration> {
        whole(value, &self.0).map(|millis| Duration::from_millis(millis.into()))
    }

    fn allowed(&self) -> String {
        format!("whole milliseconds from {} to {}", self.0.start(), self.0.end())
    }
}

impl Kind for Seconds {
    type Checked = Duration;

    fn of_text(&self, text: &str) -> Value {
        whole_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<Duration> {
        whole(value, &self.0).map(|seconds| Duration::from_secs(seconds.into()))
    }

    fn allowed(&self) -> String {
        format!("whole seconds from {} to {}", self.0.start(), self.0.end())
    }
}

impl Kind for Address {
    type Checked = SocketAddr;

    fn check(&self, value: &Value) -> Option<SocketAddr> {
        value.as_str()?.parse().ok()
    }

    fn allowed(&self) -> String {
        "an IP address and a port, like 127.0.0.1:7878 or [::]:7878".to_owned()
    }
}

impl Kind for Folder {
    type Checked = PathBuf;

    fn check(&self, value: &Value) -> Option<PathBuf> {
        value.as_str().filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    fn allowed(&self) -> String {
        "a folder's path".to_owned()
    }
}

impl Kind for Origins {
    type Checked = Vec<String>;

    fn of_text(&self, text: &str) -> Value {
        list_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<Vec<String>> {
        let origins = value.as_array().filter(|origins| origins.len() <= ORIGINS_MAX)?;
        let origin =
            |value: &Value| value.as_str().filter(|text| is_origin(text)).map(str::to_owned);
        origins.iter().map(origin).collect()
    }

    fn allowed(&self) -> String {
        format!(
            "at most {ORIGINS_MAX} origins as a browser spells them, like \"https://app.example\": \
             scheme, lower-case host, the port where it is not the usual one, and nothing after it"
        )
    }
}

impl Kind for Networks {
    type Checked = Vec<IpNet>;

    fn of_text(&self, text: &str) -> Value {
        list_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<Vec<IpNet>> {
        let networks = value.as_array().filter(|networks| networks.len() <= NETWORKS_MAX)?;
        let network = |value: &Value| {
            let text = value.as_str()?;
            text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        };
        networks.iter().map(network).collect()
    }

    fn allowed(&self) -> String {
        format!("at most {NETWORKS_MAX} addresses or networks, like \"10.0.0.7\" or \"fd00::/8\"")
    }
}

impl Kind for OptionalFile {
    type Checked = Option<PathBuf>;

    fn check(&self, value: &Value) -> Option<Option<PathBuf>> {
        let path = value.as_str()?;
        Some((!path.is_empty()).then(|| PathBuf::from(path)))
    }

    fn allowed(&self) -> String {
        "empty, or a file's path".to_owned()
    }
}

impl Kind for Shards {
    type Checked = NonZeroUsize;

    fn of_text(&self, text: &str) -> Value {
        whole_of_text(text)
    }

    fn check(&self, value: &Value) -> Option<NonZeroUsize> {
        if value.as_str() == Some("auto") {
            return Some(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
        }
        let shards = usize::try_from(value.as_integer()?).ok()?;
        NonZeroUsize::new(shards).filter(|shards| shards.get() <= SHARDS_MAX)
    }

    fn allowed(&self) -> String {
        format!("\"auto\" (one per core) or a whole number from 1 to {SHARDS_MAX}")
    }
}

impl Kind for OptionalSecret {
    type Checked = Option<Secret>;

    fn check(&self, value: &Value) -> Option<Option<Secret>> {
        match value.as_str()? {
            "" => Some(None),
            token if token.len() < TOKEN_BYTES_MIN || token.chars().any(char::is_whitespace) => {
                None
            }
            token => Some(Some(Secret::new(token.to_owned()))),
        }
    }

    fn allowed(&self) -> String {
        format!("empty, or at least {TOKEN_BYTES_MIN} characters without spaces")
    }

    fn is_secret(&self) -> bool {
        true
    }
}

impl<T: Copy> Kind for OneOf<T> {
    type Checked = T;

    fn check(&self, value: &Value) -> Option<T> {
        let word = value.as_str()?;
        self.0.iter().find(|(one, _)| *one == word).map(|(_, meant)| *meant)
    }

    fn allowed(&self) -> String {
        let words: Vec<String> = self.0.iter().map(|(word, _)| format!("{word:?}")).collect();
        format!("one of {}", words.join(", "))
    }
}

/// The items between commas.
fn list_of_text(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

/// A number where it is one; else the text, which is then refused by name.
fn whole_of_text(text: &str) -> Value {
    text.trim().parse().map_or_else(|_| Value::String(text.to_owned()), Value::Integer)
}

fn whole(value: &Value, allowed: &RangeInclusive<u32>) -> Option<u32> {
    u32::try_from(value.as_integer()?).ok().filter(|number| allowed.contains(number))
}

/// Whether a text is an origin as browsers send it. They compare byte by byte, so a slash at the
/// end or a capital letter would lock the page out.
fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let spelled =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
    let is_plain = !host.is_empty() && host.len() <= 253 && host.bytes().all(spelled);
    let has_usual_port = match text.starts_with("https://") {
        true => host.ends_with(":443"),
        false => host.ends_with(":80"),
    };
    is_plain && !has_usual_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for good in ["https://app.example", "http://localhost:8080", "http://[::1]:3000"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "*",
            "null",
            "app.example",
            "https://",
            "https://app.example/",
            "https://App.example",
            "https://app.example:443",
            "ftp://app.example",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
