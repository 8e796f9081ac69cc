use super::*;
use crate::load::{Loaded, Progress};
use kastell_model::kube::KubernetesVersion;
use kastell_model::{Coverage, GapReason, GroupKind, Object, Origin, Seen};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const OBJECTS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop, uid: n-1, resourceVersion: '7'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop, uid: d-1, resourceVersion: '9', annotations: {note: \"two\\nlines\"}}
spec: {replicas: 2, template: {spec: {containers: [{name: app, image: 'registry.example/cart:1'}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop}
spec: {containers: [{name: é, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: a, image: x}]}
---
apiVersion: example.com/v1
kind: ShoppingList
metadata: {name: l, namespace: shop}
items: [{apiVersion: v1, kind: Pod}]
";

fn loaded_of(units: &[(&str, &str)]) -> Loaded {
    let mut builder = kastell_model::ClusterBuilder::default();
    let mut clusters = Vec::new();
    for (unit, text) in units {
        let cluster = kastell_testkit::listed_cluster(unit, text);
        clusters.push(kastell_testkit::reading(unit, &format!("uid-{unit}"), &cluster));
        builder.coverage.extend(cluster.coverage());
        builder.objects.extend(cluster.objects().iter().cloned());
        builder.version = Some(cluster.version());
    }
    Loaded {
        cluster: Arc::new(builder.build()),
        files: 0,
        files_read: 0,
        bytes: 0,
        documents: 0,
        skipped: BTreeMap::new(),
        units: u32::try_from(units.len()).unwrap(),
        clusters,
        diagnostics: Vec::new(),
        elapsed: Duration::ZERO,
    }
}

fn written(loaded: &Loaded) -> String {
    let mut out = Vec::new();
    write_snapshot(loaded, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Loaded {
    read_snapshot("shop.snapshot", text.as_bytes(), None, &Progress::default()).unwrap()
}

fn error(text: &str) -> String {
    read_snapshot("shop.snapshot", text.as_bytes(), None, &Progress::default()).unwrap_err().to_string()
}

fn names(loaded: &Loaded) -> Vec<String> {
    loaded.cluster.objects().iter().map(|o| format!("{}/{}", o.key.unit, o.key)).collect()
}

fn seen(coverage: &Coverage, unit: &str, group: &str, kind: &str) -> Seen {
    coverage.of(&unit.into(), &GroupKind::new(group, kind), None)
}

fn all_of(o: &Object) -> (String, String, Origin, String, String) {
    (o.key.to_string(), o.api_version(), o.origin.clone(), o.source.path.to_string(), o.source.text.to_string())
}

#[test]
fn what_is_read_is_what_was_written_and_writing_it_again_gives_the_same_bytes() {
    let before = loaded_of(&[("prod", OBJECTS)]);
    let text = written(&before);
    let after = read(&text);
    assert_eq!(after.diagnostics.len(), 0, "{:?}", after.diagnostics);
    assert_eq!(
        before.cluster.objects().iter().map(|o| all_of(o)).collect::<Vec<_>>(),
        after.cluster.objects().iter().map(|o| all_of(o)).collect::<Vec<_>>()
    );
    assert_eq!(before.clusters, after.clusters);
    assert_eq!((before.cluster.version(), before.units), (after.cluster.version(), after.units));
    assert!(after.cluster.version_is_given());
    for (group, kind) in [("", "Pod"), ("apps", "Deployment"), ("", "Secret"), ("example.com", "ShoppingList")] {
        let of = |l: &Loaded| seen(l.cluster.coverage(), "prod", group, kind);
        assert_eq!(of(&before), of(&after), "{kind}");
    }
    let deployment = &after.cluster.objects().iter().find(|o| o.is("apps", "Deployment")).unwrap();
    assert_eq!(deployment.origin, Origin::Live { uid: "d-1".into(), resource_version: "9".into() });
    assert_eq!(written(&after), text);
    assert!(is_snapshot(text.as_bytes()));
}

#[test]
fn the_order_in_which_a_cluster_was_read_does_not_show() {
    let documents: Vec<&str> = OBJECTS.split("---\n").collect();
    let turned: Vec<&str> = documents.iter().rev().copied().collect();
    let (a, b) = (loaded_of(&[("p", &documents.join("---\n"))]), loaded_of(&[("p", &turned.join("---\n"))]));
    assert_eq!(written(&a), written(&b));
}

#[test]
fn several_clusters_stay_units_of_their_own() {
    let before = loaded_of(&[("staging", OBJECTS), ("prod", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")]);
    let after = read(&written(&before));
    assert_eq!(names(&before), names(&after));
    assert_eq!(after.units, 2);
    assert_eq!(after.clusters.iter().map(|c| &*c.unit).collect::<Vec<_>>(), ["staging", "prod"]);
    assert_eq!(seen(after.cluster.coverage(), "prod", "apps", "Deployment"), Seen::NotAsked);
    assert_eq!(seen(after.cluster.coverage(), "staging", "apps", "Deployment"), Seen::All);
}

#[test]
fn troubles_and_failures_of_reading_are_kept() {
    let mut before = loaded_of(&[("prod", OBJECTS)]);
    before.diagnostics.push(kastell_model::Diagnostic {
        code: kastell_model::DiagnosticCode("forbidden".into()),
        level: kastell_model::DiagnosticLevel::Warning,
        message: "secrets may not be listed".into(),
        path: Some("prod".into()),
        labels: Vec::new(),
        help: None,
        gap: Some(GapReason::Unreadable),
    });
    let mut cluster = (*before.cluster).clone();
    let mut builder = kastell_model::ClusterBuilder { version: Some(cluster.version()), ..Default::default() };
    builder.objects = cluster.objects().to_vec();
    builder.coverage = cluster.coverage().clone();
    builder.coverage.set_kind(
        "prod".into(),
        GroupKind::new("", "Secret"),
        Some("shop".into()),
        Seen::Failed("403".into()),
    );
    cluster = builder.build();
    before.cluster = Arc::new(cluster);
    let after = read(&written(&before));
    assert!(!after.is_complete());
    let d = &after.diagnostics[0];
    assert_eq!(
        (&*d.code.0, d.level.name(), &*d.message, d.gap),
        ("forbidden", "warning", "secrets may not be listed", Some(GapReason::Unreadable))
    );
    let of = |ns: &str| after.cluster.coverage().of(&"prod".into(), &GroupKind::new("", "Secret"), Some(&ns.into()));
    assert_eq!(of("shop"), Seen::Failed("403".into()));
    assert_eq!(of("other"), Seen::NotAsked);
}

#[test]
fn files_do_not_become_a_cluster() {
    let mut before = loaded_of(&[("prod", OBJECTS)]);
    before.cluster = Arc::new(kastell_testkit::cluster(OBJECTS));
    assert_eq!(read(&written(&before)).cluster.objects().len(), 0);
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_incomplete_and_what_it_lacks_is_unknown() {
    let text = written(&loaded_of(&[("prod", OBJECTS)]));
    let first = text.find('\n').unwrap();
    for end in first + 1..text.len() - 1 {
        if !text.is_char_boundary(end) {
            continue;
        }
        let cut = read(&text[..end]);
        assert!(!cut.is_complete(), "{end}");
        let coverage = cut.cluster.coverage();
        for (group, kind, n) in [("", "Pod", 2), ("apps", "Deployment", 1), ("example.com", "ShoppingList", 1)] {
            let read = cut.cluster.objects().iter().filter(|o| o.is(group, kind)).count();
            let is_all = seen(coverage, "prod", group, kind) == Seen::All;
            assert_eq!(is_all, read == n, "{kind} at {end}");
        }
    }
    let whole = read(&text[..text.len() - 1]);
    assert!(whole.is_complete(), "a missing last line break costs nothing: {:?}", whole.diagnostics);
}

#[test]
fn a_broken_line_costs_only_itself() {
    let text = written(&loaded_of(&[("prod", OBJECTS)]));
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|l| l.contains("\"name\":\"a\"")).unwrap();
    for bad in
        ["{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"hunter2", "[]", "{\"hunter2\":1}", "hunter2"]
    {
        lines[at] = bad;
        let read = read(&lines.join("\n"));
        assert_eq!(read.cluster.objects().len(), 4);
        assert_eq!(read.diagnostics.len(), 1, "{:?}", read.diagnostics);
        let said = format!("{:?}", read.diagnostics);
        assert!(said.contains(&format!("line {} ", at + 1)) && !said.contains("hunter2"), "{said}");
        assert!(!read.is_complete());
        assert_ne!(seen(read.cluster.coverage(), "prod", "", "Pod"), Seen::All);
        assert_eq!(seen(read.cluster.coverage(), "prod", "", "Namespace"), Seen::All);
    }
}

#[test]
fn many_broken_lines_are_counted_and_not_all_named() {
    let mut text = written(&loaded_of(&[("prod", OBJECTS)]));
    for _ in 0..100 {
        text.push_str("x\n");
    }
    let read = read(&text);
    assert_eq!(read.diagnostics.len(), 21);
    assert!(read.diagnostics[20].message.starts_with("80 more lines"), "{}", read.diagnostics[20].message);
}

#[test]
fn lost_lines_are_noticed() {
    let text = written(&loaded_of(&[("prod", OBJECTS)]));
    let lines: Vec<&str> = text.lines().filter(|l| !l.contains("\"name\":\"b\"")).collect();
    let read = read(&lines.join("\n"));
    assert!(!read.is_complete());
    assert!(matches!(seen(read.cluster.coverage(), "prod", "", "Pod"), Seen::Failed(_)));
}

#[test]
fn what_is_no_snapshot_or_a_later_one_is_refused_with_the_reason() {
    assert!(error("").contains("no snapshot"));
    assert!(error("apiVersion: v1\n").contains("no snapshot"));
    let newer = error("{\"kastell_snapshot\":2,\"kastell\":\"3.0.0\",\"clusters\":7}\nanything");
    assert!(newer.contains("written by a later kastell (3.0.0)") && newer.contains("version 2"), "{newer}");
    let cut = error("{\"kastell_snapshot\":1,\"clus");
    assert!(cut.contains("first line is broken (it is cut off)"), "{cut}");
}

#[test]
fn what_a_later_release_adds_is_passed_over() {
    let text = written(&loaded_of(&[("prod", OBJECTS)]));
    let more = text.replacen("\"kastell\":", "\"new\":[1],\"kastell\":", 1).replacen(
        "\"seen\":\"all\"",
        "\"seen\":\"half\"",
        1,
    );
    let read = read(&more);
    assert!(read.is_complete());
    assert!(matches!(&read.clusters[0].kinds[0].seen, Seen::Failed(why) if why.contains("`half`")));
}

#[test]
fn a_cluster_that_the_header_does_not_know_is_not_believed() {
    let text = written(&loaded_of(&[("prod", OBJECTS), ("staging", OBJECTS)]));
    let read = read(&text.replace("{\"kastell_unit\":\"prod\"}", "{\"kastell_unit\":\"other\"}"));
    assert_eq!(read.cluster.objects().len(), 5);
    assert!(!read.is_complete());
    assert!(matches!(seen(read.cluster.coverage(), "prod", "", "Pod"), Seen::Failed(_)));
}

#[test]
fn the_version_that_was_asked_for_overrides_the_one_of_the_snapshot() {
    let text = written(&loaded_of(&[("prod", OBJECTS)]));
    let version = KubernetesVersion::minor(30);
    let read = read_snapshot("s", text.as_bytes(), Some(version), &Progress::default()).unwrap();
    assert_eq!(read.cluster.version(), version);
}

#[test]
fn more_objects_than_a_block_holds_are_read_in_order() {
    let mut many = String::new();
    for i in 0..3_000 {
        let filler = "x".repeat(2_000);
        let _ = writeln!(
            many,
            "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"c{i:05}\"}},\"data\":{{\"a\":\"{filler}\"}}}}"
        );
    }
    let before = loaded_of(&[("prod", &many)]);
    let text = written(&before);
    assert!(text.len() > 5 << 20);
    let after = read(&text);
    assert_eq!(names(&before), names(&after));
    assert_eq!(written(&after), text);
}

#[test]
fn every_line_is_what_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&snapshot_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in written(&loaded_of(&[("prod", OBJECTS), ("staging", OBJECTS)])).lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    let wrong = serde_json::json!({"kastell_snapshot": 1, "clusters": [{"unit": 7}]});
    assert!(!validator.is_valid(&wrong));
}
