//! Success is said only where everything was looked at: the cases in which other tools end with 0 although they checked
//! nothing, or not everything.

mod common;

use common::{CLEAN, PRIVILEGED, folder, kastell, kastell_with};

const ONLY: [&str; 2] = ["--control", "privileged-container"];

fn scan(files: &[(&str, &str)], more: &[&str]) -> common::Run {
    let dir = folder(files);
    let mut args = vec!["scan", "."];
    args.extend(ONLY);
    args.extend(more);
    kastell(dir.path(), &args)
}

#[test]
fn a_clean_file_ends_with_0() {
    scan(&[("a.yaml", CLEAN)], &[]).expect(0, "1 object");
}

#[test]
fn a_privileged_pod_ends_with_1_and_says_where() {
    scan(&[("a.yaml", PRIVILEGED)], &[]).expect(1, "a.yaml:11:19").expect(1, "critical[privileged-container]");
}

#[test]
fn an_empty_directory_was_not_checked() {
    scan(&[], &[]).expect(3, "nothing was checked");
    scan(&[], &["--allow-incomplete"]).expect(0, "nothing was checked");
}

#[test]
fn a_file_of_0_bytes_alone_was_not_checked() {
    scan(&[("a.yaml", "")], &[]).expect(3, "nothing was checked");
}

#[test]
fn a_file_of_0_bytes_beside_a_good_one_is_counted() {
    scan(&[("a.yaml", ""), ("b.yaml", CLEAN)], &[]).expect(0, "empty");
}

#[test]
fn an_indentation_by_tabs_is_an_error_with_its_place() {
    let tabs = "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n";
    scan(&[("a.yaml", tabs)], &[]).expect(3, "a.yaml:4");
}

#[test]
fn a_good_file_beside_a_broken_one_is_still_answered() {
    let run = scan(&[("bad.yaml", "a: [b\n"), ("good.yaml", PRIVILEGED)], &[]);
    run.expect(1, "good.yaml:11:19").expect(1, "bad.yaml");
    scan(&[("bad.yaml", "a: [b\n"), ("good.yaml", CLEAN)], &[]).expect(3, "bad.yaml");
}

#[test]
fn a_broken_second_document_does_not_hide_the_first_or_the_third() {
    let text = format!("{PRIVILEGED}---\na: [b\n---\n{}", PRIVILEGED.replace("name: tool", "name: third"));
    let run = scan(&[("a.yaml", &text)], &[]);
    run.expect(1, "a.yaml:11:19").expect(1, "a.yaml:25:19").expect(1, "a.yaml:1");
}

#[test]
fn a_folder_of_templates_alone_was_not_checked() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  {{- if .Values.x }}\n  a: b\n  {{- end }}\n";
    scan(&[("templates/pod.yaml", template)], &[]).expect(3, "template");
}

#[test]
fn a_chart_is_one_gap_and_its_templates_are_not_parsed() {
    let files = [
        ("c/Chart.yaml", "name: c\n"),
        ("c/templates/a.yaml", "{{ x }}\n\tb"),
        ("c/values.yaml", "a: 1\n"),
        ("ok.yaml", CLEAN),
    ];
    let run = scan(&files, &[]);
    run.expect(3, "unrendered-chart");
    assert!(!run.all().contains("a.yaml:"), "{run:#?}");
    assert_eq!(run.all().matches("error[unrendered-chart]").count(), 1, "{run:#?}");
}

#[test]
fn a_directory_with_the_name_of_a_manifest_is_unreadable() {
    scan(&[("x.yaml/inner.txt", ""), ("ok.yaml", CLEAN)], &[]).expect(3, "x.yaml");
    let dir = folder(&[("x.yaml/inner.txt", "")]);
    kastell(dir.path(), &["scan", "--files-from", "-"]);
    kastell_with(dir.path(), &["scan", "--files-from", "-"], Some("x.yaml\n")).expect(3, "is a directory");
}

#[test]
fn a_file_that_vanished_since_it_was_listed_is_unread() {
    let dir = folder(&[("ok.yaml", CLEAN)]);
    let run = kastell_with(dir.path(), &["scan", "--files-from", "-"], Some("ok.yaml\ngone.yaml\n"));
    run.expect(3, "gone.yaml");
}

