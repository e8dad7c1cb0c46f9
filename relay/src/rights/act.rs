//! What can be asked for, and whose it is.

use tidemark_shared::documents::{Collection, UserName};
use tidemark_shared::protocol::{Class, Method, Pattern, Topic};

/// One thing that somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Read a topic, or all topics of a class, from now on.
    Subscribe {
        /// Which.
        pattern: &'a Pattern,
        /// Whose it is. There is no asking without it: a source of orders or portfolios that knows
        /// whose each of them is has to say so here, where today their names say it.
        owner: &'a Owner,
    },
    /// Ask something once. Of a push this is only whether it is taken at all: its writes are judged
    /// one by one.
    Ask(&'a Method),
    /// Read one's own documents of a collection.
    Read(&'a Collection),
    /// Write to one's own documents of a collection.
    Write(&'a Collection),
}

/// Whose something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's: rules decide who reads it.
    Nobody,
    /// One user's, and no rule gives it to another.
    User(UserName),
    /// Of each only what is theirs: who follows a class follows their own topics of it.
    Each,
}

impl Owner {
    /// Whose a topic is by its name. What belongs to users is named after its user; no relay has a
    /// source yet that names it otherwise.
    #[must_use]
    pub fn by_name(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::One(topic) => Owner::of_topic(topic),
            Pattern::All(class) if is_owned(*class) => Owner::Each,
            Pattern::All(_) => Owner::Nobody,
        }
    }

    fn of_topic(topic: &Topic) -> Self {
        match is_owned(topic.class()) {
            // Every key of these classes is a user's name, too: a test looks at all classes.
            true => topic.key().parse().map_or(Owner::Each, Owner::User),
            false => Owner::Nobody,
        }
    }
}

/// Whether the topics of a class belong to users.
fn is_owned(class: Class) -> bool {
    match class {
        Class::Order
        | Class::Portfolio
        | Class::Risk
        | Class::Strategy
        | Class::Alert
        | Class::Documents => true,
        Class::Price
        | Class::Delayed
        | Class::Bars
        | Class::Sentiment
        | Class::Trending
        | Class::Market
        | Class::Signal
        | Class::System
        | Class::Feed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(topic: &str) -> Owner {
        Owner::by_name(&topic.parse().unwrap())
    }

    #[test]
    fn what_belongs_to_users_is_named_after_them() {
        let alice = || Owner::User("alice".parse().unwrap());
        for class in ["order", "portfolio", "risk", "strategy", "alert", "documents"] {
            assert_eq!(owner(&format!("{class}:alice")), alice());
        }
        let of_acme = Owner::User("alice@acme".parse().unwrap());
        assert_eq!(owner("documents:alice@acme"), of_acme);
        assert_eq!(owner("alert:alice@acme"), of_acme);
        let longest = format!("order:{}", "x".repeat(40));
        assert_eq!(owner(&longest), Owner::User("x".repeat(40).parse().unwrap()));
        assert_eq!(owner("order:*"), Owner::Each);
    }

    #[test]
    fn the_market_is_nobody_s() {
        for topic in ["price:AAPL", "feed:*", "feed:a", "market:overview", "system:notifications"] {
            assert_eq!(owner(topic), Owner::Nobody, "{topic}");
        }
    }
}
