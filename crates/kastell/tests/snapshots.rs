//! Snapshots and fleets through the binary: a cluster in a file counts as a running one, and what is damaged is said.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where its own preparations fail")]

mod common;

use common::{CLEAN, PRIVILEGED, folder, kastell, kastell_with};
use kastell_model::{Cluster, ClusterBuilder, ClusterReading};
use kastell_sources::{Loaded, Progress, snapshot};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A pod without an exception of its own that counts, in a cluster.
const EXCUSED: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: tool
  namespace: shop
  annotations: {kastell.dev/ignore: privileged-container needed}
spec:
  containers: [{name: tool, image: 'registry.example/tool:1', securityContext: {privileged: true}}]
";

/// What a live scan of these clusters would have loaded: unit, uid, when, objects.
fn snapshot_of(clusters: &[(&str, &str, &str, &str)]) -> String {
    let empty = "{\"kastell_snapshot\":1}\n{\"kastell_end\":{\"objects\":0}}\n";
    let base = snapshot::read_snapshot("empty", empty.as_bytes(), None, &Progress::default()).unwrap();
    let mut builder = ClusterBuilder::default();
    let mut readings: Vec<ClusterReading> = Vec::new();
    for (unit, uid, at, text) in clusters {
        let cluster: Cluster = kastell_testkit::live_cluster(unit, text);
        readings.push(ClusterReading { read_at: (*at).into(), ..kastell_testkit::reading(unit, uid, &cluster) });
        builder.objects.extend(cluster.objects().iter().cloned());
        builder.coverage.extend(cluster.coverage());
        builder.version = Some(cluster.version());
    }
    let loaded = Loaded { cluster: Arc::new(builder.build()), clusters: readings, ..base };
    let mut out = Vec::new();
    snapshot::write_snapshot(&loaded, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const NOW: &str = "2026-11-24T10:00:00Z";

fn json(dir: &Path, args: &[&str]) -> Value {
    let run = kastell(dir, args);
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"))
}

#[test]
fn a_snapshot_is_recognised_by_its_first_bytes_and_reads_the_same_by_flag_by_path_and_from_standard_input() {
    let text = snapshot_of(&[("prod", "u1", NOW, PRIVILEGED)]);
    let dir = folder(&[("prod.txt", &text)]);
    let by_flag = kastell(dir.path(), &["scan", "--snapshot", "prod.txt", "--format", "json"]);
    by_flag.expect(1, "privileged-container");
    let by_path = kastell(dir.path(), &["scan", "prod.txt", "--format", "json"]);
    let by_stdin = kastell_with(dir.path(), &["scan", "--snapshot", "-", "--format", "json"], Some(&text));
    assert_eq!(by_flag.stdout, by_path.stdout);
    assert_eq!(by_flag.stdout, by_stdin.stdout);
    let report: Value = serde_json::from_str(&by_flag.stdout).unwrap();
    assert_eq!(report["run"]["inputs"], serde_json::json!(["prod"]));
    assert_eq!(report["run"]["kubernetes_version"], "1.37");
    assert_eq!(report["read"]["requests"], 1);
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["origin"] == "live"));
    kastell(dir.path(), &["explain", "prod.txt", "Pod/shop/tool"]).expect(0, "privileged-container");
}

#[test]
fn what_a_cluster_says_about_itself_is_no_exception_unless_asked_for() {
    let dir = folder(&[("p.snapshot", &snapshot_of(&[("prod", "u1", NOW, EXCUSED)]))]);
    let failing = |args: &[&str]| {
        let report = json(dir.path(), &[&["scan", "p.snapshot", "--format", "json"], args].concat());
        report["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "privileged-container")
    };
    assert!(failing(&[]));
    assert!(!failing(&["--exceptions", "all"]));
}

#[test]
fn absence_is_a_fact_in_a_snapshot_and_a_guess_in_files() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: other, namespace: other}\nspec: {podSelector: {}}\n";
    let text = format!("{namespace}---\n{policy}---\n{PRIVILEGED}");
    let dir = folder(&[("p.snapshot", &snapshot_of(&[("prod", "u1", NOW, &text)])), ("files/a.yaml", &text)]);
    let confidence = |input: &str| {
        let report = json(dir.path(), &["scan", input, "--format", "json", "--control", "missing-default-deny"]);
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|f| f["confidence"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(confidence("p.snapshot").iter().all(|c| c != "low") && !confidence("p.snapshot").is_empty());
    assert!(confidence("files").iter().all(|c| c == "low") && !confidence("files").is_empty());
}

#[test]
fn several_snapshots_are_several_units_also_where_they_are_called_the_same() {
    let dir = folder(&[
        ("a.snapshot", &snapshot_of(&[("prod", "u1", NOW, PRIVILEGED)])),
        ("b.snapshot", &snapshot_of(&[("prod", "u2", NOW, PRIVILEGED)])),
    ]);
    let report =
        json(dir.path(), &["scan", "--snapshot", "a.snapshot", "--snapshot", "b.snapshot", "--format", "json"]);
    assert_eq!(report["read"]["units"], 2);
    assert_eq!(report["run"]["inputs"], serde_json::json!(["prod", "prod (b.snapshot)"]));
    let privileged = report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "privileged-container");
    assert_eq!(privileged.count(), 2);
}

