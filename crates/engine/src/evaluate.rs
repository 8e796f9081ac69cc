//! Evaluation: every selected control on every object, on all cores.

use crate::baseline::Compared;
use crate::exceptions::{Excepted, ExceptionUse, Exceptions};
use crate::fold::{Entry, Folder, Folding, GapKey, Report};
use crate::selection::Selection;
use crate::settings::Settings;
use kastell_analysis::Facts;
use kastell_controls::{Check, Parts};
use kastell_model::record::SubjectAnswers;
use kastell_model::{Finding, GapReason, ObjectKey, Place, RuleId, Status, Str};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// For one control, how many objects gave which status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ControlCount {
    /// Objects with a finding.
    pub fail: u32,
    /// Objects without a finding and with a gap.
    pub unknown: u32,
    /// Objects that passed.
    pub pass: u32,
}

impl ControlCount {
    pub(crate) fn add(&mut self, status: Status) {
        match status {
            Status::Fail => self.fail += 1,
            Status::Unknown => self.unknown += 1,
            Status::Pass => self.pass += 1,
            Status::NotApplicable => {}
        }
    }
}

/// Something that was not decided, folded like findings.
#[derive(Clone, Debug)]
pub struct GapEntry {
    /// The rule that asked.
    pub rule: RuleId,
    /// Why.
    pub reason: GapReason,
    /// About whom.
    pub subject: ObjectKey,
    /// Where.
    pub at: Place,
    /// A sentence.
    pub detail: Str,
    /// How many equal gaps were folded.
    pub count: u32,
    /// Why the configuration expects it, where it does: then it does not make a run incomplete.
    pub expected: Option<Str>,
}

impl GapEntry {
    /// Whether the gap makes a run incomplete.
    pub fn is_incomplete(&self) -> bool {
        self.expected.is_none() && self.reason.is_incomplete()
    }
}

/// How long the parts of an evaluation took, as the wall clock saw it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Facts about the whole.
    pub facts: Duration,
    /// Checks and folding of hits.
    pub checks: Duration,
    /// Findings from folded hits, sorted.
    pub folding: Duration,
}

/// What an evaluation gives.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// The findings, worst first, then by subject, rule and place.
    pub findings: Vec<Finding>,
    /// What was not decided, sorted.
    pub gaps: Vec<GapEntry>,
    /// What was found and excepted.
    pub excepted: Vec<Excepted>,
    /// Every exception that counts in this run, and what became of it: those of the manifests, then the configuration's.
    pub exceptions: Vec<ExceptionUse>,
    /// Counts by control, in the order of the selection.
    pub counts: Vec<(&'static str, ControlCount)>,
    /// What every control said of every subject, sorted; statuses in the order of the selection.
    pub subjects: Vec<SubjectAnswers>,
    /// Hits before folding, excepted ones included.
    pub hits: u64,
    /// Objects with at least one pod or pod template.
    pub workloads: u32,
    /// How long it took.
    pub timings: Timings,
    /// What it has to do with a baseline; `None` where it was compared with none.
    pub baseline: Option<Compared>,
}

/// Evaluates the selected controls on the cluster of `facts`. Deterministic: the number of cores does not show.
pub fn evaluate(facts: &Facts, selection: &Selection, settings: &Settings) -> Evaluation {
    evaluate_by(facts, selection, settings, Folding::BySubject)
}

/// As [`evaluate`], with a finding for every place: an exception has to stand at each of them, also where the objects of
/// one subject say the same.
pub fn evaluate_places(facts: &Facts, selection: &Selection, settings: &Settings) -> Evaluation {
    evaluate_by(facts, selection, settings, Folding::None)
}

fn evaluate_by(facts: &Facts, selection: &Selection, settings: &Settings, folding: Folding) -> Evaluation {
    let start = Instant::now();
    let objects = facts.cluster().objects();
    // Before the work is shared out: every part needs them.
    let _ = (facts.owners(), facts.index());
    let exceptions = Exceptions::collect(objects, settings);
    let after_facts = Instant::now();
    let controls = selection.with_parameters();
    let width = (objects.len() / 64).clamp(16, 512);
    let folders = objects
        .par_chunks(width)
        .enumerate()
        .map(|(n, chunk)| {
            let mut folder = Folder::new(controls.len());
            for (object, i) in chunk.iter().zip(n * width..) {
                let index = u32::try_from(i).unwrap_or(u32::MAX);
                let parts = Parts::of(object);
                folder.workloads += u32::from(!parts.pods.is_empty());
                let mut entry =
                    Entry::new(facts, index, object, &parts, &exceptions).folding(folding).shipped(settings.exceptions);
                folder.answers.count(entry.subject(), index);
                for ((control, parameters), number) in controls.iter().zip(0_u16..) {
                    if control.applies_to(&parts) {
                        let outcome = control.evaluate(&parts, facts, parameters.as_ref());
                        folder.add(number, control, &mut entry, outcome, settings.now);
                    }
                }
            }
            folder
        })
        .collect();
    let mut folder = Folder::of_parts(controls.len(), folders);
    for ((control, parameters), number) in controls.iter().zip(0_u16..) {
        if !matches!(control.check, Check::Cluster(_)) {
            continue;
        }
        for found in control.evaluate_cluster(facts, parameters.as_ref()) {
            let Some(object) = objects.get(found.object as usize) else { continue };
            let parts = Parts { object, pods: Vec::new() };
            let mut entry = Entry::new(facts, found.object, object, &parts, &exceptions).folding(folding);
            entry.about = found.subject;
            folder.add(number, control, &mut entry, found.outcome, settings.now);
        }
    }
    let after_checks = Instant::now();
    let report = Report { facts, selection, exceptions: &exceptions, settings };
    let mut evaluation = report.build(folder);
    evaluation.timings =
        Timings { facts: after_facts - start, checks: after_checks - after_facts, folding: after_checks.elapsed() };
    evaluation
}

impl Evaluation {
    /// The gaps that make a run incomplete.
    pub fn incomplete_gaps(&self) -> impl Iterator<Item = &GapEntry> {
        self.gaps.iter().filter(|g| g.is_incomplete())
    }
}

/// Marks that a key belongs to a gap, not to a hit.
pub(crate) type Gaps = rustc_hash::FxHashMap<GapKey, crate::fold::FoldedGap>;
