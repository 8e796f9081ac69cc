//! Every question that is asked of one object, and its answer.

use crate::evaluate::{Evaluation, GapEntry};
use crate::exceptions::{Excepted, Exceptions};
use crate::fold::{Entry, Folder, Report};
use crate::selection::Selection;
use crate::settings::Settings;
use kastell_analysis::Facts;
use kastell_controls::{Check, Control, Parts};
use kastell_model::{Finding, Outcome, Status};

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
        let outcome = match control.check {
            Check::Manual(_) => continue,
            Check::Cluster(_) => of_cluster(control.evaluate_cluster(facts, parameters.as_ref()), object),
            _ => control.evaluate(&parts, facts, parameters.as_ref()),
        };
        let (status, passed) = (outcome.status(), outcome.passed);
        let mut folder = Folder::new(selection.controls().len());
        let mut entry = Entry::new(facts, object, found, &parts, &exceptions).shipped(settings.exceptions);
        folder.add(number, control, &mut entry, outcome, settings.now);
        let Evaluation { findings, excepted, gaps, .. } = report.unfold(folder);
        out.push(Answer { control, status, passed, findings, excepted, gaps });
    }
    out
}

/// What a cluster control says of this object alone.
fn of_cluster(entries: Vec<kastell_controls::ClusterEntry>, object: u32) -> Outcome {
    let mut sum = Outcome::default();
    for entry in entries.into_iter().filter(|e| e.object == object) {
        sum.passed += entry.outcome.passed;
        sum.hits.extend(entry.outcome.hits);
        sum.gaps.extend(entry.outcome.gaps);
    }
    sum
}
