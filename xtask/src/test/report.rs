//! Which sections ran, how long each took, and how it ended.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Counts;

/// What was run so far.
#[derive(Default)]
pub(super) struct Report {
    sections: Vec<Section>,
}

struct Section {
    name: &'static str,
    took: Duration,
    counts: Counts,
    outcome: &'static str,
}

impl Report {
    /// Runs one section under a headline, and remembers how it went.
    pub(super) fn section<T>(
        &mut self,
        name: &'static str,
        run: impl FnOnce(&mut Counts) -> Result<T>,
    ) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let mut counts = Counts::default();
        let result = run(&mut counts);
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        let took = start.elapsed();
        println!("== {name}: {outcome}, {:.1} s", took.as_secs_f64());
        self.sections.push(Section { name, took, counts, outcome });
        result
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        let mut total = Duration::ZERO;
        let mut counts = Counts::default();
        for section in &self.sections {
            let Section { name, took, outcome, .. } = section;
            writeln!(f, "{outcome:<6} {:>7.1} s  {name}", took.as_secs_f64())?;
            total += *took;
            counts += section.counts;
        }
        let Counts { passed, failed } = counts;
        writeln!(f, "{passed} passed, {failed} failed, in {:.1} s", total.as_secs_f64())
    }
}
