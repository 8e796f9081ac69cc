//! Same input, same bytes: reports depend on neither the order of files in a folder nor the day nor the run.

use crate::common::{CLEAN, PRIVILEGED, folder, kastell};

#[test]
fn two_runs_write_the_same_bytes() {
    let other = PRIVILEGED.replace("name: tool\n  namespace", "name: other\n  namespace");
    let one = folder(&[("a.yaml", PRIVILEGED), ("b/c.yaml", &other), ("d.yaml", CLEAN)]);
    // Written in another order, so that the file system may list them in another one.
    let two = folder(&[("d.yaml", CLEAN), ("b/c.yaml", &other), ("a.yaml", PRIVILEGED)]);
    for format in ["terminal", "json", "sarif"] {
        let args = ["scan", ".", "--format", format, "--now", "2026-11-24", "--verbose", "--min-confidence", "low"];
        let first = kastell(one.path(), &args);
        first.expect(1, "privileged-container").expect(1, "b/c.yaml");
        assert_eq!(first.stdout, kastell(one.path(), &args).stdout, "{format}");
        assert_eq!(first.stdout, kastell(two.path(), &args).stdout, "{format}");
    }
}

#[test]
fn files_may_be_named_in_any_order() {
    let dir = folder(&[("a.yaml", PRIVILEGED), ("b.yaml", CLEAN)]);
    let findings = |paths: [&str; 2]| {
        let run = kastell(dir.path(), &["scan", paths[0], paths[1], "--format", "json", "--now", "2026-11-24"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        (report["findings"].to_string(), report["rules"].to_string(), report["summary"].to_string())
    };
    assert_eq!(findings(["a.yaml", "b.yaml"]), findings(["b.yaml", "a.yaml"]));
}
