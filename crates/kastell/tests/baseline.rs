//! `scan --baseline`: what is known is not shown and fails nothing; what is new does.

#![expect(clippy::unwrap_used, reason = "a test ends where its own preparations fail")]

mod common;

use common::{CLEAN, PRIVILEGED, Run, folder, kastell};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with these files, and beside it the report on others.
fn after(before: &[(&str, &str)], now: &[(&str, &str)]) -> TempDir {
    let old = folder(before);
    let mut args = vec!["scan", ".", "--format", "json"];
    args.extend(DAY);
    let report = kastell(old.path(), &args).stdout;
    let dir = folder(now);
    std::fs::write(dir.path().join("baseline.txt"), report).unwrap();
    dir
}

const DAY: [&str; 2] = ["--now", "2026-11-24"];

fn scan(dir: &TempDir, more: &[&str]) -> Run {
    let mut args = vec!["scan", ".", "--baseline", "baseline.txt"];
    args.extend(DAY);
    args.extend(more);
    kastell(dir.path(), &args)
}

/// Changes the report that is the baseline.
fn edit(dir: &TempDir, change: impl FnOnce(&mut Value)) {
    let path = dir.path().join("baseline.txt");
    let mut report: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut report);
    std::fs::write(path, report.to_string()).unwrap();
}

#[test]
fn the_baseline_of_the_same_files_leaves_nothing() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", PRIVILEGED)]);
    let run = scan(&dir, &[]);
    run.expect(0, "no new findings").expect(0, "are known and not shown; 0 fixed since");
    assert!(!run.stdout.contains("privileged-container"), "{run:#?}");
}

#[test]
fn a_moved_file_a_reordered_list_and_an_edited_neighbour_are_not_new() {
    let with_two = PRIVILEGED.replace("  containers:\n", "  containers:\n  - {name: z, image: registry.example/z:1}\n");
    let moved = with_two.replace("  - {name: z, image: registry.example/z:1}\n", "")
        + "  - {name: z, image: registry.example/z:1}\n";
    let neighbour = CLEAN.replace("blue", "red");
    let dir = after(&[("a.yaml", &with_two), ("b.yaml", CLEAN)], &[("x/y.yml", &moved), ("x/b.yaml", &neighbour)]);
    scan(&dir, &[]).expect(0, "no new findings").expect(0, "0 fixed since");
}

#[test]
fn pods_that_their_controller_made_anew_are_not_new() {
    let pods = |hash: &str, names: &[&str]| -> String {
        let pod = |name: &&str| {
            format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-{hash}-{name}\n  namespace: shop\n  labels: {{pod-template-hash: {hash}}}\n  \
                 ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-{hash}, uid: x, controller: true}}]\n\
                 spec:\n  containers:\n  - {{name: a, image: 'registry.example/a:1', securityContext: {{privileged: true}}}}\n"
            )
        };
        names.iter().map(pod).collect()
    };
    let dir =
        after(&[("a.yaml", &pods("5d9c", &["x1x1x"]))], &[("a.yaml", &pods("7f8b", &["y2y2y", "z3z3z", "u4u4u"]))]);
    scan(&dir, &[]).expect(0, "no new findings").expect(0, "0 fixed since");
}

#[test]
fn what_is_new_fails_the_run_and_what_was_mended_is_counted() {
    let mended = PRIVILEGED.replace("privileged: true", "privileged: false");
    let other = mended.replace("containers:", "hostPID: true\n  containers:");
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", &other)]);
    let run = scan(&dir, &["--control", "privileged-container,host-pid"]);
    run.expect(1, "host-pid").expect(1, "1 fixed since");
    assert!(!run.stdout.contains("privileged-container"), "{run:#?}");
}

#[test]
fn a_second_equal_finding_is_new() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", PRIVILEGED), ("b.yaml", PRIVILEGED)]);
    scan(&dir, &["--control", "privileged-container"]).expect(1, "critical[privileged-container]");
    let dir = after(&[("a.yaml", PRIVILEGED), ("b.yaml", PRIVILEGED)], &[("a.yaml", PRIVILEGED)]);
    scan(&dir, &["--control", "privileged-container"]).expect(0, "1 fixed since");
}

#[test]
fn an_object_that_is_gone_a_question_not_asked_and_an_exception_are_not_called_fixed() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("b.yaml", CLEAN)]);
    scan(&dir, &["--control", "privileged-container"])
        .expect(0, "0 fixed since")
        .expect(0, "1 gone with their objects")
        .expect(0, "not asked again");
    let excepted =
        PRIVILEGED.replace("privileged: true", "privileged: true # kastell: ignore[privileged-container] agent");
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", &excepted)]);
    scan(&dir, &[]).expect(0, "0 fixed since, 1 excepted now");
}

