//! Runs the real binary in a scrubbed environment and keeps what it said.

#![expect(clippy::unwrap_used, reason = "a test ends where its own preparations fail")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Everything that was said, for searches.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Panics with everything unless the exit code and a part of what was said are these.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, says: &str) -> &Run {
        assert_eq!(self.code, code, "exit code of {self:#?}");
        assert!(self.all().contains(says), "no {says:?} in {self:#?}");
        self
    }
}

/// Runs kastell in `dir`.
pub(crate) fn kastell(dir: &Path, args: &[&str]) -> Run {
    kastell_with(dir, args, None)
}

/// Runs kastell in `dir` with text on standard input.
pub(crate) fn kastell_with(dir: &Path, args: &[&str], stdin: Option<&str>) -> Run {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("kastell"));
    command.current_dir(dir).args(args).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn().unwrap();
    if let Some(text) = stdin {
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    }
    let out = child.wait_with_output().unwrap();
    Run {
        code: out.status.code().unwrap_or(-1),
        stdout: String::from_utf8(out.stdout).unwrap(),
        stderr: String::from_utf8(out.stderr).unwrap(),
    }
}

/// A new folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// A ConfigMap that no control has anything to say about.
pub(crate) const CLEAN: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: clean, namespace: shop}\ndata: {color: blue}\n";

/// A pod that is root on its node.
pub(crate) const PRIVILEGED: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: tool
  namespace: shop
spec:
  containers:
  - name: tool
    image: registry.example/tool:1
    securityContext:
      privileged: true
";
