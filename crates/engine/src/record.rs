//! What is kept of an evaluation, so that it can be compared like one that was read from a report.

use crate::evaluate::Evaluation;
use crate::selection::Selection;
use kastell_analysis::Facts;
use kastell_model::record::{Record, RecordedFinding, RecordedGap, RecordedRule};
use kastell_model::yaml::Value;
use kastell_model::{Date, Object, ObjectKey, RuleId, identity};
use rustc_hash::FxHasher;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

/// What is kept of `evaluation`. `incomplete`: something was not read, or is missing for another reason.
pub fn record(facts: &Facts, selection: &Selection, evaluation: &Evaluation, now: Date, incomplete: bool) -> Record {
    Record {
        release: env!("CARGO_PKG_VERSION").into(),
        now: now.to_string().into(),
        objects: u32::try_from(facts.cluster().objects().len()).unwrap_or(u32::MAX),
        rules: selection
            .controls()
            .map(|c| RecordedRule { id: RuleId(c.id.into()), title: c.title.into(), since: Some(c.since.into()) })
            .collect(),
        subjects: Some(evaluation.subjects.clone()),
        contents: Some(contents(facts)),
        findings: evaluation.findings.iter().map(RecordedFinding::of).collect(),
        excepted: evaluation.excepted.iter().map(|e| RecordedFinding::of(&e.finding)).collect(),
        gaps: evaluation
            .gaps
            .iter()
            .map(|g| RecordedGap {
                rule: Some(g.rule.clone()),
                subject: Some(g.subject.clone()),
                reason: g.reason,
                detail: g.detail.clone(),
            })
            .collect(),
        incomplete: incomplete || evaluation.incomplete_gaps().next().is_some(),
    }
}

/// A digest of what each object says that is its own subject. Pods of a controller come and go.
fn contents(facts: &Facts) -> BTreeMap<ObjectKey, u64> {
    let mut out: BTreeMap<ObjectKey, u64> = BTreeMap::new();
    for (index, object) in (0_u32..).zip(facts.cluster().objects()) {
        if facts.owners().subject(index).is_some_and(|s| s.key == object.key) {
            // Copies of one identity count together, in whatever order they were read.
            let sum = out.entry(object.key.clone()).or_default();
            *sum = sum.wrapping_add(content(object));
        }
    }
    out
}

/// What users say in an object: all but `status`, and of the metadata labels and annotations alone.
fn content(object: &Object) -> u64 {
    let mut entries: Vec<(String, u128)> = Vec::new();
    let mut add = |at: &str, v: Value<'_>| entries.push((at.to_string(), identity::content_hash(v)));
    for (key, v) in object.root().entries() {
        match key {
            "status" | "apiVersion" | "kind" => {}
            "metadata" => {
                v.get("labels").into_iter().for_each(|l| add("labels", l));
                for (key, v) in v.get("annotations").into_iter().flat_map(|a| a.entries()) {
                    if !WRITTEN_BY_SERVERS.contains(&key) {
                        add(&format!("annotations/{key}"), v);
                    }
                }
            }
            _ => add(key, v),
        }
    }
    entries.sort();
    let mut h = FxHasher::default();
    entries.hash(&mut h);
    h.finish()
}

/// Annotations that controllers and clients keep their own books in.
const WRITTEN_BY_SERVERS: [&str; 3] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "control-plane.alpha.kubernetes.io/leader",
];
