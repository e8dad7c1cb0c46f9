//! The user's own data on the screen.
//!
//! | file | |
//! | --- | --- |
//! | [`sheet`] | the dialog that all of it opens in |
//! | [`badges`] | account, queue and conflicts in the header |
//! | [`about`], [`pieces`] | what a document is called, how far it has come, small parts |
//! | [`list_bar`], [`lists_sheet`] | watchlists |
//! | [`strip`], [`note`], [`rules`], [`rule_form`], [`layouts`] | what belongs to an instrument |
//! | [`queue_sheet`], [`failed_sheet`] | writes on their way, and failed ones |
//! | [`inbox`], [`case`], [`choices`] | conflicts |
//! | [`history`] | what a document was before |
//! | [`account`], [`signed_in`] | who the user is: a demo account, or somebody who has signed in |
//! | [`store_banner`], [`told`] | what the user must be told |
//!
//! What must never be here: what becomes of a write, or how two are merged.

mod about;
mod account;
mod badges;
mod case;
mod choices;
mod failed_sheet;
mod history;
mod inbox;
mod layouts;
mod list_bar;
mod lists_sheet;
mod note;
mod pieces;
mod queue_sheet;
mod rule_form;
mod rules;
mod sheet;
mod signed_in;
mod store_banner;
mod strip;
mod told;

pub(super) use badges::Badges;
pub(super) use list_bar::ListBar;
pub(super) use pieces::{asking_button, button, time};
pub(super) use sheet::Sheets;
pub(super) use store_banner::store_banner;
pub(super) use strip::OwnStrip;
pub(super) use told::listen as listen_to_told;
