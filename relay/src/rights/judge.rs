//! The answer, from the rules and from what no rule can change.

use std::time::Duration;

use tidemark_shared::documents::Collection;
use tidemark_shared::market::Symbol;
use tidemark_shared::protocol::{Class, Method, Pattern, Topic, WireError};

use super::act::{Act, Owner};
use super::pattern::TopicPattern;
use super::refusal;
use super::rule::{Effect, MarketRight, Rule};
use crate::auth::Identity;
use crate::documents::{Permits, Verdict};

const NOT_SUBSCRIBED: &str = "nothing was subscribed";
const NOT_ANSWERED: &str = "nothing was answered";
const NOT_CHANGED: &str = "nothing was changed";

/// What everybody may do. For each question the first rule counts that is for whoever asks and
/// speaks of it; where none does, it is allowed. Before all rules stands what none can change:
/// what belongs to a user is that user's alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Rights {
    rules: Vec<Rule>,
    delay: Duration,
}

/// How somebody sees the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketSight {
    /// As it is.
    Live,
    /// As it was so long ago.
    Delayed(Duration),
    /// Not at all.
    Nothing,
}

/// Without any rules.
impl Default for Rights {
    fn default() -> Self {
        const DELAY: Duration = Duration::from_secs(15 * 60);
        Rights::new(Vec::new(), DELAY)
    }
}

impl Rights {
    /// Rights by rules, in their order. For those who see the market late, it is `delay` late.
    #[must_use]
    pub const fn new(rules: Vec<Rule>, delay: Duration) -> Self {
        Rights { rules, delay }
    }

    /// Whether somebody may do something.
    ///
    /// # Errors
    /// A refusal for the client that says what was not done, and what to do.
    pub fn may(&self, identity: &Identity, act: Act<'_>) -> Result<(), WireError> {
        match act {
            Act::Subscribe { pattern, owner } => self.may_subscribe(identity, pattern, owner),
            Act::Ask(method) => self.may_ask(identity, method),
            Act::Read(collection) => self.may_read(identity, collection),
            Act::Write(collection) => match self.documents(identity).write(collection) {
                Verdict::Allowed => Ok(()),
                Verdict::Denied => {
                    let what = format!("to write {collection}");
                    Err(refusal::denied(what, NOT_CHANGED, identity))
                }
            },
        }
    }

    /// How somebody sees the market: as the first rule for them says that speaks of it, and live
    /// where none does.
    #[must_use]
    pub fn market(&self, identity: &Identity) -> MarketSight {
        match self.rules_for(identity).find_map(|rule| rule.market).unwrap_or_default() {
            MarketRight::Live => MarketSight::Live,
            MarketRight::Delayed => MarketSight::Delayed(self.delay),
            MarketRight::Nothing => MarketSight::Nothing,
        }
    }

    /// What somebody may do with their own documents.
    #[must_use]
    pub fn documents(&self, identity: &Identity) -> Permits {
        let mut permits = Permits::default();
        for rule in self.rules_for(identity) {
            let verdict = match rule.effect {
                Effect::Allow => Verdict::Allowed,
                Effect::Deny => Verdict::Denied,
            };
            rule.read.iter().for_each(|pattern| permits.say_of_reading(pattern.one(), verdict));
            rule.write.iter().for_each(|pattern| permits.say_of_writing(pattern.one(), verdict));
        }
        permits
    }

    /// Whether some rule lets somebody see the market late: then its past must be kept.
    #[must_use]
    pub fn delays_somebody(&self) -> bool {
        self.rules.iter().any(|rule| rule.market == Some(MarketRight::Delayed))
    }

    fn may_subscribe(
        &self,
        identity: &Identity,
        pattern: &Pattern,
        owner: &Owner,
    ) -> Result<(), WireError> {
        match (owner, pattern) {
            (Owner::User(user), _) if *user != identity.user => {
                return Err(refusal::of_another(pattern));
            }
            // Somebody's, and nobody knows whose: not theirs.
            (Owner::Each, Pattern::One(_)) => return Err(refusal::of_another(pattern)),
            (Owner::User(_) | Owner::Each | Owner::Nobody, _) => {}
        }
        let verdict = match pattern {
            Pattern::One(topic) => {
                self.sees(identity, topic)?;
                self.first(identity, |said| said.covers(topic, &identity.user))
            }
            Pattern::All(class) => self.first(identity, |said| said.covers_all(*class)),
        };
        if verdict == Effect::Deny {
            let what = format!("to read {pattern}");
            return Err(refusal::denied(what, NOT_SUBSCRIBED, identity));
        }
        let is_documents = matches!(owner, Owner::User(_))
            && matches!(pattern, Pattern::One(topic) if topic.class() == Class::Documents);
        if is_documents && !self.documents(identity).reads_all() {
            // Everybody who follows a topic is sent the same bytes.
            return Err(refusal::forbidden(format!(
                "{pattern} has all of your documents, and you are not allowed to read some of them; \
                 {NOT_SUBSCRIBED}: ask for `documents` now and then instead"
            )));
        }
        Ok(())
    }

