//! Running programs and seeing everything that they say.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// How a program ended and what it said.
#[derive(Clone, Debug)]
pub struct Run {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The most memory that it held, in bytes; 0 where nobody measured.
    pub peak: u64,
}

impl Run {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is none; the message has both streams.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}\n{self}"))
    }

    /// Ends the test where the exit code is none of these.
    ///
    /// # Panics
    /// As said.
    pub fn ended_with(self, codes: &[i32]) -> Run {
        assert!(codes.contains(&self.code), "ended with {}, not {codes:?}\n{self}", self.code);
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let head = |text: &str| text.chars().take(4000).collect::<String>();
        write!(f, "exit {}\nstdout:\n{}\nstderr:\n{}", self.code, head(&self.stdout), head(&self.stderr))
    }
}

/// Runs `kastell`, which is built first where it is not, and measures its memory.
///
/// # Panics
/// Where it cannot be built or started.
pub fn kastell(args: &[&str]) -> Run {
    run(command(args), b"")
}

/// The command that [`kastell`] runs, for tests that set more: variables, the folder. No variable of the caller that could
/// lead to another cluster reaches it.
///
/// # Panics
/// Where it cannot be built.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(peak());
    command.arg(binary()).args(args);
    for name in
        ["KUBECONFIG", "RUST_LOG", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
    {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

/// Runs a command with this standard input.
pub(crate) fn run(mut command: Command, input: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (mut stdin, mut stdout, mut stderr) = (
        child.stdin.take().expect("a pipe"),
        child.stdout.take().expect("a pipe"),
        child.stderr.take().expect("a pipe"),
    );
    let (mut out, mut err) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = stdin.write_all(input);
            drop(stdin);
        });
        scope.spawn(|| stdout.read_to_end(&mut out));
        let _ = stderr.read_to_end(&mut err);
    });
    let status = child.wait().expect("a child can be waited for");
    let mut stderr = String::from_utf8_lossy(&err).into_owned();
    let mut peak = 0;
    if let Some((said, measured)) = stderr.rsplit_once(PEAK) {
        peak = measured.trim().parse().unwrap_or_default();
        stderr = said.to_owned();
    }
    let stdout = String::from_utf8_lossy(&out).into_owned();
    Run { code: status.code().unwrap_or(-1), stdout, stderr, peak }
}

impl Run {
    /// Runs a command of [`command`].
    pub fn of(command: Command) -> Run {
        run(command, b"")
    }
}

/// What stands before the figure that `peak` writes as the last line of standard error.
pub const PEAK: &str = "\u{1}peak ";

/// The path of this crate's program `peak`, beside the tests that run it.
fn peak() -> PathBuf {
    built("kastell-e2e", "peak")
}

/// The path of the program under test: `KASTELL_BIN`, else built from this workspace.
fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| std::env::var_os("KASTELL_BIN").map_or_else(|| built("kastell", "kastell"), PathBuf::from))
        .clone()
}

/// Builds a program with the profile of the tests and says where it is. Cargo does nothing where it is up to date.
fn built(package: &str, name: &str) -> PathBuf {
    static BUILT: std::sync::Mutex<Vec<(String, PathBuf)>> = std::sync::Mutex::new(Vec::new());
    let mut known = BUILT.lock().expect("no panic while held");
    if let Some((_, path)) = known.iter().find(|(n, _)| n == name) {
        return path.clone();
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command.args(["build", "--quiet", "--locked", "--message-format=json", "--package", package, "--bin", name]);
    // What cargo tells tests about their own package would make build scripts of others run again.
    for (name, _) in std::env::vars_os() {
        let of_tests = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];
        if of_tests.iter().any(|p| name.to_string_lossy().starts_with(p)) {
            command.env_remove(name);
        }
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let run = run(command, b"");
    assert_eq!(run.code, 0, "{name} cannot be built:\n{}", run.stderr);
    let messages = run.stdout.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let path = messages.filter_map(|m| m.get("executable")?.as_str().map(PathBuf::from)).next_back();
    let path = path.unwrap_or_else(|| panic!("cargo built no {name}"));
    known.push((name.to_owned(), path.clone()));
    path
}