#[test]
fn a_damaged_snapshot_makes_the_run_incomplete_and_keeps_what_is_left() {
    let whole = snapshot_of(&[("prod", "u1", NOW, &format!("{CLEAN}---\n{PRIVILEGED}"))]);
    let cut = &whole[..whole.len() - 30];
    let broken = whole.replace("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"", "{\"apiVersion\":\"v1\",,\"kind\":\"Pod\"");
    let headless = &whole[..200];
    let dir = folder(&[("cut", cut), ("broken", &broken), ("headless", headless)]);
    kastell(dir.path(), &["scan", "cut", "--fail-on", "none"]).expect(3, "this snapshot is cut off");
    kastell(dir.path(), &["scan", "broken", "--fail-on", "none"]).expect(3, "line 4 of this snapshot is broken");
    kastell(dir.path(), &["scan", "headless", "--fail-on", "none"]).expect(3, "first line is broken");
    kastell(dir.path(), &["scan", "cut", "--fail-on", "none", "--allow-incomplete"]).expect(0, "privileged-container");
}

#[test]
fn wrong_calls_are_told_from_damage() {
    let text = snapshot_of(&[("prod", "u1", NOW, CLEAN)]);
    let newer = text.replace("{\"kastell_snapshot\":1,", "{\"kastell_snapshot\":99,");
    let dir = folder(&[("s", &text), ("newer", &newer), ("a.yaml", CLEAN)]);
    let run = |args: &[&str]| kastell(dir.path(), args);
    run(&["scan", "newer"]).expect(2, "written by a later kastell");
    run(&["scan", "--snapshot", "a.yaml"]).expect(2, "is no snapshot of kastell");
    run(&["scan", "--snapshot", "gone"]).expect(2, "could not be read");
    run(&["scan", "s", "a.yaml"]).expect(2, "two questions");
    run(&["scan", "--snapshot", "s", "--cluster"]).expect(2, "two questions");
    run(&["snapshot"]).expect(2, "add --cluster");
    run(&["fleet", "report", "gone"]).expect(2, "does not exist");
    run(&["fleet", "report", "s", "--stale-after", "soon"]).expect(2, "14d");
}

fn fleet_folder() -> tempfile::TempDir {
    let bad = format!("{CLEAN}---\n{PRIVILEGED}");
    let good = format!("{CLEAN}---\n{}", PRIVILEGED.replace("privileged: true", "privileged: false"));
    let dir = folder(&[
        ("fleet/a.snapshot", &snapshot_of(&[("a", "ua", NOW, &good)])),
        ("fleet/b.snapshot", &snapshot_of(&[("b", "ub", NOW, &bad)])),
        ("fleet/cd.snapshot", &snapshot_of(&[("c", "uc", NOW, &good), ("d", "ud", "2026-10-01T00:00:00Z", &good)])),
        ("fleet/old-b.snapshot", &snapshot_of(&[("was-b", "ub", "2026-11-01T00:00:00Z", &good)])),
        ("fleet/notes.txt", "nothing of ours\n"),
        ("files/a.yaml", &good),
    ]);
    let report = kastell(dir.path(), &["scan", "files", "--format", "json", "--now", "2026-11-24"]);
    fs::write(dir.path().join("fleet/from-files.json"), report.stdout).unwrap();
    dir
}

const FLEET: &[&str] = &["fleet", "report", "fleet", "--now", "2026-11-24"];

#[test]
fn a_fleet_names_the_outlier_the_stale_one_and_what_was_left_out() {
    let dir = fleet_folder();
    let fleet = json(dir.path(), &[FLEET, &["--format", "json"]].concat());
    let names: Vec<&str> = fleet["clusters"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "from-files"]);
    let control = |id: &str| fleet["controls"].as_array().unwrap().iter().position(|c| c["id"] == id).unwrap();
    let privileged = &fleet["controls"][control("privileged-container")];
    assert_eq!((&privileged["fail"], &privileged["pass"], &privileged["objects"]), (&1.into(), &4.into(), &1.into()));
    assert_eq!(privileged["cells"][1]["fail"], 1);
    let outliers = fleet["outliers"].as_array().unwrap();
    assert!(
        outliers
            .iter()
            .any(|o| o["cluster"] == 1 && o["control"] == control("privileged-container") && o["fails"] == true)
    );
    assert!(outliers.iter().all(|o| o["control"] != control("privileged-container") || o["cluster"] == 1));
    assert_eq!(fleet["stale"], serde_json::json!([3]));
    assert_eq!(fleet["superseded"], serde_json::json!([{"source": "fleet/old-b.snapshot", "name": "was-b"}]));
    assert_eq!(fleet["skipped"], 1);
    let text = kastell(dir.path(), FLEET);
    text.expect(0, "fleet of 5 clusters").expect(0, "b fails what most others pass: privileged-container");
    text.expect(0, "not seen for 14 days or more: d (2026-10-01)");
    let page = kastell(dir.path(), &[FLEET, &["--format", "markdown"]].concat());
    page.expect(0, "| critical | privileged-container | 1 | 0 | 4 | 1 |");
}

