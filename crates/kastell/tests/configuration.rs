//! `kastell.yaml` as people use it: where it is found, what it changes, and the verbs that write it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where what it takes for granted fails")]

mod common;

use common::{CLEAN, PRIVILEGED, Run, folder, kastell};
use serde_json::Value;
use std::path::Path;

const HEAD: &str = "apiVersion: kastell.dev/v1alpha1\nkind: Configuration\n";

const EXCUSED: &str = "\
exceptions:
- controls: [privileged-container]
  match: {kind: Pod, namespace: shop, name: tool}
  reason: agent of the nodes
  owner: platform
  ticket: OPS-1
  until: 2026-12-20
";

fn with(lines: &str) -> String {
    format!("{HEAD}{lines}")
}

/// Scans `.` in a folder with these files, for one control.
fn scan(files: &[(&str, &str)], more: &[&str]) -> Run {
    let dir = folder(files);
    scan_in(dir.path(), more)
}

fn scan_in(dir: &Path, more: &[&str]) -> Run {
    let mut args = vec!["scan", ".", "--control", "privileged-container"];
    if !more.contains(&"--now") {
        args.extend(["--now", "2026-11-24"]);
    }
    args.extend(more);
    kastell(dir, &args)
}

fn json(files: &[(&str, &str)], more: &[&str]) -> Value {
    let run = scan(files, &[&["--format", "json"], more].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"))
}

#[test]
fn an_exception_of_the_configuration_counts_as_the_policy_says() {
    let config = with(EXCUSED);
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("deploy/a.yaml", PRIVILEGED)];
    scan(files, &[]).expect(0, "1 excepted (1 config)").expect(0, "1 skipped (1 configuration)");
    scan(files, &["--exceptions", "config"]).expect(0, "1 excepted (1 config)");
    scan(files, &["--exceptions", "none"]).expect(1, "critical[privileged-container]");
    scan(files, &["--no-config"]).expect(1, "critical[privileged-container]");
    let excepted = &json(files, &[])["excepted"][0];
    assert_eq!(
        (&excepted["origin"], &excepted["owner"], &excepted["ticket"], &excepted["until"]),
        (&"config".into(), &"platform".into(), &"OPS-1".into(), &"2026-12-20".into())
    );
    let report = json(files, &[]);
    assert_eq!(report["read"]["objects"], 1, "a configuration is no object");
}

#[test]
fn the_nearest_configuration_up_to_the_repositorys_root_is_used() {
    let config = with(EXCUSED);
    let dir = folder(&[("kastell.yaml", &config), ("repo/deploy/sub/a.yaml", PRIVILEGED)]);
    let sub = dir.path().join("repo/deploy/sub");
    // Without a repository only the working directory counts.
    scan_in(&sub, &[]).expect(1, "privileged-container");
    std::fs::create_dir(dir.path().join("repo/.git")).unwrap();
    scan_in(&sub, &[]).expect(1, "privileged-container");
    std::fs::write(dir.path().join("repo/kastell.yaml"), &config).unwrap();
    scan_in(&sub, &[]).expect(0, "1 excepted (1 config)");
    std::fs::write(sub.join("kastell.yaml"), HEAD).unwrap();
    scan_in(&sub, &[]).expect(1, "privileged-container");
    scan_in(&sub, &["--config", "../../kastell.yaml"]).expect(0, "1 excepted (1 config)");
    scan_in(&sub, &["--config", "nowhere.yaml"]).expect(2, "the configuration `nowhere.yaml` does not exist");
}

#[test]
fn errors_are_frames_and_stop_the_run_before_anything_is_written() {
    let config = with("sevirity: []\nexceptions:\n- {controls: [privileged-contaner], match: {name: a}, reason: r}\n");
    let dir = folder(&[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)]);
    let run = scan_in(dir.path(), &["--format", "json", "-o", "out.json"]);
    run.expect(2, "kastell.yaml:3:1").expect(2, "did you mean `severity`?");
    run.expect(2, "kastell.yaml:5:15").expect(2, "did you mean `privileged-container`?").expect(2, "has 2 errors");
    assert!(run.stdout.is_empty() && !dir.path().join("out.json").exists());
    kastell(dir.path(), &["explain", ".", "Pod/tool"]).expect(2, "kastell.yaml:3:1");
}

