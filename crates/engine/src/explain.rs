//! Every question that is asked of one object, and its answer.

use crate::evaluate::{Evaluation, GapEntry};
use crate::exceptions::{Excepted, Exceptions};
use crate::fold::{Entry, Folder, Report};
use crate::selection::Selection;
use crate::settings::Settings;
use kastell_analysis::Facts;
use kastell_controls::{Check, ClusterEntry, Control, Parts};
use kastell_model::{Finding, Object, Outcome, Status};

/// The answer of one control about one object.
#[derive(Debug)]
pub struct Answer {
    /// The control.
    pub control: &'static Control,
    /// Its status.
    pub status: Status,
    /// Parts that passed.
    pub passed: u32,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is wrong and accepted.
    pub excepted: Vec<Excepted>,
    /// What was not decided.
    pub gaps: Vec<GapEntry>,
}

/// The answers of every selected control about the object with this index, in the order of ids.
pub fn answers(facts: &Facts, selection: &Selection, object: u32, settings: &Settings) -> Vec<Answer> {
    let objects = facts.cluster().objects();
    let Some(found) = objects.get(object as usize) else { return Vec::new() };
    let exceptions = Exceptions::collect(objects, settings);
    let report = Report { facts, selection, exceptions: &exceptions, settings };
    let parts = Parts::of(found);
    let mut out = Vec::new();
    for ((control, parameters), number) in selection.with_parameters().iter().zip(0_u16..) {
        let entries = match control.check {
            Check::Manual(_) => continue,
            Check::Cluster(_) => about(control.evaluate_cluster(facts, parameters.as_ref()), object, found),
            _ => vec![own(object, control.evaluate(&parts, facts, parameters.as_ref()))],
        };
        let status = entries.iter().map(|e| e.outcome.status()).fold(Status::NotApplicable, Status::worst);
        let passed = entries.iter().map(|e| e.outcome.passed).sum();
        let mut folder = Folder::new(selection.controls().len());
        for entry in entries {
            // What is said of a namespace may be shown at one of its objects.
            let Some(at) = objects.get(entry.object as usize) else { continue };
            let parts = Parts::of(at);
            let mut place = Entry::new(facts, entry.object, at, &parts, &exceptions).shipped(settings.exceptions);
            place.about = entry.subject;
            folder.add(number, control, &mut place, entry.outcome, settings.now);
        }
        let Evaluation { findings, excepted, gaps, .. } = report.unfold(folder);
        out.push(Answer { control, status, passed, findings, excepted, gaps });
    }
    out
}

fn own(object: u32, outcome: Outcome) -> ClusterEntry {
    ClusterEntry { object, subject: None, outcome }
}

/// What a cluster control says about this object: not what it shows here and says about another one.
fn about(entries: Vec<ClusterEntry>, object: u32, found: &Object) -> Vec<ClusterEntry> {
    let concerns = |e: &ClusterEntry| match &e.subject {
        Some(subject) => *subject == found.key,
        None => e.object == object,
    };
    entries.into_iter().filter(concerns).collect()
}
