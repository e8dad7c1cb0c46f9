//! One target under libFuzzer: `TIDEMARK_TARGET=frames attack [libFuzzer's options] [folders]`.
//! `cargo xtask fuzz` builds and runs it. For `list` it says which targets there are.

#![no_main]
#![allow(clippy::print_stdout, reason = "its list is for a program to read")]

use std::sync::OnceLock;

use tidemark_fuzz::{TARGETS, Target, target};

static TARGET: OnceLock<&'static Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("TIDEMARK_TARGET").unwrap_or_default();
        if name == "list" {
            list();
            std::process::exit(0);
        }
        // libFuzzer's wrapper aborts in the hook, before anybody can catch; but the store catches what
        // a damaged file makes its library do, and that is no find.
        drop(std::panic::take_hook());
        let target = target(&name).unwrap_or_else(|| panic!("TIDEMARK_TARGET={name:?} is none"));
        assert!(TARGET.set(target).is_ok(), "it starts once");
    },
    |data: &[u8]| {
        if let Some(target) = TARGET.get() {
            (target.run)(data);
        }
    }
);

/// One line each: name, longest input, dictionary or `-`, folders of recorded messages.
fn list() {
    for target in TARGETS {
        let dictionary = target.dictionary.unwrap_or("-");
        let words = [target.name, &target.bytes_max.to_string(), dictionary];
        println!("{}", [&words[..], target.vectors].concat().join(" "));
    }
}
