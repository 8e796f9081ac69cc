//! `deploy/ci/new-findings`, which the Action and the template call: what a branch adds, in a repository of its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where its own preparations fail")]

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PRIVILEGED: &str = "apiVersion: v1
kind: Pod
metadata: {name: tool, namespace: shop}
spec:
  containers:
  - {name: tool, image: registry.example/tool:1, securityContext: {privileged: true}}
";

/// A repository with one commit of this manifest.
fn repository() -> TempDir {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir(dir.path().join("deploy")).unwrap();
    std::fs::write(dir.path().join("deploy/old.yaml"), PRIVILEGED).unwrap();
    git(dir.path(), &["init", "--quiet"]);
    git(dir.path(), &["add", "--all"]);
    git(dir.path(), &["commit", "--quiet", "--message", "one"]);
    dir
}

fn git(dir: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let run = Command::new("git").current_dir(dir).args(identity).args(args).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    String::from_utf8(run.stdout).unwrap().trim().to_string()
}

fn new_findings(dir: &Path, base: &str, more: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/ci/new-findings");
    let mut command = Command::new(script);
    command.current_dir(dir).env("KASTELL", assert_cmd::cargo::cargo_bin!("kastell"));
    command.args([base, "out"]).args(more).output().unwrap()
}

#[test]
fn only_what_the_branch_adds_fails_it() {
    let dir = repository();
    let at = dir.path();
    let base = git(at, &["rev-parse", "HEAD"]);
    std::fs::rename(at.join("deploy/old.yaml"), at.join("deploy/moved.yaml")).unwrap();
    let run = new_findings(at, &base, &["deploy", "--fail-on", "high"]);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let other = PRIVILEGED.replace("name: tool", "name: other");
    std::fs::write(at.join("deploy/new.yaml"), other).unwrap();
    let run = new_findings(at, &base, &["deploy", "--fail-on", "high"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let report = std::fs::read_to_string(at.join("out/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let new = report["findings"].as_array().unwrap().iter().filter(|f| f["new"] == true);
    let mut names: Vec<&str> = new.map(|f| f["subject"]["name"].as_str().unwrap()).collect();
    names.dedup();
    assert_eq!(names, ["other"]);
    for file in ["kastell.sarif", "comment.md", "junit.xml"] {
        assert!(at.join("out").join(file).is_file(), "{file}");
    }
    assert_eq!(git(at, &["worktree", "list"]).lines().count(), 1, "the base's tree is taken away");
}

#[test]
fn a_commit_that_is_not_here_is_a_wrong_call() {
    let dir = repository();
    let run = new_findings(dir.path(), "0123456789012345678901234567890123456789", &[]);
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    assert!(String::from_utf8_lossy(&run.stderr).contains("is not in this clone"), "{run:?}");
}
