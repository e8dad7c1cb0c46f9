//! What is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::durable;
use crate::load::{Load, Wish};
use crate::machine;
use crate::server::{Kind, Publisher, Server};

/// All rows.
pub(crate) const NAMES: [&str; 6] = ["A", "B", "CD", "E", "F", "I"];

/// Each row is measured so often on each server, in turns; the medians are compared.
const ROUNDS: usize = 3;

/// How long the servers are loaded in one round.
const ROUND: Duration = Duration::from_secs(3);

/// One measured figure.
struct Figure {
    name: &'static str,
    unit: &'static str,
    value: f64,
    bar: Bar,
}

/// What the relay's figure may be, as a multiple of the limit's.
#[derive(Clone, Copy)]
enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// Not a ratio: the relay's own figure.
    AbsoluteAtMost(f64),
}

/// Measures the wanted rows, or all.
pub(crate) fn measure(wanted: &[&str]) -> Result<()> {
    machine::raise_socket_limit()?;
    machine::pin(None, machine::GENERATOR_CORE)?;
    println!("{:<44} {:>12} {:>12} {:>7}  bar", "", "limit", "relay", "ratio");
    for name in NAMES.iter().filter(|name| wanted.is_empty() || wanted.contains(name)) {
        let mut bare = Vec::new();
        let mut relay = Vec::new();
        for _ in 0..ROUNDS {
            bare.push(row(name, Kind::Bare)?);
            relay.push(row(name, Kind::Relay)?);
        }
        print_row(&median(bare), &median(relay));
    }
    Ok(())
}

fn row(name: &str, kind: Kind) -> Result<Vec<Figure>> {
    match name {
        "A" => saturated(kind, 64),
        "B" => saturated(kind, 1),
        "CD" => ticks(kind),
        "E" => idle(kind),
        "I" => durable(kind),
        _ => storm(kind),
    }
}

/// One topic, a thousand readers, so many messages on their way at any time.
fn saturated(kind: Kind, window: usize) -> Result<Vec<Figure>> {
    const TOPIC: &str = "signal:BENCH";
    let server = Server::start(kind)?;
    let mut publisher = Publisher::connect(&server)?;
    let mut load = Load::new()?;
    let stamp = load.stamp();
    publisher.publish(&[(TOPIC, stamp)])?;
    publisher.read_answers()?;
    let reader = || vec![Wish { topic: TOPIC, position: None }];
    load.connect_all(server.address, std::iter::repeat_with(reader).take(1_000))?;

    load.begin();
    let (begin, cpu) = (Instant::now(), machine::cpu_ns(server.process())?);
    while begin.elapsed() < ROUND {
        let free = window - load.in_flight();
        if free > 0 {
            let batch: Vec<_> = (0..free).map(|_| (TOPIC, load.stamp())).collect();
            publisher.publish(&batch)?;
        }
        load.turn(Duration::from_secs(1))?;
    }
    let (took, delivered) = (begin.elapsed(), load.delivered);
    let cpu = machine::cpu_ns(server.process())? - cpu;
    let deadline = Instant::now() + Duration::from_secs(10);
    while load.in_flight() > 0 {
        ensure!(Instant::now() < deadline, "{} messages never came", load.in_flight());
        load.turn(Duration::from_millis(100))?;
    }
    let per_second = delivered as f64 / took.as_secs_f64();
    let (name, bar) = match window {
        1 => ("B. one message at a time", Bar::AtLeast(0.9)),
        _ => ("A. saturated fan-out", Bar::AtLeast(0.7)),
    };
    Ok(vec![
        Figure { name, unit: "deliveries/s", value: per_second, bar },
        Figure {
            name: "   CPU of one delivery",
            unit: "ns",
            value: cpu as f64 / delivered as f64,
            bar: Bar::AtMost(1.0 / 0.7),
        },
    ])
}

