//! The relay: subscribes to upstream feeds, sequences what they send into a log per topic, and
//! forwards it to browsers.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`feeds`] | one file per upstream, and the supervisor that all of them share |
//! | [`pipeline`] | from a venue's update to quotes, bars and history |
//! | [`publication`] | what the pipeline hands to the hub |

pub mod feeds;
pub mod pipeline;
pub mod publication;
