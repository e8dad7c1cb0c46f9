//! Signing in, on the screen.
//!
//! | file | |
//! | --- | --- |
//! | [`threshold`] | the whole page, where there is nothing to show to somebody unknown |
//! | [`form`] | user and password |
//! | [`end`] | a sign-in that ends, or a site that gives none |
//!
//! What must never be here: what a sign-in allows.

mod end;
mod form;
mod threshold;

pub(super) use end::end_banner;
pub(super) use form::{Purpose, entrance, password_field};
pub(super) use threshold::Threshold;
