//! A progress bar on standard error, for runs of more than a second on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use kastell_sources::Progress;
use std::io::IsTerminal as _;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Files are counted in bytes.
const FILES: &str = "reading {wide_bar} {bytes}/{total_bytes}";
/// Clusters are counted in kinds; the one that was read last is named.
const KINDS: &str = "reading {wide_bar} {pos}/{len} {msg:24}";

/// Runs `work`, showing how far it has come.
pub(crate) fn watch<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let (done, wake) = (Mutex::new(false), Condvar::new());
    std::thread::scope(|scope| {
        scope.spawn(|| show(progress, &done, &wake));
        let result = work();
        if let Ok(mut done) = done.lock() {
            *done = true;
        }
        wake.notify_all();
        result
    })
}

fn show(progress: &Progress, done: &Mutex<bool>, wake: &Condvar) {
    let mut bar: Option<ProgressBar> = None;
    let mut wait = Duration::from_secs(1);
    let Ok(mut guard) = done.lock() else { return };
    loop {
        let Ok((next, _)) = wake.wait_timeout_while(guard, wait, |done| !*done) else { return };
        guard = next;
        if *guard {
            break;
        }
        wait = Duration::from_millis(100);
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(0);
            let is_files = progress.last().is_empty();
            let template = if is_files { FILES } else { KINDS };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        bar.set_message(progress.last().to_string());
        bar.set_length(progress.total.load(Ordering::Relaxed));
        bar.set_position(progress.done.load(Ordering::Relaxed));
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