#[test]
fn an_accepted_finding_is_not_known_once_its_exception_is_gone() {
    let excepted =
        PRIVILEGED.replace("privileged: true", "privileged: true # kastell: ignore[privileged-container] agent");
    let dir = after(&[("a.yaml", &excepted)], &[("a.yaml", PRIVILEGED)]);
    scan(&dir, &[]).expect(1, "critical[privileged-container]");
}

#[test]
fn a_control_newer_than_the_baseline_is_marked_and_fails_nothing() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", PRIVILEGED)]);
    edit(&dir, |report| {
        report["tool"]["version"] = "0.0.9".into();
        for list in ["rules", "findings", "subjects"] {
            report[list] = Value::Array(Vec::new());
        }
    });
    let only = ["--control", "privileged-container"];
    scan(&dir, &only).expect(0, "new control").expect(0, "1 control newer than kastell 0.0.9");
    // The same release had the control and did not ask it: that is no new control.
    edit(&dir, |report| report["tool"]["version"] = "0.1.0".into());
    scan(&dir, &only).expect(1, "that it did not ask: whatever they find is new");
}

#[test]
fn json_is_a_whole_baseline_again_and_says_what_is_new() {
    let two = PRIVILEGED.replace("containers:", "hostPID: true\n  containers:");
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", &two)]);
    let only = ["--control", "privileged-container,host-pid", "--format", "json"];
    let report: Value = serde_json::from_str(&scan(&dir, &only).stdout).unwrap();
    let flags: Vec<(&str, bool)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["rule"].as_str().unwrap(), f["new"].as_bool().unwrap()))
        .collect();
    assert_eq!(flags, [("host-pid", true), ("privileged-container", false)]);
    assert_eq!(report["summary"]["failing"], 1);
    assert_eq!((&report["baseline"]["known"], &report["baseline"]["new"]), (&1.into(), &1.into()));
    let schema: Value = serde_json::from_str(include_str!("../../../docs/generated/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    std::fs::write(dir.path().join("baseline.txt"), report.to_string()).unwrap();
    scan(&dir, &only[..2]).expect(0, "no new findings");
}

#[test]
fn sarif_says_the_state_of_every_result() {
    let two = PRIVILEGED.replace("containers:", "hostPID: true\n  containers:");
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", &two)]);
    let run = scan(&dir, &["--control", "privileged-container,host-pid", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&run.stdout).unwrap();
    let states: Vec<(&str, &str)> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["ruleId"].as_str().unwrap(), r["baselineState"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("host-pid", "new"), ("privileged-container", "unchanged")]);
}

#[test]
fn what_is_not_read_stays_incomplete_and_is_not_called_fixed() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", &PRIVILEGED.replace("spec:", "spec: ["))]);
    let run = scan(&dir, &[]);
    run.expect(3, "0 not found again, which may be for want of reading").expect(3, "gone with their objects");
}

#[test]
fn a_file_that_is_no_baseline_is_a_wrong_call_in_one_sentence() {
    let dir = after(&[("a.yaml", PRIVILEGED)], &[("a.yaml", PRIVILEGED)]);
    let wrong = |name: &str, text: &str, says: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        let run = kastell(dir.path(), &["scan", "a.yaml", "--baseline", name]);
        run.expect(2, says);
        assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1), "{run:#?}");
        // Any file can be given, also one with a secret.
        assert!(!run.all().contains("hunter2"), "{run:#?}");
    };
    wrong("x.yaml", "password: hunter2", "`x.yaml` cannot be the baseline: it is no JSON (line 1, column 1)");
    wrong("x.json", "{\"password\": \"hunter2\"}", "it is no report of kastell");
    wrong("list.json", "[\"hunter2\"]", "it is no report of kastell");
    wrong("n.json", "{\"schema_version\": 99, \"tool\": {\"name\": \"kastell\"}}", "format version 99");
    let damaged =
        "{\"schema_version\": 1, \"tool\": {\"name\": \"kastell\", \"version\": \"0.1.0\"}, \"run\": \"hunter2\"}";
    wrong("d.json", damaged, "it is a damaged report");
    kastell(dir.path(), &["scan", "a.yaml", "--baseline", "none.json"])
        .expect(2, "the baseline `none.json` could not be read");
    edit(&dir, |report| report["findings"][0]["severity"] = "hunter2".into());
    scan(&dir, &[]).expect(2, "a finding has no known severity");
}