#[test]
fn no_secret_of_a_broken_configuration_is_shown() {
    let config = with("password: hunter2-Xq9vLm3p\n");
    let run = scan(&[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)], &[]);
    run.expect(2, "there is no key `password` here");
    assert!(!run.all().contains("hunter2"), "{run:#?}");
}

#[test]
fn what_is_told_about_entries_stands_in_the_configuration() {
    let config = with(EXCUSED);
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)];
    scan(files, &["--now", "2026-12-21"]).expect(1, "expired-exception").expect(1, "kastell.yaml:4:3");
    let mended = PRIVILEGED.replace("privileged: true", "privileged: false");
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", &mended)];
    scan(files, &["--verbose"]).expect(0, "stale-exception").expect(0, "kastell.yaml:4:3");
    // The control did not run, so nothing is known about its exceptions.
    let dir = folder(files);
    let run = kastell(dir.path(), &["scan", ".", "--control", "host-pid", "--verbose"]);
    assert!(!run.stdout.contains("stale-exception"), "{run:#?}");
}

#[test]
fn a_severity_of_the_configuration_decides_and_is_told() {
    let config = with("severity:\n- {control: privileged-container, severity: low, reason: a lab}\n");
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)];
    scan(files, &["--verbose"])
        .expect(0, "low[privileged-container]")
        .expect(0, "critical by itself; the configuration says low: a lab");
    let report = json(files, &[]);
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "low");
    assert_eq!(finding["severity_overridden"], serde_json::json!({"from": "critical", "reason": "a lab"}));
    assert_eq!(report["rules"][0]["severity"], "critical");
    let dir = folder(files);
    kastell(dir.path(), &["explain", ".", "Pod/tool"]).expect(0, "critical by itself, low by the configuration: a lab");
}

#[test]
fn an_expected_gap_leaves_a_run_complete() {
    let odd = PRIVILEGED.replace("privileged: true", "privileged: [1]");
    scan(&[("a.yaml", &odd)], &[]).expect(3, "incomplete");
    let config = with("expectUnknown:\n- {control: privileged-container, kind: Pod, name: tool, reason: generated}\n");
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", &odd)];
    scan(files, &[]).expect(0, "1 of the unknown expected by the configuration");
    let report = json(files, &[]);
    assert_eq!((&report["incomplete"], &report["summary"]["expected_unknown"]), (&false.into(), &1.into()));
    assert_eq!(report["gaps"][0]["expected"], "generated");
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)];
    scan(files, &["--verbose"]).expect(1, "stale-expected-unknown").expect(1, "kastell.yaml:4:4");
}

