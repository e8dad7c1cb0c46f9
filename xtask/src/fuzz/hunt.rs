//! One target's run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::attack::{Attack, Target};
use crate::cargo;

/// No decoder needs more for an input of tens of kilobytes; the sanitizer's own memory is in it.
const MEMORY_MAX: &str = "-rss_limit_mb=2048";

/// An input that takes so long is a find: all of them are small.
const SECONDS_PER_INPUT_MAX: &str = "-timeout=10";

/// A target about to be attacked.
pub(super) struct Hunt<'a> {
    attack: &'a Attack,
    target: &'a Target,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) runs: u64,
    /// Edges of the program that were taken.
    pub(super) coverage: u64,
    /// Inputs that reached something that none before had reached.
    pub(super) new: u64,
    pub(super) find: Option<Find>,
}

/// An input that must not be possible.
#[derive(Debug)]
pub(super) struct Find {
    pub(super) input: PathBuf,
    /// What was said when it broke.
    pub(super) words: String,
}

impl<'a> Hunt<'a> {
    pub(super) fn new(attack: &'a Attack, target: &'a Target) -> Self {
        Hunt { attack, target }
    }

    pub(super) fn run(&self, seconds: u64) -> Result<Outcome> {
        let name = &self.target.name;
        let [logs, finds, reached] =
            ["logs", "finds", "reached"].map(|folder| self.attack.folder.join(folder));
        let reached = reached.join(name);
        for folder in [&logs, &finds, &reached] {
            fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        let path = logs.join(format!("{name}.log"));
        let log = File::create(&path).with_context(|| format!("{}", path.display()))?;
        let mut command = self.attack.command(name);
        command
            .args([MEMORY_MAX, SECONDS_PER_INPUT_MAX, "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={}", self.target.bytes_max))
            .arg(format!("-artifact_prefix={}/{name}-", finds.display()));
        if let Some(dictionary) = &self.target.dictionary {
            command.arg(format!("-dict=fuzz/dictionaries/{dictionary}.dict"));
        }
        // What is reached goes to the first folder; the others are only read.
        command.arg(&reached).arg(format!("fuzz/corpus/{name}")).args(self.vectors());
        let status = command.stdout(log.try_clone()?).stderr(log).status()?;
        let said = fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let mut outcome = Outcome::of(&String::from_utf8_lossy(&said));
        if !status.success() && outcome.find.is_none() {
            outcome.find = Some(Find { input: path, words: format!("it ended with {status}") });
        }
        Ok(outcome)
    }

    fn vectors(&self) -> impl Iterator<Item = PathBuf> {
        let beside = cargo::workspace().join("../shared/vectors");
        let folder = std::env::var_os("TIDEMARK_VECTORS").map_or(beside, PathBuf::from);
        let folders = self.target.vectors.iter().map(move |name| folder.join(name));
        folders.filter(|folder: &PathBuf| Path::is_dir(folder))
    }
}

impl Outcome {
    /// Reads libFuzzer's log.
    fn of(log: &str) -> Self {
        let mut outcome = Outcome::default();
        let (mut words, mut input) = (Vec::new(), None);
        for line in log.lines() {
            if let Some((_, after)) = line.split_once(" cov: ") {
                outcome.coverage = number(after);
            } else if let Some(runs) = line.strip_prefix("stat::number_of_executed_units:") {
                outcome.runs = number(runs);
            } else if let Some(new) = line.strip_prefix("stat::new_units_added:") {
                outcome.new = number(new);
            } else if let Some((_, path)) = line.split_once("Test unit written to ") {
                input = Some(PathBuf::from(path));
            } else if line.contains("panicked at") || line.contains("ERROR: ") || !words.is_empty()
            {
                // The place, and what it said there.
                if words.len() < 6 {
                    words.push(line.trim_end());
                }
            }
        }
        outcome.find = input.map(|input| Find { input, words: words.join("\n") });
        outcome
    }
}

fn number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_run_is_told_in_numbers() {
        let log = "#2\tINITED cov: 20 ft: 21 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                   #900\tDONE   cov: 345 ft: 400 corp: 20/90b lim: 4096 exec/s: 450 rss: 44Mb\n\
                   Done 900 runs in 2 second(s)\n\
                   stat::number_of_executed_units: 900\nstat::new_units_added:         19\n";
        let outcome = Outcome::of(log);
        assert_eq!((outcome.runs, outcome.coverage, outcome.new), (900, 345, 19));
        assert!(outcome.find.is_none());
    }

    #[test]
    fn a_find_is_told_with_its_input_and_its_words() {
        let log = "#9\tNEW    cov: 3 ft: 3\nthread '<unnamed>' panicked at src/x.rs:1:2:\n\
                   one value, two spellings\nnote: run with\n\
                   artifact_prefix='/f/'; Test unit written to /f/canonical-crash-1\n";
        let find = Outcome::of(log).find.expect("there is one");
        assert_eq!(find.input, Path::new("/f/canonical-crash-1"));
        assert!(find.words.contains("two spellings"), "{}", find.words);
    }
}
