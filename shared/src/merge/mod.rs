//! Bringing together what two have changed.
//!
//! | file | |
//! | --- | --- |
//! | [`apply`](mod@apply) | a write meets the document as it is now: the decision table |
//! | [`units`] | which fields of a write are decided together |
//! | [`settle`] | one overlap and its policy |
//! | [`sum`] | what the units of an edit come to |
//! | [`policy`] | which rule settles an overlap |
//! | [`rules`] | the rules of every collection: built in, and as the relay's operator has them |
//! | [`strategy`] | rules that whoever runs the relay has written |
//! | [`three_way`](mod@three_way) | the merge of one value, all the way down |
//! | [`id_set`](mod@id_set) | the merge of a list of things with ids |
//! | [`text`] | the merge of a text, line by line |
//! | [`market`] | prices that came by two ways |
//!
//! The page asks nobody here: it sends what its user saw and wants, and the relay decides.
//!
//! What must never be here: storage, versions, who may write what. A merge is a function.

pub mod apply;
mod id_set;
pub mod market;
mod policy;
mod rules;
mod settle;
mod strategy;
mod sum;
mod text;
mod three_way;
mod units;

pub use apply::{Merged, Side, State, apply};
pub use id_set::id_set;
pub use policy::{InvalidPolicy, Policy};
pub use rules::{CollectionRules, RuleSettings, Rules, RulesError};
pub use strategy::{Contender, FieldOverlap, Overlap, Resolution, Strategies, Strategy};
pub use text::text;
pub use three_way::{StillOverlap, three_way};
