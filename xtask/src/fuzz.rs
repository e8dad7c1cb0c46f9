//! `cargo xtask fuzz`: every decoder, attacked with inputs that learn from what they reach.

mod attack;
mod hunt;
mod wish;

use std::path::Path;
use std::sync::Mutex;
use std::thread;

use anyhow::{Result, bail};

use self::attack::{Attack, Target};
use self::hunt::{Hunt, Outcome};
use self::wish::Wish;

/// The verb.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let wish = Wish::of(args)?;
    let attack = Attack::build()?;
    let targets = attack.targets()?;
    for name in &wish.targets {
        if !targets.iter().any(|target| target.name == *name) {
            let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
            bail!("there is no target {name:?}; there are: {}", known.join(" "));
        }
    }
    let wanted = |target: &Target| wish.targets.is_empty() || wish.targets.contains(&target.name);
    let targets: Vec<Target> = targets.into_iter().filter(wanted).collect();
    match &wish.replay {
        Some(file) => replay(&attack, &targets, file),
        None => hunt_all(&attack, targets, wish.seconds),
    }
}

fn replay(attack: &Attack, targets: &[Target], file: &Path) -> Result<()> {
    let [target] = targets else { bail!("say of which one target {} is", file.display()) };
    attack.replay(target, file)
}

/// Runs them all, as many at a time as there are cores, and says what came of it.
fn hunt_all(attack: &Attack, targets: Vec<Target>, seconds: u64) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{} targets, {seconds} s each, {cores} at a time", targets.len());
    let waiting = Mutex::new(targets.into_iter());
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("nobody panics with it").next();
                    let Some(target) = next else { return };
                    let outcome = Hunt::new(attack, &target).run(seconds);
                    let said = match &outcome {
                        Ok(outcome) if outcome.find.is_some() => "A FIND",
                        Ok(_) => "nothing found",
                        Err(_) => "could not be run",
                    };
                    println!("{}: {said}", target.name);
                    outcomes.lock().expect("nobody panics with it").push((target.name, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("nobody panics with it");
    outcomes.sort_by(|(one, _), (other, _)| one.cmp(other));
    report(&outcomes)
}

fn report(outcomes: &[(String, Result<Outcome>)]) -> Result<()> {
    println!("\n{:<16}{:>12}{:>10}{:>8}  found", "target", "runs", "coverage", "new");
    for (name, outcome) in outcomes {
        match outcome {
            Ok(Outcome { runs, coverage, new, find }) => {
                let found = if find.is_some() { "A FIND" } else { "nothing" };
                println!("{name:<16}{runs:>12}{coverage:>10}{new:>8}  {found}");
            }
            Err(error) => println!("{name:<16}could not be run: {error:#}"),
        }
    }
    let mut failed = 0;
    for (name, outcome) in outcomes {
        match outcome {
            Ok(Outcome { find: Some(find), .. }) => {
                failed += 1;
                println!("\n{name}: {}", find.words);
                println!("again: cargo xtask fuzz --replay {} {name}", find.input.display());
            }
            Ok(_) => {}
            Err(_) => failed += 1,
        }
    }
    if failed > 0 {
        bail!("{failed} of {} targets failed", outcomes.len());
    }
    Ok(())
}
