//! The one static binary: built for musl where that target is installed, else against the C library's static archive.

use crate::root;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Builds the static binary and proves that it needs no shared library.
#[expect(clippy::print_stdout, reason = "this is the task's output")]
pub(crate) fn run() -> Result<()> {
    let told = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?;
    let told = String::from_utf8(told.stdout)?;
    let host = told.lines().find_map(|l| l.strip_prefix("host: ")).context("rustc names no host")?;
    let musl = host.replace("-gnu", "-musl");
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
    let target = if sysroot.join("lib/rustlib").join(&musl).is_dir() { musl } else { host.to_string() };
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // With a target named, the flag does not reach build scripts and procedural macros, which cannot be static.
    let status = Command::new(cargo)
        .current_dir(root())
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .args(["build", "--release", "--locked", "--package", "kastell", "--target", &target])
        .status()?;
    if !status.success() {
        bail!("the static build failed");
    }
    let out = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), PathBuf::from);
    let binary = out.join(&target).join("release/kastell");
    let bytes = std::fs::read(&binary)?;
    // An ELF program that asks for a loader names it in a segment of its own; a static one does not.
    if bytes.windows(9).any(|w| w == b"ld-linux-" || w == b"/ld-musl-") && !is_static(&binary)? {
        bail!("{} still asks for shared libraries", binary.display());
    }
    println!("{} ({:.1} MB, {target})", binary.display(), bytes.len() as f64 / 1e6);
    Ok(())
}

/// What the system's own loader says of a program.
fn is_static(binary: &std::path::Path) -> Result<bool> {
    let told = Command::new("ldd").arg(binary).output().context("ldd could not be started")?;
    let text = String::from_utf8_lossy(&told.stdout).to_string() + &String::from_utf8_lossy(&told.stderr);
    Ok(text.contains("statically linked") || text.contains("not a dynamic executable"))
}
