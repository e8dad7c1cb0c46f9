//! Names, topics, decimals, addresses: what is read is spelled as it was read, or in the one way
//! that is read as the same. And the configuration.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use tidemark_native::RelayAddress;
use tidemark_relay::config::check_text;
use tidemark_relay::hub::SessionId;
use tidemark_shared::documents::{
    Collection, Digest, DocumentId, Entity, Field, GroupId, Tenant, UserName,
};
use tidemark_shared::market::{Interval, Price, Quantity, Symbol};
use tidemark_shared::merge::Policy;
use tidemark_shared::protocol::{Pattern, Topic};

pub(super) fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match check_text(Path::new("tidemark.toml"), text) {
        Ok(config) => assert!(config.connection.dead_after > config.connection.heartbeat),
        // What is wrong can be said.
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
}

pub(super) fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = text.parse::<RelayAddress>();
    let _ = text.parse::<SessionId>();
    spelled::<Topic>(text);
    spelled::<Pattern>(text);
    spelled::<UserName>(text);
    spelled::<Tenant>(text);
    spelled::<Collection>(text);
    spelled::<DocumentId>(text);
    spelled::<Entity>(text);
    spelled::<Field>(text);
    spelled::<GroupId>(text);
    spelled::<Digest>(text);
    spelled::<Symbol>(text);
    spelled::<Interval>(text);
    spelled::<Policy>(text);
    if let Ok(topic) = text.parse::<Topic>() {
        let _ = (topic.class(), topic.key(), topic.symbol(), topic.interval());
        assert!(Pattern::One(topic.clone()).matches(&topic));
    }
}

pub(super) fn decimals(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    spelled::<Price>(text);
    spelled::<Quantity>(text);
    if let Ok(price) = text.parse::<Price>() {
        assert!(price.to_f64().is_finite());
    }
}

/// What is read can be spelled, and that is read as the same.
fn spelled<T: FromStr + Display + PartialEq>(text: &str) {
    if let Ok(read) = text.parse::<T>() {
        let spelling = read.to_string();
        let again = spelling.parse::<T>().ok();
        assert!(
            again.as_ref() == Some(&read),
            "{text:?} is spelled {spelling:?}, which is another"
        );
        assert_eq!(again.map(|again| again.to_string()), Some(spelling));
    }
}
