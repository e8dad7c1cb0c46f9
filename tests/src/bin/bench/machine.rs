//! Cores, CPU time and memory of this machine (Linux).

use std::fs;

use anyhow::{Context, Result};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The core of the server under measurement.
pub(crate) const SERVER_CORE: usize = 0;

/// The generator's core.
pub(crate) const GENERATOR_CORE: usize = 1;

const PAGE_BYTES: u64 = 4096;

/// Keeps a process (`None`: this one) on one core.
pub(crate) fn pin(process: Option<Pid>, core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(process, &cores).context("the benchmark needs two cores")
}

/// Allows this process, and those that it starts, as many sockets as the system lets it have.
pub(crate) fn raise_socket_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let highest = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, highest).context("raising the limit of open files")
}

/// CPU time that all threads of a process have used, in nanoseconds.
pub(crate) fn cpu_ns(process: Pid) -> Result<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero()))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat"))?;
        let run = schedstat.split(' ').next().unwrap_or_default();
        total += run.parse::<u64>().context("reading schedstat")?;
    }
    Ok(total)
}

/// Memory of a process that is resident now.
pub(crate) fn resident_bytes(process: Pid) -> Result<u64> {
    let statm = fs::read_to_string(format!("/proc/{}/statm", process.as_raw_nonzero()))?;
    let pages = statm.split(' ').nth(1).unwrap_or_default();
    Ok(pages.parse::<u64>().context("reading statm")? * PAGE_BYTES)
}