#[test]
fn a_fleet_says_the_counts_of_a_scan_of_each_cluster() {
    let dir = fleet_folder();
    let fleet = json(dir.path(), &[FLEET, &["--format", "json"]].concat());
    let scan = json(dir.path(), &["scan", "fleet/b.snapshot", "--format", "json"]);
    for rule in scan["rules"].as_array().unwrap() {
        let controls = fleet["controls"].as_array().unwrap();
        let Some(control) = controls.iter().find(|c| c["id"] == rule["id"]) else { continue };
        for status in ["fail", "unknown", "pass"] {
            assert_eq!(control["cells"][1][status], rule["counts"][status], "{} {status}", rule["id"]);
        }
    }
}

#[test]
fn a_source_that_cannot_be_used_is_named_and_the_rest_goes_on() {
    let dir = fleet_folder();
    let whole = fs::read_to_string(dir.path().join("fleet/a.snapshot")).unwrap();
    let report = fs::read_to_string(dir.path().join("fleet/from-files.json")).unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join("fleet").join(name), text).unwrap();
    write("cut.snapshot", &whole.replace("\"ua\"", "\"ux\"")[..whole.len() - 5]);
    write("newer.snapshot", &whole.replacen(":1,", ":7,", 1));
    write("newer.json", &report.replacen("\"schema_version\": 1", "\"schema_version\": 7", 1));
    write("cut.json", &report[..report.len() / 2]);
    let run = kastell(dir.path(), FLEET);
    run.expect(3, "fleet/cut.json: it is a report of kastell that is damaged");
    run.expect(3, "fleet/newer.json: it was written by a later kastell");
    run.expect(3, "fleet/newer.snapshot: `fleet/newer.snapshot` was written by a later kastell");
    run.expect(3, "fleet/cut.snapshot: this snapshot is cut off");
    run.expect(3, "fleet of 6 clusters");
    kastell(dir.path(), &[FLEET, &["--allow-incomplete"]].concat()).expect(0, "problem:");
    kastell(dir.path(), &["fleet", "report", "fleet/notes.txt"]).expect(3, "neither a snapshot nor a JSON report");
}

#[test]
fn the_fleet_as_json_follows_the_published_schema_and_is_the_same_every_time() {
    let dir = fleet_folder();
    let schema: Value = serde_json::from_str(include_str!("../../../docs/generated/fleet.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let args = [FLEET, &["--format", "json"]].concat();
    let fleet = json(dir.path(), &args);
    let errors: Vec<String> = validator.iter_errors(&fleet).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(kastell(dir.path(), &args).stdout, kastell(dir.path(), &args).stdout);
    let turned = [
        "fleet",
        "report",
        "fleet/from-files.json",
        "fleet/cd.snapshot",
        "fleet/b.snapshot",
        "fleet/a.snapshot",
        "fleet/old-b.snapshot",
    ];
    let turned = json(dir.path(), &[&turned, &["--now", "2026-11-24", "--format", "json"][..]].concat());
    assert_eq!(turned["controls"], fleet["controls"]);
}

#[test]
fn a_snapshot_follows_the_published_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/generated/snapshot.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in snapshot_of(&[("prod", "u1", NOW, EXCUSED), ("stage", "u2", NOW, CLEAN)]).lines() {
        assert!(validator.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
    }
}
