//! `cargo xtask test`: everything that must hold.

mod counts;
mod report;
mod supply_chain;

use anyhow::Result;

use self::counts::Counts;
use self::report::Report;
use crate::{build, cargo, needs};

/// Warnings are errors here, and only here: who is in the middle of something is not stopped.
const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// The verb. Cheap checks go first, and the first section that fails is the last.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    let outcome = sections(&mut report);
    print!("{report}");
    outcome
}

fn sections(report: &mut Report) -> Result<()> {
    report.section("what the tests need", |_| {
        needs::wasm_target()?;
        needs::chromium()
    })?;
    report.section("format", |_| cargo::run(cargo::command().args(["fmt", "--all", "--check"])))?;
    report.section("supply chain", |_| supply_chain::check())?;
    report.section("lints", |_| {
        let everything = ["clippy", "--workspace", "--all-targets"];
        cargo::run(cargo::command().args(everything).args(DENY_WARNINGS))
    })?;
    report.section("lints of the page", |_| {
        let page = ["clippy", "--package", "tidemark-client", "--target", needs::WASM_TARGET];
        cargo::run(cargo::command().args(page).args(DENY_WARNINGS))
    })?;
    // Before the tests: some of them look at the page and the relay as users get them.
    let built = report.section("release build", |_| {
        let built = build::everything()?;
        print!("{}", built.page.report());
        built.page.check_weight()?;
        Ok(built)
    })?;
    report.section("tests, of each crate and across them", |counts| {
        let tests = ["test", "--workspace", "--no-fail-fast"];
        counts.add_cargo_test(cargo::command().args(tests).env(build::RELAY, &built.relay))
    })
}
