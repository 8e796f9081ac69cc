//! Every question that is asked of one object, and its answer.

use crate::selection::Selection;
use kastell_analysis::Facts;
use kastell_controls::{Check, Control, Parts};
use kastell_model::{Outcome, Status};

/// The answer of one control about one object.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The control.
    pub control: &'static Control,
    /// Its status.
    pub status: Status,
    /// What it rests on.
    pub outcome: Outcome,
}

/// The answers of every selected control about the object with this index, in the order of ids.
pub fn answers(facts: &Facts, selection: &Selection, object: u32) -> Vec<Answer> {
    let Some(found) = facts.cluster().objects().get(object as usize) else { return Vec::new() };
    let parts = Parts::of(found);
    let mut out = Vec::new();
    for (control, parameters) in selection.with_parameters() {
        let outcome = match control.check {
            Check::Manual(_) => continue,
            Check::Cluster(_) => {
                let mut sum = Outcome::default();
                for entry in control.evaluate_cluster(facts, parameters.as_ref()) {
                    if entry.object == object {
                        sum.passed += entry.outcome.passed;
                        sum.hits.extend(entry.outcome.hits);
                        sum.gaps.extend(entry.outcome.gaps);
                    }
                }
                sum
            }
            _ => control.evaluate(&parts, facts, parameters.as_ref()),
        };
        out.push(Answer { control, status: outcome.status(), outcome });
    }
    out
}
