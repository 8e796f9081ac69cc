//! A release: the one static binary, the archive that is published, and the container image.
//!
//! Built for musl where that target is installed, else against the C library's static archive. The archive and the image
//! are functions of the binary: the same one gives the same bytes.

use crate::{image, root};
use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the image will be found; `deploy/job` names it so.
const IMAGE: &str = "registry.example/kastell/kastell";
/// Files of the workspace that the archive carries.
const CARRIED: [(&str, u32); 3] = [("LICENSE", 0o644), ("README.md", 0o644), ("deploy/ci/new-findings", 0o755)];

/// Builds everything; with `pin` the manifests in `deploy/` name what was built.
#[expect(clippy::print_stdout, reason = "this is the task's output")]
pub(crate) fn run(pin: bool) -> Result<()> {
    let target = target()?;
    let binary = build(&target)?;
    let program = std::fs::read(&binary)?;
    println!("{} ({:.1} MB, {target})", binary.display(), program.len() as f64 / 1e6);
    let out = target_directory().join("dist");
    std::fs::create_dir_all(&out)?;

    let name = format!("kastell-{VERSION}-{target}.tar.gz");
    let archive = release(&binary, &program)?;
    let sum = image::hex(&archive);
    std::fs::write(out.join(&name), &archive)?;
    std::fs::write(out.join(format!("{name}.sha256")), format!("{sum}  {name}\n"))?;
    println!("{} sha256 {sum}", out.join(&name).display());

    let architecture = if target.starts_with("aarch64") { "arm64" } else { "amd64" };
    let reference = format!("{IMAGE}:{VERSION}");
    let image = image::image(&program, architecture, &reference, VERSION)?;
    let path = out.join(format!("kastell-{VERSION}-{architecture}.oci.tar"));
    std::fs::write(&path, &image.archive)?;
    println!("{} {reference}@{}", path.display(), image.digest);
    if pin {
        pin_text("deploy/krew/plugin.yaml", "sha256: ", &sum)?;
        pin_text("deploy/job/cron-job.yaml", &format!("image: {IMAGE}"), &format!(":{VERSION}@{}", image.digest))?;
    }
    Ok(())
}

/// The triple to build for: musl where it is installed, else this machine's own.
fn target() -> Result<String> {
    let told = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?;
    let told = String::from_utf8(told.stdout)?;
    let host = told.lines().find_map(|l| l.strip_prefix("host: ")).context("rustc names no host")?;
    let musl = host.replace("-gnu", "-musl");
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
    Ok(if sysroot.join("lib/rustlib").join(&musl).is_dir() { musl } else { host.to_string() })
}

fn target_directory() -> PathBuf {
    std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), PathBuf::from)
}

/// Builds the static binary and proves that it needs no shared library.
fn build(target: &str) -> Result<PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // With a target named, the flag does not reach build scripts and procedural macros, which cannot be static.
    let status = Command::new(cargo)
        .current_dir(root())
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .args(["build", "--release", "--locked", "--package", "kastell", "--target", target])
        .status()?;
    if !status.success() {
        bail!("the static build failed");
    }
    let binary = target_directory().join(target).join("release/kastell");
    let bytes = std::fs::read(&binary)?;
    // An ELF program that asks for a loader names it in a segment of its own; a static one does not.
    if bytes.windows(9).any(|w| w == b"ld-linux-" || w == b"/ld-musl-") && !is_static(&binary)? {
        bail!("{} still asks for shared libraries", binary.display());
    }
    Ok(binary)
}

/// What the system's own loader says of a program.
fn is_static(binary: &Path) -> Result<bool> {
    let told = Command::new("ldd").arg(binary).output().context("ldd could not be started")?;
    let text = String::from_utf8_lossy(&told.stdout).to_string() + &String::from_utf8_lossy(&told.stderr);
    Ok(text.contains("statically linked") || text.contains("not a dynamic executable"))
}

/// The compressed archive: the program, its completions and manual pages, and what goes with them.
fn release(binary: &Path, program: &[u8]) -> Result<Vec<u8>> {
    let mut files: Vec<(String, Vec<u8>, u32)> = vec![("kastell".into(), program.to_vec(), 0o755)];
    for (path, mode) in CARRIED {
        let name = Path::new(path).file_name().map_or(path.into(), |n| n.to_string_lossy().into_owned());
        files.push((name, std::fs::read(root().join(path)).context(path)?, mode));
    }
    for (shell, name) in [("bash", "kastell.bash"), ("zsh", "_kastell"), ("fish", "kastell.fish")] {
        files.push((format!("completions/{name}"), told(binary, &["completions", shell])?, 0o644));
    }
    let pages = target_directory().join("dist/man1");
    if pages.exists() {
        std::fs::remove_dir_all(&pages)?;
    }
    std::fs::create_dir_all(&pages)?;
    told(binary, &["man", &pages.display().to_string()])?;
    for page in std::fs::read_dir(&pages)? {
        let page = page?;
        let name = format!("man/man1/{}", page.file_name().to_string_lossy());
        files.push((name, std::fs::read(page.path())?, 0o644));
    }
    files.sort();
    let files: Vec<(&str, &[u8], u32)> = files.iter().map(|(n, b, m)| (n.as_str(), b.as_slice(), *m)).collect();
    let mut gzip = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    gzip.write_all(&image::archive(&files)?)?;
    Ok(gzip.finish()?)
}

/// What the program says on standard output.
fn told(binary: &Path, args: &[&str]) -> Result<Vec<u8>> {
    let run = Command::new(binary).args(args).output()?;
    if !run.status.success() {
        bail!("kastell {}: {}", args.join(" "), String::from_utf8_lossy(&run.stderr));
    }
    Ok(run.stdout)
}

/// Replaces what follows `key` on its line in a file of the workspace.
fn pin_text(path: &str, key: &str, value: &str) -> Result<()> {
    let whole = root().join(path);
    let text = std::fs::read_to_string(&whole).context(path.to_string())?;
    let (before, rest) = text.split_once(key).with_context(|| format!("{path} has no `{key}`"))?;
    let (_, after) = rest.split_once('\n').with_context(|| format!("{path} ends behind `{key}`"))?;
    std::fs::write(&whole, format!("{before}{key}{value}\n{after}"))?;
    Ok(())
}
