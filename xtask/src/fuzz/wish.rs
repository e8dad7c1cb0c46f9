//! What somebody wants of the verb: `[--seconds N] [--replay FILE] [TARGET…]`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Long enough to go through a decoder, short enough to wait for.
const SECONDS: u64 = 60;

/// What is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// How long for each target.
    pub(super) seconds: u64,
    /// Only this input, once.
    pub(super) replay: Option<PathBuf>,
    /// Which targets; all of them when empty.
    pub(super) targets: Vec<String>,
}

impl Wish {
    pub(super) fn of(args: &[String]) -> Result<Self> {
        let mut wish = Wish { seconds: SECONDS, replay: None, targets: Vec::new() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seconds" => {
                    let text = args.next().context("--seconds needs a number")?;
                    let seconds = text.parse().ok().filter(|seconds| *seconds > 0);
                    wish.seconds = seconds.with_context(|| format!("no number: {text:?}"))?;
                }
                "--replay" => {
                    wish.replay = Some(args.next().context("--replay needs a file")?.into());
                }
                option if option.starts_with('-') => {
                    bail!("no such option: {option:?}; `cargo xtask help` lists them");
                }
                target => wish.targets.push(target.to_owned()),
            }
        }
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(args: &[&str]) -> Result<Wish> {
        Wish::of(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_not_said_is_a_minute_of_everything() {
        assert_eq!(wish(&[]).ok(), Some(Wish { seconds: 60, replay: None, targets: vec![] }));
        let wish = wish(&["frames", "--seconds", "5", "names"]).expect("it is sound");
        assert_eq!((wish.seconds, wish.targets), (5, vec!["frames".into(), "names".into()]));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for args in [&["--seconds"][..], &["--seconds", "0"], &["--second", "1"], &["--replay"]] {
            assert!(wish(args).is_err(), "{args:?}");
        }
    }
}