/// 50,000 deliveries a second as a market sends them: bursts over a hundred topics, of which each
/// reader wants ten.
fn ticks(kind: Kind) -> Result<Vec<Figure>> {
    const TOPICS: usize = 100;
    const WANTED: usize = 10;
    const READERS: usize = 1_000;
    const BURST: usize = 50;
    const BURST_EACH: Duration = Duration::from_millis(100);
    let server = Server::start(kind)?;
    let mut publisher = Publisher::connect(&server)?;
    let mut load = Load::new()?;
    let topics: Vec<String> = (0..TOPICS).map(|topic| format!("price:B{topic}")).collect();
    let first: Vec<_> = topics.iter().map(|topic| (topic.as_str(), load.stamp())).collect();
    publisher.publish(&first)?;
    publisher.read_answers()?;
    let wishes = (0..READERS).map(|reader| {
        let wanted = (0..WANTED).map(|nth| (reader * WANTED + nth * 7) % TOPICS);
        wanted.map(|topic| Wish { topic: &topics[topic], position: None }).collect()
    });
    load.connect_all(server.address, wishes)?;

    load.begin();
    let (begin, cpu) = (Instant::now(), machine::cpu_ns(server.process())?);
    let mut random = 1_u64;
    let mut published = 0;
    let mut due = begin;
    while begin.elapsed() < ROUND {
        if Instant::now() >= due {
            due += BURST_EACH;
            // Fifty different topics, so that none replaces another before it was sent.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let offset = usize::try_from(random >> 33)? % TOPICS;
            let batch: Vec<_> = (0..BURST)
                .map(|nth| (topics[(offset + nth * 37) % TOPICS].as_str(), load.stamp()))
                .collect();
            publisher.publish(&batch)?;
            published += BURST;
        }
        load.turn(due.saturating_duration_since(Instant::now()))?;
    }
    let took = begin.elapsed();
    let expected = u64::try_from(published * READERS * WANTED / TOPICS)?;
    load.until("the last burst", |load| load.delivered >= expected)?;
    ensure!(load.delivered == expected, "{} came, {expected} should have", load.delivered);
    let cpu = machine::cpu_ns(server.process())? - cpu;
    Ok(vec![
        Figure {
            name: "C. CPU of 50,000 deliveries/s as ticks",
            unit: "% of a core",
            value: cpu as f64 / took.as_nanos() as f64 * 100.0,
            bar: Bar::AtMost(1.15),
        },
        Figure {
            name: "D. their latency, p99",
            unit: "ms",
            value: load.latency(0.99).as_secs_f64() * 1_000.0,
            bar: Bar::AtMost(1.2),
        },
    ])
}

/// Memory of a reader to whom nothing is said.
fn idle(kind: Kind) -> Result<Vec<Figure>> {
    const READERS: u32 = 5_000;
    let mut figures = Vec::new();
    for (name, topics, bytes_max) in
        [("E. memory of an idle reader, 1 topic", 1, 2_048.0), ("   50 topics", 50, 6_144.0)]
    {
        let server = Server::start(kind)?;
        let mut publisher = Publisher::connect(&server)?;
        let mut load = Load::new()?;
        let topics: Vec<String> = (0..topics).map(|topic| format!("price:B{topic}")).collect();
        let first: Vec<_> = topics.iter().map(|topic| (topic.as_str(), load.stamp())).collect();
        publisher.publish(&first)?;
        publisher.read_answers()?;
        let before = machine::resident_bytes(server.process())?;
        let reader = || topics.iter().map(|topic| Wish { topic, position: None }).collect();
        let readers = std::iter::repeat_with(reader).take(READERS as usize);
        load.connect_all(server.address, readers)?;
        let used = machine::resident_bytes(server.process())?.saturating_sub(before);
        let value = used as f64 / f64::from(READERS);
        figures.push(Figure { name, unit: "bytes", value, bar: Bar::AbsoluteAtMost(bytes_max) });
    }
    Ok(figures)
}

