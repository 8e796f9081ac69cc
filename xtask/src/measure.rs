//! What a whole process costs, by the operating system's own account.

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The cost of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Seconds on the wall.
    pub(crate) wall: f64,
    /// Seconds of CPU in user mode.
    pub(crate) user: f64,
    /// Seconds of CPU in the kernel.
    pub(crate) system: f64,
    /// Peak memory of the largest process in MiB.
    pub(crate) peak: f64,
    /// The exit code; -1 after a signal.
    pub(crate) exit: i32,
}

/// Runs the command and prints its cost. The maximum of memory is one over all children, so a process measures one.
#[expect(clippy::print_stdout, reason = "the line is read by the process that asked for it")]
pub(crate) fn child(command: &[String]) -> Result<()> {
    let [program, args @ ..] = command else { bail!("no command") };
    let start = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("{program} could not be started"))?;
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    println!(
        "{wall} {} {} {} {}",
        seconds(usage.user_time()),
        seconds(usage.system_time()),
        usage.max_rss() as f64 / 1024.0,
        status.code().unwrap_or(-1)
    );
    Ok(())
}

/// Measures a command `runs` times after one run that warms the page cache; gives the run of median wall time.
pub(crate) fn median(command: &[String], runs: usize) -> Result<Cost> {
    let this = std::env::current_exe()?;
    let mut costs = Vec::new();
    for n in 0..=runs {
        let out = Command::new(&this).arg("measure").arg("--").args(command).output()?;
        let line = String::from_utf8_lossy(&out.stdout).to_string();
        let f: Vec<f64> = line.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        let [wall, user, system, peak, exit] = f[..] else {
            bail!("{}: {}", command.join(" "), String::from_utf8_lossy(&out.stderr))
        };
        if n > 0 {
            costs.push(Cost { wall, user, system, peak, exit: exit as i32 });
        }
    }
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    costs.get(costs.len() / 2).copied().context("no run")
}
