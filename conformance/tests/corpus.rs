//! Manifests of public repositories: the gate that keeps severities honest, and the account of what was read.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what it found, and ends where its own preparations fail"
)]

use kastell_analysis::Facts;
use kastell_conformance::data::{Data, VARIABLE};
use kastell_engine::{Evaluation, ExceptionPolicy, Selection, Settings, evaluate};
use kastell_model::views::PodView;
use kastell_model::{Confidence, Date, ObjectKey, Severity, SkipReason};
use kastell_sources::{Loaded, Progress, Request, load};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Repositories that are vulnerable on purpose.
const VULNERABLE: [&str; 3] = ["BishopFox__badPods", "madhuakula__kubernetes-goat", "controlplaneio__simulator"];

/// The folders of the corpus, sorted; none where the data is not at hand.
fn folders() -> Option<Vec<PathBuf>> {
    let Some(data) = Data::from_environment() else {
        println!("the corpus was not read: {VARIABLE} does not name its data");
        return None;
    };
    let entries = std::fs::read_dir(data.path("corpus")).expect("the data has a corpus");
    let mut folders: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    Some(folders)
}

fn read(folders: &[PathBuf]) -> Loaded {
    let paths = folders.iter().map(|p| p.to_str().unwrap().to_string()).collect();
    load(&Request { paths, ..Request::default() }, &Progress::default()).unwrap()
}

fn files_below(folder: &Path) -> u32 {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.map(|p| if p.is_dir() { files_below(&p) } else { 1 }).sum()
}

#[test]
fn every_file_is_read_or_skipped_with_a_reason() {
    let Some(folders) = folders() else { return };
    let loaded = read(&folders);
    let given: u32 = folders.iter().map(|f| files_below(f)).sum();
    let failed: BTreeSet<_> = loaded.diagnostics.iter().filter(|d| d.labels.is_empty()).map(|d| &d.path).collect();
    println!(
        "{given} files given, {} found, {} read, {} failed, {} documents, {} objects, skipped {:?}",
        loaded.files,
        loaded.files_read,
        failed.len(),
        loaded.documents,
        loaded.cluster.objects().len(),
        loaded.skipped
    );
    assert_eq!(loaded.files, given, "files that were found and files that are there");
    let of_documents =
        [SkipReason::Empty, SkipReason::NotKubernetes, SkipReason::Kustomization, SkipReason::Configuration]
            .map(SkipReason::name);
    let unread: u32 = loaded.skipped.iter().filter(|(r, _)| !of_documents.contains(r)).map(|(_, n)| n).sum();
    assert_eq!(loaded.files_read + unread + u32::try_from(failed.len()).unwrap(), loaded.files, "{:?}", loaded.skipped);
}

#[test]
fn severe_findings_are_rare_and_the_median_workload_has_few_entries() {
    let Some(mut folders) = folders() else { return };
    folders.retain(|f| !VULNERABLE.iter().any(|v| f.ends_with(v)));
    let loaded = read(&folders);
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let evaluation =
        evaluate(&facts, &Selection::all(), &Settings::new(ExceptionPolicy::All, Date::from_unix_seconds(0)));
    let objects = loaded.cluster.objects();
    let workloads: BTreeSet<&ObjectKey> =
        objects.iter().filter(|o| !PodView::all(o).is_empty()).map(|o| &o.key).collect();
    let severe = severe(&evaluation, &workloads);
    let mut entries: Vec<usize> = entries(&evaluation, &workloads).into_values().collect();
    entries.resize(workloads.len(), 0);
    entries.sort_unstable();
    let median = entries[entries.len() / 2];
    let share = severe.len() * 1000 / workloads.len();
    println!(
        "{} workloads, {} with a critical or high finding: {}.{} %; median {median} entries",
        workloads.len(),
        severe.len(),
        share / 10,
        share % 10
    );
    for (title, counts) in [
        ("critical and high", by_rule(&evaluation, &workloads, Severity::High)),
        ("default view", by_rule(&evaluation, &workloads, Severity::Medium)),
    ] {
        println!("{title}: workloads by rule");
        for (count, rule) in counts.into_iter().take(15) {
            println!("  {count:>5} {rule}");
        }
    }
    assert!(share <= 150, "critical and high findings touch {} of {} workloads", severe.len(), workloads.len());
    assert!(median <= 3, "the median workload has {median} entries");
}

/// The workloads with a critical or high finding, however sure.
fn severe<'a>(evaluation: &'a Evaluation, workloads: &BTreeSet<&ObjectKey>) -> BTreeSet<&'a ObjectKey> {
    let findings = evaluation.findings.iter().filter(|f| f.severity >= Severity::High);
    findings.map(|f| &f.subject.key).filter(|k| workloads.contains(k)).collect()
}

fn is_hardening(rule: &str) -> bool {
    kastell_controls::find(rule).is_some_and(|c| c.hardening)
}

/// Entries of the default view by workload: one for each rule and severity, one for all missing hardening fields together.
fn entries<'a>(evaluation: &'a Evaluation, workloads: &BTreeSet<&ObjectKey>) -> BTreeMap<&'a ObjectKey, usize> {
    let shown = evaluation
        .findings
        .iter()
        .filter(|f| f.severity >= Severity::Medium && f.confidence >= Confidence::Medium)
        .filter(|f| workloads.contains(&f.subject.key));
    let distinct: BTreeSet<(&ObjectKey, Option<(&str, Severity)>)> =
        shown.map(|f| (&f.subject.key, (!is_hardening(&f.rule.0)).then_some((&*f.rule.0, f.severity)))).collect();
    let mut counts = BTreeMap::new();
    for (key, _) in distinct {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// How many workloads each rule touches at `least` or worse, most first.
fn by_rule(evaluation: &Evaluation, workloads: &BTreeSet<&ObjectKey>, least: Severity) -> Vec<(usize, String)> {
    let mut rules: BTreeMap<&str, BTreeSet<&ObjectKey>> = BTreeMap::new();
    let shown = evaluation.findings.iter().filter(|f| f.severity >= least && workloads.contains(&f.subject.key));
    for f in shown.filter(|f| least > Severity::Medium || f.confidence >= Confidence::Medium) {
        rules.entry(&f.rule.0).or_default().insert(&f.subject.key);
    }
    let mut counts: Vec<(usize, String)> = rules.into_iter().map(|(r, k)| (k.len(), r.to_string())).collect();
    counts.sort_by(|a, b| b.cmp(a));
    counts
}
