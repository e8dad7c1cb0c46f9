//! Checked names. All are cheap to clone.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text that is no name of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not {what}")]
pub struct InvalidName {
    /// What it should have been, and what that may consist of.
    what: &'static str,
    /// What was read, cut.
    text: String,
}

impl InvalidName {
    fn new(what: &'static str, text: &str) -> Self {
        /// Enough to recognise it by.
        const SHOWN_CHARS_MAX: usize = 80;
        InvalidName { what, text: text.chars().take(SHOWN_CHARS_MAX).collect() }
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $bytes:expr, $allowed:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let is_allowed: fn(&str) -> bool = $allowed;
                if $bytes.contains(&text.len()) && is_allowed(text) {
                    return Ok($name(text.into()));
                }
                Err(InvalidName::new($what, text))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Who somebody is to a relay: a name, and behind an `@` the tenant's where the relay serves
    /// several (`alice@acme`). One text, so that whatever is kept or checked by user is kept and
    /// checked by tenant too.
    UserName: "a user's name (1 to 40 of a-z, A-Z, 0-9, - and _; where there are tenants, @ and one of them)",
        (1..=USER_NAME_BYTES_MAX), is_user_name;
    /// People who share a relay with others and must never see anything of theirs.
    Tenant: "a tenant's name (1 to 32 of a-z, 0-9 and -; not default)", (1..=32),
        |text| text != "default" && all(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    /// A kind of documents that are merged by the same rules.
    Collection: "a collection's name (1 to 32 of a-z, 0-9 and _)", (1..=32),
        |text| all(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    /// A document within its collection. Every symbol is one, and so is every UUID.
    DocumentId: "a document's id (1 to 64 of a-z, A-Z, 0-9 and . : - _ = ^ / & @ +)", (1..=64),
        |text| all(text, |byte| byte.is_ascii_alphanumeric() || b".:-_=^/&@+".contains(&byte));
    /// A part of a document that is merged by itself.
    Field: "a field's name (1 to 40 of a-z, A-Z, 0-9 and _)", (1..=40),
        |text| all(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    /// One queue of writes: one database of one browser profile, for one user. 128 random bits.
    GroupId: "a group's id (32 hexadecimal digits)", (32..=32),
        |text| all(text, |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
}

/// A whole user's name: the longest name, an `@`, and the longest tenant's.
pub(crate) const USER_NAME_BYTES_MAX: usize = 40 + 1 + 32;

fn all(text: &str, allowed: fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn is_user_name(text: &str) -> bool {
    let (name, tenant) = match text.split_once('@') {
        Some((name, tenant)) => (name, Some(tenant)),
        None => (text, None),
    };
    (1..=40).contains(&name.len())
        && all(name, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && tenant.is_none_or(|tenant| tenant.parse::<Tenant>().is_ok())
}

impl UserName {
    /// The user of this name in a tenant; in none, the whole name is the name.
    ///
    /// # Errors
    /// When the name is none by itself.
    pub fn in_tenant(name: &str, tenant: Option<&Tenant>) -> Result<Self, InvalidName> {
        match tenant {
            Some(tenant) => format!("{name}@{tenant}").parse(),
            None if name.contains('@') => Err(InvalidName::new("a name without a tenant", name)),
            None => name.parse(),
        }
    }

    /// The tenant's name, where the relay serves several.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, tenant)| tenant)
    }

    /// The name within the tenant.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or(&self.0, |(name, _)| name)
    }
}

impl Collection {
    /// `watchlists`: instruments in the user's order.
    #[must_use]
    pub fn watchlists() -> Self {
        Collection("watchlists".into())
    }

    /// `notes`: what the user wrote about an instrument.
    #[must_use]
    pub fn notes() -> Self {
        Collection("notes".into())
    }

    /// `alert_rules`: when the user wants to be told.
    #[must_use]
    pub fn alert_rules() -> Self {
        Collection("alert_rules".into())
    }

    /// `layouts`: how the user wants charts.
    #[must_use]
    pub fn layouts() -> Self {
        Collection("layouts".into())
    }

    /// `settings`: how the user wants the page.
    #[must_use]
    pub fn settings() -> Self {
        Collection("settings".into())
    }

    /// `conflicts`: writes that need their user. Written by the relay only.
    #[must_use]
    pub fn conflicts() -> Self {
        Collection("conflicts".into())
    }
}

impl GroupId {
    /// The name made of 128 random bits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        GroupId(format!("{bits:032x}").into())
    }
}

/// The name of a document: `collection/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entity {
    /// Its collection.
    pub collection: Collection,
    /// Its name there.
    pub id: DocumentId,
}

impl Entity {
    /// A document of a collection.
    #[must_use]
    pub const fn new(collection: Collection, id: DocumentId) -> Self {
        Entity { collection, id }
    }
}

impl FromStr for Entity {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (collection, id) = text
            .split_once('/')
            .ok_or_else(|| InvalidName::new("a document's name (collection/id)", text))?;
        Ok(Entity { collection: collection.parse()?, id: id.parse()? })
    }
}

impl TryFrom<String> for Entity {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Entity> for String {
    fn from(entity: Entity) -> String {
        entity.to_string()
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_at_the_door() {
        for good in ["notes/BTC-USD", "notes/005930", "watchlists/5f0c/7", "a1_/^KS11=&"] {
            assert_eq!(good.parse::<Entity>().map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "notes", "notes/", "/x", "Notes/x", "notes/a b", "notes/\u{e4}", "n/\n"] {
            assert!(bad.parse::<Entity>().is_err(), "{bad:?} was taken");
        }
        assert!("alice_2".parse::<UserName>().is_ok());
        assert!("alice:x".parse::<UserName>().is_err());
        assert!("A".repeat(32).parse::<GroupId>().is_err());
        assert_eq!(GroupId::from_bits(10).as_str().len(), 32);
    }
}