/// Two thousand readers drop, and each catches up a hundred messages.
fn storm(kind: Kind) -> Result<Vec<Figure>> {
    const TOPIC: &str = "signal:BENCH";
    const READERS: usize = 2_000;
    const MISSED: usize = 100;
    let server = Server::start(kind)?;
    let mut publisher = Publisher::connect(&server)?;
    let mut load = Load::new()?;
    let stamp = load.stamp();
    publisher.publish(&[(TOPIC, stamp)])?;
    let position = match publisher.read_answers()? {
        Some(answer) => (answer["epoch"].as_u64(), answer["sequence"].as_u64()),
        None => (Some(1), Some(1)),
    };
    let position = position.0.zip(position.1);
    let fresh = || vec![Wish { topic: TOPIC, position: None }];
    load.connect_all(server.address, std::iter::repeat_with(fresh).take(READERS))?;
    load.disconnect_all();

    load.begin();
    let missed: Vec<_> = (0..MISSED).map(|_| (TOPIC, load.stamp())).collect();
    publisher.publish(&missed)?;
    publisher.read_answers()?;
    let (begin, cpu) = (Instant::now(), machine::cpu_ns(server.process())?);
    let back = || vec![Wish { topic: TOPIC, position }];
    load.connect_all(server.address, std::iter::repeat_with(back).take(READERS))?;
    let expected = u64::try_from(READERS * MISSED)?;
    load.until("everybody to catch up", |load| load.delivered >= expected)?;
    let took = begin.elapsed();
    ensure!(load.delivered == expected, "{} came, {expected} should have", load.delivered);
    let cpu = machine::cpu_ns(server.process())? - cpu;
    Ok(vec![
        Figure {
            name: "F. reconnect storm, until all have caught up",
            unit: "s",
            value: took.as_secs_f64(),
            bar: Bar::AtMost(1.5),
        },
        Figure {
            name: "   CPU of one reader's return",
            unit: "us",
            value: cpu as f64 / READERS as f64 / 1_000.0,
            bar: Bar::AtMost(1.5),
        },
    ])
}

/// Writes of users' documents, many at a time, each on the disk before it is answered.
fn durable(kind: Kind) -> Result<Vec<Figure>> {
    // Beside the other builds: /tmp may be memory.
    let folder = tempfile::tempdir_in(std::env::current_exe()?.parent().context("a folder")?)?;
    let value = match kind {
        Kind::Bare => durable::raw(folder.path(), ROUND)?,
        Kind::Relay => durable::relay(folder.path(), ROUND)?,
    };
    let bar = Bar::AtLeast(0.6);
    Ok(vec![Figure { name: "I. durable writes, in groups", unit: "writes/s", value, bar }])
}

/// The figures of all rounds as one set.
fn median(mut rounds: Vec<Vec<Figure>>) -> Vec<Figure> {
    let mut figures = rounds.pop().unwrap_or_default();
    for (index, figure) in figures.iter_mut().enumerate() {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[index].value).collect();
        values.push(figure.value);
        values.sort_by(f64::total_cmp);
        figure.value = values[values.len() / 2];
    }
    figures
}

fn print_row(bare: &[Figure], relay: &[Figure]) {
    for (bare, relay) in bare.iter().zip(relay) {
        let ratio = relay.value / bare.value;
        let (is_passed, bar) = match relay.bar {
            Bar::AtLeast(least) => (ratio >= least, format!("at least {least:.2} x")),
            Bar::AtMost(most) => (ratio <= most, format!("at most {most:.2} x")),
            Bar::AbsoluteAtMost(most) => (relay.value <= most, format!("at most {most:.0}")),
        };
        let verdict = if is_passed { "passed" } else { "MISSED" };
        println!(
            "{:<44} {:>12.2} {:>12.2} {ratio:>7.2}  {bar}: {verdict}  ({})",
            relay.name, bare.value, relay.value, relay.unit
        );
    }
}
