//! Rules of the engine itself: what it has to say about exceptions. They are findings like any other.

use kastell_model::Severity;

/// A rule that no control answers.
#[derive(Clone, Copy, Debug)]
pub struct EngineRule {
    /// Its id.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// Why it is reported.
    pub docs: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// How bad.
    pub severity: Severity,
}

/// An exception that matched nothing.
pub(crate) const STALE: EngineRule = EngineRule {
    id: "stale-exception",
    title: "Exception matches no finding",
    docs: "An exception that excuses nothing hides the next finding that happens to match it.",
    fix: "Remove the exception, or correct the id or the place that it names.",
    severity: Severity::Low,
};

/// An exception past its day.
pub(crate) const EXPIRED: EngineRule = EngineRule {
    id: "expired-exception",
    title: "Exception has expired",
    docs: "The day until which the finding was accepted has passed, so the finding counts again.",
    fix: "Mend the finding, or accept it again with a new reason and a new day.",
    severity: Severity::Medium,
};

/// An exception that says too little or something impossible.
pub(crate) const INVALID: EngineRule = EngineRule {
    id: "invalid-exception",
    title: "Exception cannot be read",
    docs: "An exception names at least one rule in brackets and gives a reason; one that does not excuses nothing.",
    fix: "Write `# kastell: ignore[rule-id] reason until YYYY-MM-DD`; the day may be left out.",
    severity: Severity::Medium,
};

/// An expected gap that does not occur.
pub(crate) const STALE_EXPECTED: EngineRule = EngineRule {
    id: "stale-expected-unknown",
    title: "Expected gap does not occur any more",
    docs: "The configuration lists something as unknown that is not: the entry would hide the next gap that happens to match it.",
    fix: "Remove the entry of `expectUnknown`, or correct the control or the object that it names.",
    severity: Severity::Low,
};

/// All rules of the engine.
pub const ENGINE_RULES: [EngineRule; 4] = [STALE, EXPIRED, INVALID, STALE_EXPECTED];
