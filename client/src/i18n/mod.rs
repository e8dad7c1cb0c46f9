//! Words, numbers and times in the user's language.
//!
//! Every sentence of the page is a [`Text`]; a sentence that lacks a translation does not compile.
//!
//! What must never be here: a signal or the platform. The language is an argument.

mod age;
pub(crate) mod entrance;
mod language;
mod number;
pub(crate) mod own;
mod text;
mod time;
pub(crate) mod wording;

pub(crate) use age::age;
pub(crate) use language::Language;
pub(crate) use number::{Digits, change, compact, integer, money, percent, price};
pub(crate) use text::{Text, fill};
pub(crate) use time::{LocalTime, clock_time, date, date_time, short_time};
