//! A baseline: what an earlier run found counts as known, so that only what is new is shown and fails the run.
//!
//! Known is what has its counterpart in the baseline's multiset of fingerprints. What was excepted there is not known: it
//! was accepted for as long as the exception holds. Findings of a control that the baseline's release did not have are
//! new, and marked: like controls newer than `--as-of` they fail no run.

use crate::diff::{Item, diff};
use crate::evaluate::Evaluation;
use crate::selection::{Selection, parse_release};
use crate::standing::{Side, Standing, current};
use kastell_model::record::{Record, RecordedFinding};
use kastell_model::{Finding, RuleId};
use std::collections::BTreeSet;

/// What an evaluation has to do with a baseline.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Findings that the baseline has too, sorted like those that are left.
    pub known: Vec<Finding>,
    /// Findings of the baseline that are no more, each with the number of its copies and what this run says about it.
    pub gone: Vec<(RecordedFinding, u32, Standing)>,
    /// Controls of this run that the baseline's release did not have.
    pub new_controls: BTreeSet<RuleId>,
    /// Controls of this run that the baseline's release had and that its run did not ask.
    pub not_asked: BTreeSet<RuleId>,
}

impl Evaluation {
    /// Leaves in `findings` what `baseline` does not have, and says what became of the rest.
    pub fn compare(&mut self, selection: &Selection, baseline: &Record) {
        let keys = |fingerprint, message, unit| {
            [(fingerprint, Some(message), Some(unit)), (fingerprint, Some(message), None), (fingerprint, None, None)]
        };
        let before = baseline.findings.iter().map(|f| Item {
            keys: keys(f.fingerprint, &*f.message, &*f.subject.unit),
            weight: f.copies,
            value: f,
        });
        let numbers: Vec<usize> = (0..self.findings.len()).collect();
        let after = self.findings.iter().zip(&numbers).map(|(f, number)| Item {
            keys: keys(f.fingerprint, &*f.message, &*f.subject.key.unit),
            weight: f.copies(),
            value: number,
        });
        let found = diff(&before.collect::<Vec<_>>(), &after.collect::<Vec<_>>());
        let side = Side::of_evaluation(self, selection);
        let gone = found.gone.into_iter().map(|(f, copies)| (f.clone(), copies, side.of_finding(f))).collect();
        let new: BTreeSet<usize> = found.new.into_iter().map(|(number, _)| *number).collect();
        let mut known = Vec::new();
        for (number, f) in std::mem::take(&mut self.findings).into_iter().enumerate() {
            if new.contains(&number) { self.findings.push(f) } else { known.push(f) }
        }
        let release = parse_release(&baseline.release);
        let asked: BTreeSet<&str> = baseline.rules.iter().map(|r| current(&r.id)).collect();
        let others = selection.controls().filter(|c| !asked.contains(c.id));
        let (newer, older): (Vec<_>, Vec<_>) = others.partition(|c| parse_release(c.since) > release);
        let ids = |controls: Vec<&kastell_controls::Control>| controls.iter().map(|c| RuleId(c.id.into())).collect();
        self.baseline = Some(Compared { known, gone, new_controls: ids(newer), not_asked: ids(older) });
    }

    /// Whether a finding of `rule` can fail the run: not where the baseline's release did not have the control.
    pub fn can_fail(&self, rule: &RuleId) -> bool {
        self.baseline.as_ref().is_none_or(|b| !b.new_controls.contains(rule))
    }
}
