//! The command line as people use it: exceptions, adoption, formats, files.

mod common;

use common::{CLEAN, PRIVILEGED, folder, kastell};

fn with_comment(comment: &str) -> String {
    PRIVILEGED.replace("privileged: true", &format!("privileged: true {comment}"))
}

const ONLY: [&str; 2] = ["--control", "privileged-container"];

fn scan(text: &str, more: &[&str]) -> common::Run {
    let dir = folder(&[("a.yaml", text)]);
    let mut args = vec!["scan", ".", "--now", "2026-11-24"];
    args.extend(ONLY);
    args.extend(more);
    kastell(dir.path(), &args)
}

#[test]
fn an_exception_with_a_reason_covers_its_entry_and_is_counted() {
    let text = with_comment("# kastell: ignore[privileged-container] node agent until 2027-01-31");
    scan(&text, &[]).expect(0, "1 excepted (1 ");
    scan(&text, &["--exceptions", "none"]).expect(1, "critical[privileged-container]");
    scan(&text, &["--exceptions", "config"]).expect(1, "critical[privileged-container]");
}

#[test]
fn an_exception_above_the_first_key_covers_the_object() {
    let text = format!("# kastell: ignore[privileged-container] node agent\n{PRIVILEGED}");
    scan(&text, &[]).expect(0, "1 excepted (1 ");
}

#[test]
fn an_exception_alone_on_a_line_covers_the_next_entry_only() {
    let text = PRIVILEGED
        .replace("    securityContext:", "    # kastell: ignore[privileged-container] agent\n    securityContext:");
    scan(&text, &[]).expect(0, "1 excepted (1 ");
    let text = PRIVILEGED.replace("    image:", "    # kastell: ignore[privileged-container] agent\n    image:");
    scan(&text, &["--verbose"]).expect(1, "critical[privileged-container]").expect(1, "stale-exception");
}

#[test]
fn an_annotation_covers_its_object() {
    let text = PRIVILEGED.replace(
        "  name: tool\n  namespace",
        "  name: tool\n  annotations: {kastell.dev/ignore: privileged-container agent}\n  namespace",
    );
    scan(&text, &[]).expect(0, "1 excepted (1 ");
}

#[test]
fn an_expired_exception_covers_nothing_and_is_told() {
    let text = with_comment("# kastell: ignore[privileged-container] agent until 2026-11-23");
    scan(&text, &[]).expect(1, "expired-exception").expect(1, "critical[privileged-container]");
    let text = with_comment("# kastell: ignore[privileged-container] agent until 2026-11-24");
    scan(&text, &[]).expect(0, "1 excepted (1 ");
}

#[test]
fn an_exception_without_a_reason_or_with_an_unknown_id_covers_nothing() {
    scan(&with_comment("# kastell: ignore[privileged-container]"), &[]).expect(1, "it gives no reason");
    scan(&with_comment("# kastell: ignore[no-such-thing] because"), &[])
        .expect(1, "there is no control `no-such-thing`");
}

#[test]
fn the_words_of_an_exception_inside_a_string_are_no_exception() {
    let text = PRIVILEGED.replace(
        "name: tool\n  namespace",
        "name: tool\n  annotations: {note: \"x # kastell: ignore[privileged-container] y\"}\n  namespace",
    );
    scan(&text, &[]).expect(1, "critical[privileged-container]");
}

#[test]
fn adopting_old_code_inserts_whole_comment_lines_only() {
    let dir = folder(&[("a.yaml", PRIVILEGED), ("b.yaml", &PRIVILEGED.replace('\n', "\r\n"))]);
    let add =
        ["scan", ".", ONLY[0], ONLY[1], "--add-ignore", "--reason", "adopted in November", "--until", "2099-01-31"];
    kastell(dir.path(), &add).expect(0, "2 exceptions added in 2 files");
    let after = std::fs::read_to_string(dir.path().join("a.yaml")).unwrap();
    let comment = "      # kastell: ignore[privileged-container] adopted in November until 2099-01-31\n";
    assert_eq!(after.replace(comment, ""), PRIVILEGED);
    assert!(after.contains(comment));
    let after = std::fs::read_to_string(dir.path().join("b.yaml")).unwrap();
    assert!(after.contains("until 2099-01-31\r\n") && !after.replace("\r\n", "").contains('\n'));
    kastell(dir.path(), &["scan", ".", ONLY[0], ONLY[1]]).expect(0, "2 excepted (2 ");
    kastell(dir.path(), &add).expect(0, "0 exceptions added");
}