#[test]
fn flags_win_over_the_configurations_controls_and_parameters() {
    let config = with("controls: {enable: [host-pid], skip: [privileged-container]}\n");
    let files: &[(&str, &str)] = &[("kastell.yaml", &config), ("a.yaml", PRIVILEGED)];
    scan(files, &[]).expect(1, "critical[privileged-container]");
    let dir = folder(files);
    let run = kastell(dir.path(), &["scan", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let rules: Vec<&str> = report["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(rules, ["host-pid"]);
    kastell(dir.path(), &["scan", ".", "--skip", "host-pid"]).expect(2, "leave no control to run");

    let low = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - name: c\n    image: d\n    \
               securityContext: {runAsGroup: 11000}\n";
    for (minimum, code) in [(10_000, 0), (12_000, 1)] {
        let config = with(&format!("controls: {{parameters: {{low-group-id: {{minimum: {minimum}}}}}}}\n"));
        let dir = folder(&[("kastell.yaml", &config), ("a.yaml", low)]);
        let args = ["scan", ".", "--control", "low-group-id", "--fail-on", "info", "--min-confidence", "low"];
        assert_eq!(kastell(dir.path(), &args).code, code, "{minimum}");
    }
}

#[test]
fn teams_come_from_configured_keys_and_codeowners() {
    let owner = |files: &[(&str, &str)]| json(files, &[])["findings"][0]["owner"].clone();
    let files: &[(&str, &str)] = &[(".git/HEAD", ""), (".github/CODEOWNERS", "* @all\n/deploy/ @org/shop @b\n")];
    let file = ("deploy/a.yaml", PRIVILEGED);
    assert_eq!(owner(&[file]), Value::Null);
    assert_eq!(owner(&[files[0], files[1], file]), "@org/shop");
    let config = with("owners: [{label: team}]\n");
    assert_eq!(owner(&[files[0], files[1], file, ("kastell.yaml", &config)]), Value::Null);
    let labelled = PRIVILEGED.replace("  name: tool\n", "  name: tool\n  labels: {team: tools}\n");
    assert_eq!(owner(&[files[0], files[1], ("deploy/a.yaml", &labelled), ("kastell.yaml", &config)]), "tools");
}

#[test]
fn the_configuration_in_force_is_a_configuration_that_says_the_same() {
    let config = documented();
    let dir = folder(&[("kastell.yaml", &config), ("a.yaml", CLEAN)]);
    let first = kastell(dir.path(), &["scan", ".", "--show-config"]);
    first.expect(0, "reason: it measures the node").expect(0, "# kastell.yaml:");
    // Every value but the defaults has a line of the file behind it.
    for (key, line) in
        [("low-group-id: {\"minimum\":5000}", 8), ("- control-plane-toleration", 6), ("namespaceLabel: team", 26)]
    {
        let shown = first.stdout.lines().find(|l| l.contains(key)).unwrap_or_else(|| panic!("{key}: {}", first.stdout));
        assert!(shown.ends_with(&format!("# kastell.yaml:{line}")), "{shown}");
    }
    std::fs::write(dir.path().join("again.yaml"), &first.stdout).unwrap();
    let again = kastell(dir.path(), &["scan", ".", "--show-config", "--config", "again.yaml"]);
    again.expect(0, "");
    let values = |run: &Run| -> Vec<String> {
        run.stdout.lines().skip(1).map(|l| l.split(" # ").next().unwrap_or("").to_string()).collect()
    };
    assert_eq!(values(&first), values(&again));
    let flags = kastell(dir.path(), &["scan", ".", "--show-config", "--no-config", "--skip", "host-pid"]);
    flags.expect(0, "- host-pid # --skip").expect(0, "codeowners: true # default");
}

/// The example of the documentation.
fn documented() -> String {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md")).unwrap();
    text.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap().to_string()
}

#[test]
fn the_documented_example_is_valid_and_says_something_for_every_key() {
    let config = documented();
    let dir = folder(&[("kastell.yaml", &config), ("a.yaml", CLEAN)]);
    kastell(dir.path(), &["scan", "."]).expect(0, "");
    let schema: Value = serde_json::from_str(&kastell(dir.path(), &["init", "--schema"]).stdout).unwrap();
    for part in ["", "Controls", "Severity", "Production", "OwnerKey", "Exception", "ExceptionMatch", "ExpectUnknown"] {
        let of = if part.is_empty() { &schema } else { &schema["$defs"][part] };
        for key in of["properties"].as_object().unwrap().keys() {
            let is_left_out = key == "namespaceAnnotation";
            assert!(is_left_out || config.contains(&format!("{key}:")), "{part}: {key}");
        }
    }
}

#[test]
fn init_writes_what_it_finds_and_the_result_is_valid_with_and_without_its_comments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shop = root.join("examples/shop").canonicalize().unwrap();
    let dir = folder(&[]);
    let path = dir.path().join("kastell.yaml");
    let run = kastell(dir.path(), &["init", shop.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{run:#?}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("label: app.kubernetes.io/part-of # on "), "{text}");
    assert!(text.lines().count() <= 60, "{text}");
    kastell(dir.path(), &["scan", ".", "--show-config"]).expect(0, "app.kubernetes.io/part-of # kastell.yaml:");
    // Comments that begin with a capital or a backtick are prose.
    let open: String = text
        .lines()
        .map(|l| match l.strip_prefix("# ") {
            Some(entry) if !entry.starts_with(|c: char| c.is_uppercase() || c == '`') => format!("{entry}\n"),
            _ => format!("{l}\n"),
        })
        .collect();
    assert_ne!(open, text);
    std::fs::write(dir.path().join("open.yaml"), &open).unwrap();
    kastell(dir.path(), &["scan", ".", "--show-config", "--config", "open.yaml"]).expect(0, "exceptions:");

    kastell(dir.path(), &["init", shop.to_str().unwrap()]).expect(2, "--force writes over it");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::write(&path, "old").unwrap();
    kastell(dir.path(), &["init", shop.to_str().unwrap(), "--force"]).expect(0, "written");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the same input gives the same bytes");
    assert_eq!(kastell(dir.path(), &["init", shop.to_str().unwrap(), "--stdout"]).stdout, text);
}

#[test]
fn exceptions_of_all_origins_are_listed_with_what_became_of_them() {
    let config = with(&format!(
        "{EXCUSED}- {{controls: [host-pid], match: {{name: tool}}, reason: gone}}\n\
         - {{controls: [host-pid], match: {{name: elsewhere}}, reason: other, until: 2026-11-01}}\n"
    ));
    let inline = PRIVILEGED
        .replace("name: tool", "name: second")
        .replace("privileged: true", "privileged: true # kastell: ignore[privileged-container] agent until 2027-06-30");
    let dir = folder(&[("kastell.yaml", &config), ("a.yaml", PRIVILEGED), ("b.yaml", &inline)]);
    let list = |more: &[&str]| {
        let args = [&["exceptions", "list", "--now", "2026-11-24", "--format", "json"], more].concat();
        let run = kastell(dir.path(), &args);
        assert_eq!(run.code, 0, "{run:#?}");
        let all: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        all.iter()
            .map(|e| format!("{} {} {}", e["origin"], e["line"], e["status"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&[]), ["inline 11 used", "config 4 used", "config 10 stale", "config 11 expired"]);
    assert_eq!(list(&["--expiring", "30d"]), ["config 4 used", "config 11 expired"]);
    assert_eq!(list(&["--expiring", "3w"]), ["config 11 expired"]);
    assert_eq!(list(&["--exceptions", "none"]), [""; 0]);
    kastell(dir.path(), &["exceptions", "list", ".", "--now", "2026-11-24"])
        .expect(0, "2026-12-20 (26d left)")
        .expect(0, "agent of the nodes [OPS-1]")
        .expect(0, "4 exceptions");
    kastell(dir.path(), &["exceptions", "list", "--expiring", "soon"]).expect(2, "write a time as 30d or 4w");
}

const ADD: [&str; 12] = [
    "exceptions",
    "add",
    "--control",
    "privileged-container",
    "--kind",
    "Pod",
    "--name",
    "tool",
    "--reason",
    "agent",
    "--until",
    "2027-01-31",
];

#[test]
fn an_added_exception_covers_the_finding_and_leaves_the_rest_of_the_file() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    let path = dir.path().join("kastell.yaml");
    kastell(dir.path(), &[&ADD[..], &["--dry-run"]].concat()).expect(0, "+    reason: agent");
    assert!(!path.exists());
    kastell(dir.path(), &ADD).expect(0, "--- /dev/null");
    scan_in(dir.path(), &[]).expect(0, "1 excepted (1 config)");
    let before = "# ours\napiVersion:   kastell.dev/v1alpha1\nkind: 'Configuration'\nexceptions:\n  # none yet\nowners: []  # nobody\n";
    std::fs::write(&path, before).unwrap();
    kastell(dir.path(), &ADD).expect(0, "+  - controls: [privileged-container]");
    let after = std::fs::read_to_string(&path).unwrap();
    let (head, tail) = before.split_at(before.find("  # none").unwrap());
    assert!(after.starts_with(head) && after.ends_with(tail), "{after}");
    scan_in(dir.path(), &[]).expect(0, "1 excepted (1 config)");
    kastell(dir.path(), &ADD).expect(2, "left alone: an entry before this one is about the same");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
}

#[test]
fn an_exception_that_says_too_little_or_something_wrong_is_not_added() {
    let dir = folder(&[("kastell.yaml", HEAD)]);
    let add = |args: &[&str]| kastell(dir.path(), &[&["exceptions", "add"], args].concat());
    add(&["--control", "host-pid", "--reason", "r"]).expect(2, "say whose findings are accepted");
    add(&["--control", "host-pidd", "--reason", "r", "--name", "a"]).expect(2, "did you mean `host-pid`?");
    add(&["--control", "host-pid", "--name", "a"]).expect(2, "--reason");
    add(&["--control", "host-pid", "--name", "a", "--reason", " "]).expect(2, "`reason` must not be empty");
    add(&["--control", "host-pid", "--name", "a", "--reason", "r", "--until", "2027-02-30"]).expect(2, "YYYY-MM-DD");
    add(&["--control", "host-pid", "--selector", "a in b", "--reason", "r"]).expect(2, "of the selector");
    assert_eq!(std::fs::read_to_string(dir.path().join("kastell.yaml")).unwrap(), HEAD);
    std::fs::write(dir.path().join("kastell.yaml"), "a: 1\n").unwrap();
    add(&["--control", "host-pid", "--name", "a", "--reason", "r"]).expect(2, "has errors; mend them first");
}
