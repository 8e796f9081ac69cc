//! Levels, versions and the labels of namespaces.

use crate::pod_security::{Level, LevelVersion, NamespacePolicy, Version};
use kastell_model::Cluster;

fn namespace(labels: &str) -> Cluster {
    kastell_testkit::cluster(&format!(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  labels: {{{labels}}}\n"
    ))
}

/// Enforce, audit, warn (`-` where open), and the problems.
fn read(labels: &str) -> (String, Vec<String>) {
    let cluster = namespace(labels);
    let object = cluster.objects().first().expect("a namespace");
    let (policy, problems) = NamespacePolicy::from_labels(object.metadata().and_then(|m| m.field("labels")));
    let word = |p: Option<LevelVersion>| p.map_or("-".to_string(), |p| p.to_string());
    let modes = [policy.enforce, policy.audit, policy.warn].map(word).join(" ");
    (modes, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn versions_are_latest_or_v1_with_a_plain_number() {
    for (text, version) in [("latest", Version::Latest), ("v1.0", Version::V(0)), ("v1.10000", Version::V(10000))] {
        assert_eq!(text.parse(), Ok(version));
        assert_eq!(version.to_string(), text);
    }
    for text in
        ["", "1.34", "v1", "v1.", "v2.0", "v1.01", "v1.-1", "v1.+1", "v1.1.1", "Latest", " v1.1", "v1.99999999999"]
    {
        assert!(text.parse::<Version>().is_err(), "{text:?}");
    }
    assert!(Level::Privileged < Level::Baseline && Level::Baseline < Level::Restricted);
}

#[test]
fn a_flag_names_a_level_and_a_version() {
    let read = |s: &str| s.parse::<LevelVersion>().map(|p| p.to_string());
    assert_eq!(read("restricted:v1.34").as_deref(), Ok("restricted:v1.34"));
    assert_eq!(read("baseline").as_deref(), Ok("baseline:latest"));
    assert_eq!(
        read("strict:v1.34").unwrap_err(),
        "`strict` in `strict:v1.34` must be one of privileged, baseline, restricted; write for example \
         `restricted:v1.34` or `baseline:latest`"
    );
    assert!(read("baseline:1.34").unwrap_err().contains(r#"must be "latest" or "v1.x""#));
}

#[test]
fn labels_set_the_three_modes() {
    const K: &str = "pod-security.kubernetes.io/";
    let cases: &[(&str, &str)] = &[
        ("", "- - -"),
        ("app: x", "- - -"),
        ("{K}enforce: baseline", "baseline:latest - baseline:latest"),
        ("{K}enforce: baseline, {K}enforce-version: v1.30", "baseline:v1.30 - baseline:v1.30"),
        ("{K}enforce: baseline, {K}enforce-version: v1.30, {K}warn-version: v1.31", "baseline:v1.30 - baseline:v1.31"),
        ("{K}enforce: baseline, {K}warn: restricted", "baseline:latest - restricted:latest"),
        ("{K}enforce: restricted, {K}warn: privileged", "restricted:latest - privileged:latest"),
        ("{K}audit: restricted, {K}audit-version: v1.20", "- restricted:v1.20 -"),
        ("{K}enforce-version: v1.20", "- - -"),
    ];
    for (labels, modes) in cases {
        assert_eq!(read(&labels.replace("{K}", K)), (modes.to_string(), vec![]), "{labels}");
    }
}

#[test]
fn invalid_labels_fall_back_and_are_told() {
    const K: &str = "pod-security.kubernetes.io/";
    let cases: &[(&str, &str, &str)] = &[
        (
            "{K}enforce: strict",
            "restricted:latest - -",
            "metadata.labels[{K}enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted",
        ),
        (
            "{K}audit: Baseline",
            "- privileged:latest -",
            "metadata.labels[{K}audit]: Invalid value: \"Baseline\": must be one of privileged, baseline, restricted",
        ),
        (
            "{K}enforce: baseline, {K}warn: ''",
            "baseline:latest - privileged:latest",
            "metadata.labels[{K}warn]: Invalid value: \"\": must be one of privileged, baseline, restricted",
        ),
        (
            "{K}enforce: baseline, {K}enforce-version: '1.20'",
            "baseline:latest - baseline:latest",
            "metadata.labels[{K}enforce-version]: Invalid value: \"1.20\": must be \"latest\" or \"v1.x\"",
        ),
        ("{K}enforces: baseline", "- - -", "`{K}enforces` is no label that Pod Security knows, so it has no effect"),
        ("{K}enforce: true", "- - -", "the label `{K}enforce` is not a string"),
    ];
    for (labels, modes, problem) in cases {
        let expected = (modes.to_string(), vec![problem.replace("{K}", K)]);
        assert_eq!(read(&labels.replace("{K}", K)), expected, "{labels}");
    }
}
