use super::*;
use crate::style::Style;

const SEVERITIES: [Severity; 5] = Severity::ALL;

/// `n` clusters and `rows` controls; the first cluster fails every third control alone.
fn fleet(n: usize, rows: usize) -> FleetReport {
    let cluster = |i: usize| FleetCluster {
        name: format!("cluster-{i:02}-of-a-company-with-long-names").into(),
        uid: Some(format!("{i:08}-0000").into()),
        source: format!("snapshots/{i}.snapshot").into(),
        seen: Some("2026-11-01T10:00:00Z".into()),
        kubernetes_version: format!("1.{}", 30 + i % 4).into(),
        objects: 1000,
        incomplete: i % 7 == 3,
    };
    let row = |r: usize| {
        let cells: Vec<Option<Counts>> = (0..n)
            .map(|c| {
                let fail = if r.is_multiple_of(3) { u32::from(c == 0) } else { u32::try_from(c * r).unwrap() };
                (c != 5).then_some(Counts { pass: 1, fail, unknown: u32::from(r == 1), not_applicable: 0 })
            })
            .collect();
        let fail = u32::try_from(cells.iter().flatten().filter(|c| c.fail > 0).count()).unwrap();
        FleetRow {
            id: format!("control-{r}").into(),
            title: "Something is so".into(),
            ring: "workloads".into(),
            severity: SEVERITIES[r % 5],
            objects: cells.iter().flatten().map(|c| u64::from(c.fail)).sum(),
            cells,
            fail,
            unknown: 0,
            pass: 1,
        }
    };
    FleetReport {
        version: "0.1.0".into(),
        now: "2026-11-24".into(),
        stale_after: 14,
        clusters: (0..n).map(cluster).collect(),
        rows: (0..rows).map(row).collect(),
        outliers: (0..rows)
            .filter(|r| r.is_multiple_of(3))
            .map(|row| FleetOutlier { cluster: 0, row, fails: true, others: 9, of: 9 })
            .chain((0..n).map(|cluster| FleetOutlier { cluster, row: 1, fails: false, others: 9, of: 9 }))
            .collect(),
        stale: (0..n).collect(),
        superseded: vec![("old.snapshot".into(), "cluster-01".into())],
        problems: (0..n / 4).map(|i| (format!("broken-{i}").into(), "it is \u{1b}[31mcut off".into())).collect(),
        skipped: 3,
    }
}

#[test]
fn a_screenful_is_enough_for_any_fleet() {
    for (n, rows) in [(0, 0), (1, 5), (3, 200), (8, 40), (9, 40), (60, 230), (500, 230)] {
        for width in [60, 80, 120, 160] {
            let style = Style { width, ..Style::default() };
            let text = fleet_terminal(&fleet(n, rows), &style);
            assert!(text.lines().count() <= 60, "{n} clusters: {} lines\n{text}", text.lines().count());
            let widest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(widest <= width.max(90), "{n} clusters in {width} columns: {widest}\n{text}");
        }
    }
}

#[test]
fn what_steers_a_terminal_is_replaced() {
    let text = fleet_terminal(&fleet(8, 4), &Style::default());
    assert!(text.contains("problem: broken-0: it is \u{fffd}[31mcut off"), "{text}");
}

#[test]
fn few_clusters_have_a_column_each_and_many_are_counted() {
    let few = fleet_terminal(&fleet(3, 5), &Style { width: 120, ..Style::default() });
    assert!(few.contains("cluster-00-") && !few.contains("fails in"), "{few}");
    let many = fleet_terminal(&fleet(60, 5), &Style { width: 120, ..Style::default() });
    assert!(many.contains("fails in") && many.contains("58/60"), "{many}");
    assert!(many.contains("cluster-59-of-a-company-wit... (59)"), "{many}");
}

#[test]
fn without_a_bound_of_height_nothing_is_left_out() {
    let style = Style { height: None, ..Style::default() };
    let text = fleet_terminal(&fleet(60, 230), &style);
    assert!(text.contains("control-229") && !text.contains("more control"), "{text}");
}

#[test]
fn names_start_no_markup() {
    let mut fleet = fleet(2, 4);
    fleet.clusters[0].name = "a|b <script> [x](y)".into();
    let text = fleet_markdown(&fleet);
    assert!(text.contains(r"a\|b &lt;script> \[x\](y)") && !text.contains("<script"), "{text}");
}

#[test]
fn clusters_with_one_name_are_told_apart_by_their_uid() {
    let mut fleet = fleet(2, 1);
    fleet.clusters[1].name = fleet.clusters[0].name.clone();
    assert!(fleet.label(1).ends_with("(00000001)"), "{}", fleet.label(1));
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&fleet_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for n in [0, 1, 9] {
        let mut out = Vec::new();
        fleet_json(&fleet(n, 7), &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"fleet_schema_version": "1"})));
}

const REPORT: &str = r#"{
  "schema_version": 1,
  "tool": {"name": "kastell", "version": "0.1.0"},
  "run": {"kubernetes_version": "1.37", "now": "2026-11-24", "new": 1},
  "read": {"objects": 7, "clusters": [{"unit": "prod", "uid": "u", "read_at": "2026-11-23", "kinds": []}]},
  "incomplete": false,
  "rules": [{"id": "r", "title": "t", "ring": "network", "severity": "low",
             "counts": {"pass": 1, "fail": 2, "unknown": 3, "not_applicable": 4}}],
  "findings": [{"whatever": true}]
}"#;

#[test]
fn the_counts_of_a_report_are_read_and_its_findings_are_not() {
    assert!(is_report(REPORT.as_bytes()));
    let read = summary(REPORT.as_bytes()).unwrap();
    assert_eq!((&*read.clusters[0].unit, read.clusters[0].uid.as_deref(), read.objects), ("prod", Some("u"), 7));
    assert_eq!(read.rules[0].counts, Counts { pass: 1, fail: 2, unknown: 3, not_applicable: 4 });
    let of_files = REPORT.replace(
        r#""objects": 7, "clusters": [{"unit": "prod", "uid": "u", "read_at": "2026-11-23", "kinds": []}]"#,
        r#""objects": 7"#,
    );
    assert!(summary(of_files.as_bytes()).unwrap().clusters.is_empty());
}

#[test]
fn what_is_no_report_or_a_later_or_damaged_one_is_told_apart() {
    for other in [
        "",
        "{}",
        "[1]",
        "apiVersion: v1",
        r#"{"schema_version": 1, "tool": {"name": "other"}}"#,
        r#"{"schema_version": 1}"#,
    ] {
        assert_eq!(summary(other.as_bytes()).unwrap_err(), SummaryError::NotAReport, "{other}");
    }
    let newer = REPORT.replace("\"schema_version\": 1", "\"schema_version\": 2").replace("0.1.0", "9.0.0");
    let said = summary(newer.as_bytes()).unwrap_err().to_string();
    assert!(said.contains("written by a later kastell (9.0.0)") && said.contains("version 2"), "{said}");
    for end in [REPORT.len() - 1, REPORT.len() / 2] {
        assert!(matches!(summary(&REPORT.as_bytes()[..end]), Err(SummaryError::Damaged { .. })), "{end}");
    }
    let odd = REPORT.replace("\"objects\": 7", "\"objects\": \"hunter2\"");
    assert!(!summary(odd.as_bytes()).unwrap_err().to_string().contains("hunter2"));
}
