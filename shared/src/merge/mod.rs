//! Bringing together what two have changed.
//!
//! | file | |
//! | --- | --- |
//! | [`policy`] | which rule settles an overlap |
//! | [`three_way`] | the merge of one value, all the way down |
//!
//! What must never be here: storage, versions, who may write what. A merge is a function.

mod policy;

pub use policy::{InvalidPolicy, Policy};
