//! The relay: subscribes to upstream feeds, sequences what they send into a log per topic, and
//! forwards it to browsers.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`feeds`] | one file per upstream, and the supervisor that all of them share |
//! | [`pipeline`] | from a venue's update to quotes, bars and history |
//! | [`intake`] | the task that joins feeds, pipeline and hub |
//! | [`log`] | topic logs: numbered, encoded, kept for a while |
//! | [`hub`] | shards, cursors, the outgoing side of every connection |
//! | [`transport`] | WebSocket, SSE and polling: how a browser reaches the hub |
//! | [`documents`] | the users' documents: writes taken in exactly once, receipts, news |
//! | [`store`] | records that survive, changed all at once or not at all |
//! | [`accounts`] | the relay's own accounts, their sessions, and what is banned |
//! | [`auth`] | who somebody is, and how the relay knows |
//! | [`rights`] | what somebody may do |
//! | [`desk`] | answers to what connections ask |
//! | [`http`] | the page, health, status, metrics, publishing |
//! | [`serve`] | the accept loop and its limits |
//! | [`tls`] | handshakes, the certificate and its renewal |
//! | [`config`] | settings: read, checked, explained |
//! | [`operate`] | what an operator does to the store: backup and restore |
//! | [`run`] | puts it all together, and takes it apart again |
//! | [`publication`], [`clock`] | what is handed between rooms; the one place that reads clocks |
//! | [`spoken`] | stretches of time as people say them |

pub mod accounts;
pub mod auth;
pub mod clock;
pub mod config;
pub mod desk;
pub mod documents;
pub mod feeds;
pub mod http;
pub mod hub;
pub mod intake;
pub mod log;
pub mod operate;
pub mod pipeline;
pub mod publication;
pub mod rights;
pub mod run;
pub mod serve;
pub mod spoken;
pub mod store;
pub mod tls;
pub mod transport;
