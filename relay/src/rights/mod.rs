//! What somebody may do, once the relay knows who they are.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`act`] | what can be asked for, and whose it is |
//! | [`rule`] | a rule of the operator's: for whom it is, and what it says |
//! | [`pattern`] | which topics a rule speaks of |
//! | [`judge`] | the answer, from the rules and from what no rule can change |
//! | `refusal` | the sentences of those who are refused |
//!
//! Each question is asked at every door: when somebody subscribes, asks or pushes, when a topic comes
//! into being that they follow by its class, and again for all that they have when a newer sign-in
//! counts.
//!
//! What must never be here: who somebody is, and the things themselves. Time is nobody's business here
//! either: how late a price is is decided by the market.

pub mod act;
pub mod judge;
pub mod pattern;
mod refusal;
pub mod rule;

pub use act::{Act, Owner};
pub use judge::{MarketSight, Rights};
pub use pattern::TopicPattern;
pub use rule::{Claim, CollectionPattern, Effect, ForWhom, MarketRight, Rule};