#[cfg(unix)]
#[test]
fn a_broken_link_is_said_and_other_files_are_answered() {
    let dir = folder(&[("ok.yaml", PRIVILEGED)]);
    std::os::unix::fs::symlink("nowhere.yaml", dir.path().join("link.yaml")).unwrap();
    kastell(dir.path(), &["scan", "."]).expect(1, "broken-link");
    let dir = folder(&[("ok.yaml", CLEAN)]);
    std::os::unix::fs::symlink("nowhere.yaml", dir.path().join("link.yaml")).unwrap();
    kastell(dir.path(), &["scan", "."]).expect(3, "link.yaml");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_followed_and_is_counted() {
    let outside = folder(&[("secret.yaml", PRIVILEGED)]);
    let dir = folder(&[("ok.yaml", CLEAN)]);
    std::os::unix::fs::symlink(outside.path().join("secret.yaml"), dir.path().join("link.yaml")).unwrap();
    kastell(dir.path(), &["scan", ".", ONLY[0], ONLY[1]]).expect(0, "link-out-of-tree");
}

#[test]
fn a_missing_path_is_a_wrong_call() {
    let dir = folder(&[]);
    kastell(dir.path(), &["scan", "nowhere"]).expect(2, "`nowhere` does not exist");
}

#[test]
fn an_unknown_control_is_a_wrong_call_that_names_the_nearest() {
    let dir = folder(&[("a.yaml", CLEAN)]);
    for flag in ["--control", "--skip"] {
        kastell(dir.path(), &["scan", ".", flag, "privileged-contaner"])
            .expect(2, "did you mean `privileged-container`");
    }
    kastell(dir.path(), &["scan", ".", "--ring", "moat"]).expect(2, "there is no ring `moat`");
}

#[test]
fn an_id_that_is_reserved_is_not_built_yet() {
    let reserved = kastell_controls::ids().find(|id| kastell_controls::find(id).is_none()).unwrap();
    let dir = folder(&[("a.yaml", CLEAN)]);
    kastell(dir.path(), &["scan", ".", "--control", reserved]).expect(2, "not built yet");
}

#[test]
fn flags_that_leave_nothing_to_run_are_a_wrong_call() {
    let dir = folder(&[("a.yaml", CLEAN)]);
    let run =
        kastell(dir.path(), &["scan", ".", "--control", "privileged-container", "--skip", "privileged-container"]);
    run.expect(2, "nothing would be checked");
}

#[test]
fn what_is_no_kubernetes_object_is_counted_and_is_not_incomplete() {
    let compose = "services:\n  web: {image: nginx}\n";
    scan(&[("compose.yaml", compose), ("ok.yaml", CLEAN)], &[]).expect(0, "not-kubernetes");
    scan(&[("compose.yaml", compose)], &[]).expect(3, "nothing was checked");
}

#[test]
fn an_unknown_custom_kind_that_holds_a_bad_pod_is_found() {
    let custom = "\
apiVersion: example.com/v1
kind: Machine
metadata: {name: m}
spec:
  podTemplate:
    spec:
      containers:
      - name: c
        image: registry.example/c:1
        securityContext:
          privileged: true
";
    scan(&[("a.yaml", custom)], &[]).expect(1, "a.yaml:11:23");
}

#[test]
fn standard_input_is_read_and_takes_a_name() {
    let dir = folder(&[]);
    let args = ["scan", "-", "--stdin-filename", "rendered.yaml", ONLY[0], ONLY[1]];
    kastell_with(dir.path(), &args, Some(PRIVILEGED)).expect(1, "rendered.yaml:11:19");
    kastell_with(dir.path(), &["scan", "-"], Some("")).expect(3, "nothing was checked");
}

#[test]
fn invalid_bytes_are_an_error_with_its_place_and_the_other_documents_are_answered() {
    let dir = folder(&[]);
    let mut bytes = format!("{PRIVILEGED}---\n").into_bytes();
    bytes.extend(b"a: \xff\xfe\n---\n");
    bytes.extend(PRIVILEGED.replace("name: tool", "name: third").bytes());
    std::fs::write(dir.path().join("a.yaml"), bytes).unwrap();
    let run = kastell(dir.path(), &["scan", ".", ONLY[0], ONLY[1]]);
    run.expect(1, "a.yaml:11:19").expect(1, "a.yaml:25:19").expect(1, "not-utf8");
}