    /// Whether a topic is as new as somebody may see it.
    fn sees(&self, identity: &Identity, topic: &Topic) -> Result<(), WireError> {
        let newness = Newness::of(topic.class());
        match (newness, self.market(identity)) {
            (Newness::NoMarket, _) | (_, MarketSight::Live) => Ok(()),
            (Newness::Late, MarketSight::Delayed(_)) => Ok(()),
            (Newness::Live, MarketSight::Delayed(delay)) => {
                Err(refusal::too_new(topic.as_str(), delay, topic.symbol().as_ref()))
            }
            (_, MarketSight::Nothing) => {
                Err(refusal::denied("to see the market", NOT_SUBSCRIBED, identity))
            }
        }
    }

    fn may_ask(&self, identity: &Identity, method: &Method) -> Result<(), WireError> {
        match method {
            Method::Price { symbol } | Method::Ticks { symbol, .. } => {
                self.may_ask_of(identity, &self.price_topic(identity, symbol))
            }
            Method::Bars { symbol, interval, .. } => {
                self.may_ask_of(identity, &Topic::bars(symbol, *interval))
            }
            Method::Analytics { symbol } => {
                self.sees(identity, &Topic::price(symbol))?;
                self.may_ask_of(identity, &Topic::price(symbol))
            }
            Method::Instruments { .. } => self.sees_anything(identity),
            Method::Documents { .. } => {
                self.may_ask_of(identity, &Topic::documents(&identity.user))
            }
            Method::History { entity, .. } => {
                self.may_ask_of(identity, &Topic::documents(&identity.user))?;
                self.may_read(identity, &entity.collection)
            }
            // Its writes are judged one by one; the others are about nobody but who asks.
            Method::Push(_)
            | Method::Ping {}
            | Method::Account {}
            | Method::Orders {}
            | Method::Portfolio {} => Ok(()),
        }
    }

    /// A request is another door to what a topic carries, and what is denied there is denied here.
    fn may_ask_of(&self, identity: &Identity, topic: &Topic) -> Result<(), WireError> {
        if Newness::of(topic.class()) != Newness::NoMarket {
            self.sees_anything(identity)?;
        }
        match self.first(identity, |said| said.covers(topic, &identity.user)) {
            Effect::Allow => Ok(()),
            Effect::Deny => {
                Err(refusal::denied(format!("to read {topic}"), NOT_ANSWERED, identity))
            }
        }
    }

    fn sees_anything(&self, identity: &Identity) -> Result<(), WireError> {
        match self.market(identity) {
            MarketSight::Live | MarketSight::Delayed(_) => Ok(()),
            MarketSight::Nothing => {
                Err(refusal::denied("to see the market", NOT_ANSWERED, identity))
            }
        }
    }

    /// The topic that carries the prices which somebody may see.
    fn price_topic(&self, identity: &Identity, symbol: &Symbol) -> Topic {
        match self.market(identity) {
            MarketSight::Delayed(_) => Topic::delayed(symbol),
            MarketSight::Live | MarketSight::Nothing => Topic::price(symbol),
        }
    }

    fn may_read(&self, identity: &Identity, collection: &Collection) -> Result<(), WireError> {
        match self.documents(identity).read(collection) {
            Verdict::Allowed => Ok(()),
            Verdict::Denied => {
                Err(refusal::denied(format!("to read {collection}"), NOT_ANSWERED, identity))
            }
        }
    }

    /// What the first rule says that is for somebody and speaks of some topics.
    fn first(&self, identity: &Identity, speaks: impl Fn(&TopicPattern) -> bool) -> Effect {
        self.rules_for(identity)
            .find(|rule| rule.topics.iter().any(&speaks))
            .map_or(Effect::Allow, |rule| rule.effect)
    }

    fn rules_for(&self, identity: &Identity) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.who.is(identity))
    }
}

/// How new what a topic carries is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newness {
    /// It says nothing of prices.
    NoMarket,
    /// It is about the market, but no price.
    Late,
    /// It carries prices as they come, or what is made of them.
    Live,
}

impl Newness {
    const fn of(class: Class) -> Self {
        match class {
            Class::Price | Class::Bars | Class::Market | Class::Signal => Newness::Live,
            Class::Delayed | Class::Sentiment | Class::Trending => Newness::Late,
            Class::Order
            | Class::Portfolio
            | Class::Risk
            | Class::Strategy
            | Class::Alert
            | Class::Documents
            | Class::System
            | Class::Feed => Newness::NoMarket,
        }
    }
}
