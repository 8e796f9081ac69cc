//! What a run comes to: clean, findings, or incomplete.

use crate::evaluate::Evaluation;
use kastell_model::{Confidence, Finding, Severity};

/// What a run comes to. Findings win over incompleteness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything was read, and nothing at or above the threshold was found.
    Clean,
    /// At least one finding at or above the threshold.
    Findings,
    /// Something could not be read or decided, so that "clean" would be a guess.
    Incomplete,
}

/// The verdict of an evaluation. `reading_was_complete`: no gap of the first kind arose while reading.
pub fn verdict(
    evaluation: &Evaluation,
    fail_on: Option<Severity>,
    min_confidence: Confidence,
    reading_was_complete: bool,
) -> Verdict {
    let counts = |s: Severity| fail_on.is_some_and(|f| s >= f);
    let fails = |f: &Finding| counts(f.severity) && f.confidence >= min_confidence && evaluation.can_fail(&f.rule);
    if evaluation.findings.iter().any(fails) {
        Verdict::Findings
    } else if !reading_was_complete || evaluation.incomplete_gaps().next().is_some() {
        Verdict::Incomplete
    } else {
        Verdict::Clean
    }
}