#[test]
fn adopting_needs_a_reason() {
    scan(PRIVILEGED, &["--add-ignore"]).expect(2, "--reason");
    scan(PRIVILEGED, &["--add-ignore", "--reason", " "]).expect(2, "one line of text");
}

#[test]
fn the_report_goes_to_a_file_when_asked() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    let run = kastell(dir.path(), &["scan", "a.yaml", "--format", "sarif", "--output", "out.sarif"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let sarif = std::fs::read_to_string(dir.path().join("out.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_json_report_follows_the_published_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../docs/generated/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for text in [PRIVILEGED, CLEAN, "a: [", ""] {
        let dir = folder(&[("a.yaml", text)]);
        let run = kastell(dir.path(), &["scan", ".", "--format", "json", "--statistics"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let dir = folder(&[("a.yaml", PRIVILEGED), ("b/c.yaml", CLEAN), ("d.yaml", "a: [")]);
    for format in ["terminal", "json", "sarif", "markdown", "junit", "html"] {
        let run = || kastell(dir.path(), &["scan", ".", "--format", format, "--now", "2026-11-24"]).stdout;
        let first = run();
        assert!((0..5).all(|_| run() == first), "{format}");
    }
}

#[test]
fn the_threshold_decides_between_0_and_1() {
    scan(PRIVILEGED, &["--fail-on", "critical"]).expect(1, "");
    scan(PRIVILEGED, &["--fail-on", "none"]).expect(0, "");
}

#[test]
fn an_older_release_knows_no_newer_controls() {
    scan(PRIVILEGED, &["--as-of", "0.1.0"]).expect(1, "");
    scan(PRIVILEGED, &["--as-of", "0.0.9"]).expect(2, "nothing would be checked");
}

#[test]
fn a_control_is_explained() {
    let dir = folder(&[]);
    kastell(dir.path(), &["explain", "privileged-container"]).expect(0, "root on the node").expect(0, "5.2.2");
    kastell(dir.path(), &["explain", "privileged-contaner"]).expect(2, "did you mean");
}

#[test]
fn every_answer_about_an_object_is_explained() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    let run = kastell(dir.path(), &["explain", "a.yaml", "Pod/tool"]);
    run.expect(0, "privileged-container");
    for status in ["fail", "pass", "not applicable"] {
        assert!(run.stdout.contains(status), "{status} in {run:#?}");
    }
    kastell(dir.path(), &["explain", "a.yaml", "Pod/shop/tool"]).expect(0, "privileged-container");
    kastell(dir.path(), &["explain", "a.yaml", "Pod/other"]).expect(2, "Pod/tool");
}

#[test]
fn pod_security_alone_judges_by_the_given_level() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    kastell(dir.path(), &["scan", "a.yaml", "--pod-security", "baseline:v1.34", "--fail-on", "low"])
        .expect(1, "violates PodSecurity \"baseline:v1.34\": privileged (container \"tool\" must not set securityContext.privileged=true)");
    kastell(dir.path(), &["scan", "a.yaml", "--pod-security", "privileged", "--fail-on", "low"]).expect(0, "");
    kastell(dir.path(), &["scan", "a.yaml", "--pod-security", "strict"]).expect(2, "strict");
}

#[test]
fn files_that_a_kustomization_lists_as_patches_yield_no_absence() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        resources: {limits: {cpu: 1}}\n";
    let run = |kustomization: &str| {
        let dir = folder(&[("kustomization.yaml", kustomization), ("patch.yaml", patch)]);
        kastell(dir.path(), &["scan", ".", "--ring", "workloads", "--verbose", "--format", "json"]).stdout
    };
    let count =
        |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["findings"].as_array().unwrap().len();
    assert_eq!(count(&run("patches:\n- path: patch.yaml\n")), 0);
    assert!(count(&run("resources:\n- patch.yaml\n")) > 0);
}

#[test]
fn a_hook_may_be_handed_files_without_any_object() {
    let dir = folder(&[("compose.yaml", "services: {web: {image: nginx}}\n")]);
    kastell(dir.path(), &["scan", "compose.yaml"]).expect(3, "nothing was checked");
    kastell(dir.path(), &["scan", "compose.yaml", "--allow-empty"]).expect(0, "nothing was checked");
    let dir = folder(&[("broken.yaml", "apiVersion: v1\nkind: [\n")]);
    kastell(dir.path(), &["scan", "broken.yaml", "--allow-empty"]).expect(3, "broken.yaml");
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = folder(&[]);
    kastell(dir.path(), &["man"]).expect(0, ".TH kastell 1");
    kastell(dir.path(), &["man", "."]).expect(0, "");
    let page = std::fs::read_to_string(dir.path().join("kastell-scan.1")).unwrap();
    assert!(page.contains("fail\\-on") && page.contains("Exit codes"), "{page}");
    kastell(dir.path(), &["man", "nowhere"]).expect(2, "`nowhere`");
}

#[test]
fn several_reports_are_written_in_one_run() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    let formats = "terminal,json=a.json,sarif=out/a.sarif,junit=a.xml,markdown=a.md,html=a.html";
    std::fs::create_dir(dir.path().join("out")).unwrap();
    let args = |format: &'static str| ["scan", "a.yaml", "--now", "2026-11-24", "--format", format];
    let run = kastell(dir.path(), &args(formats));
    assert_eq!(run.code, 1);
    for (format, file) in
        [("json", "a.json"), ("sarif", "out/a.sarif"), ("junit", "a.xml"), ("markdown", "a.md"), ("html", "a.html")]
    {
        let written = std::fs::read_to_string(dir.path().join(file)).unwrap();
        assert_eq!(written, kastell(dir.path(), &args(format)).stdout, "{format}");
    }
    assert_eq!(run.stdout, kastell(dir.path(), &args("terminal")).stdout);
}

#[test]
fn a_report_without_a_place_of_its_own_is_refused_before_anything_is_read() {
    let dir = folder(&[("a.yaml", PRIVILEGED)]);
    let scan = |format: &str| kastell(dir.path(), &["scan", "nowhere.yaml", "--format", format]);
    scan("terminal,json").expect(2, "only one report can do without");
    scan("xml").expect(2, "there is no format `xml`");
    scan("json=a,sarif=a").expect(2, "two reports to `a`");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let dir = folder(&[("a.yaml", PRIVILEGED), ("old.json", "old")]);
    kastell(dir.path(), &["scan", "a.yaml", "--format", "json=old.json,sarif=nowhere/a.sarif"])
        .expect(2, "`nowhere/a.sarif` could not be written");
    kastell(dir.path(), &["scan", "a.yaml", "--format", "sarif=."]).expect(2, "could not be written");
    assert!(std::fs::read_to_string(dir.path().join("old.json")).unwrap().starts_with('{'));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "no draft is left");
}

#[cfg(unix)]
#[test]
fn a_link_keeps_leading_to_the_report_and_a_device_stays_one() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let dir = folder(&[("a.yaml", PRIVILEGED), ("real.json", "")]);
    let at = |name: &str| dir.path().join(name);
    std::os::unix::fs::symlink("real.json", at("link.json")).unwrap();
    std::fs::set_permissions(at("real.json"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let run = kastell(dir.path(), &["scan", "a.yaml", "--format", "json=link.json,sarif=/dev/null"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(at("link.json").is_symlink());
    assert!(std::fs::read_to_string(at("real.json")).unwrap().starts_with('{'));
    assert_eq!(std::fs::metadata(at("real.json")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}
