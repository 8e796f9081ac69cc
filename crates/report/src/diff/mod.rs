//! The comparison of two runs, for people, programs and pull requests.
//!
//! Owns: the value that holds everything there is to say, and its three forms. Must not know: how runs are compared.

mod json;
mod markdown;
mod terminal;

use kastell_model::record::RecordedFinding;
use kastell_model::{Confidence, GroupKind, ObjectKey, RuleId, Severity, Status, Str};

pub use json::{DIFF_SCHEMA_VERSION, diff_json, diff_json_schema};
pub use markdown::diff_markdown;
pub use terminal::diff_terminal;

/// One of the two runs.
#[derive(Clone, Debug)]
pub struct DiffSide {
    /// What the user named.
    pub name: Str,
    /// Whether it was read from a report, so that its answers are those of another day.
    pub is_report: bool,
    /// The version of kastell that evaluated.
    pub release: Str,
    /// The day of the run, `YYYY-MM-DD`.
    pub now: Str,
    /// How many objects were read.
    pub objects: u32,
    /// Whether something of it was not read or not understood.
    pub incomplete: bool,
}

/// A finding that only one side has.
#[derive(Clone, Debug)]
pub struct DiffFinding<'a> {
    /// The finding.
    pub finding: &'a RecordedFinding,
    /// How many of its copies only this side has.
    pub copies: u32,
    /// What the other side says about it.
    pub other: Other,
    /// Whether it fails the run; never where it is gone.
    pub fails: bool,
}

/// What the other side says about a finding that it does not have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Other {
    /// It asked, and does not have the finding.
    Answered,
    /// The subject is not among what it read.
    NoObject,
    /// It has the finding, and somebody accepted it there.
    Excepted,
    /// It could not decide.
    Undecided,
    /// It did not ask the rule, though its release had it.
    NotAsked,
    /// Its release did not have the rule.
    NewControl,
}

impl Other {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Other::Answered => "answered",
            Other::NoObject => "no-object",
            Other::Excepted => "excepted",
            Other::Undecided => "undecided",
            Other::NotAsked => "not-asked",
            Other::NewControl => "new-control",
        }
    }

    /// A few words about a finding that is new; nothing for the ordinary case.
    pub(crate) fn of_new(self) -> &'static str {
        match self {
            Other::Answered => "",
            Other::NoObject => "new object",
            Other::Excepted => "was excepted",
            Other::Undecided => "was undecided",
            Other::NotAsked => "was not asked",
            Other::NewControl => "new control",
        }
    }

    /// A few words about a finding that is gone.
    pub(crate) fn of_gone(self) -> &'static str {
        match self {
            Other::Answered => "fixed",
            Other::NoObject => "object gone",
            Other::Excepted => "excepted now",
            Other::Undecided => "undecided now",
            Other::NotAsked | Other::NewControl => "not asked now",
        }
    }
}

/// A finding that both sides have and that is not the same in both.
#[derive(Clone, Debug)]
pub struct DiffPair<'a> {
    /// As it was.
    pub before: &'a RecordedFinding,
    /// As it is.
    pub after: &'a RecordedFinding,
    /// The stable names of what differs.
    pub changed: Vec<&'static str>,
}

/// Subjects about which a rule is answered differently in the same way and for the same reason.
#[derive(Clone, Debug)]
pub struct DiffAnswers<'a> {
    /// The rule.
    pub rule: &'a RuleId,
    /// What a finding of it means.
    pub title: &'a str,
    /// The answer of the first side.
    pub before: Status,
    /// The answer of the second.
    pub after: Status,
    /// What the side that found or doubted something said; may be empty.
    pub cause: String,
    /// The subjects, sorted.
    pub subjects: Vec<&'a ObjectKey>,
}

/// How the objects of a kind differ.
#[derive(Clone, Debug)]
pub struct DiffKind {
    /// The kind.
    pub kind: GroupKind,
    /// Only in the second side.
    pub added: u32,
    /// Only in the first.
    pub removed: u32,
    /// In both, and not the same.
    pub changed: u32,
}

/// Two runs compared.
#[derive(Clone, Debug)]
pub struct DiffReport<'a> {
    /// The version of kastell that compares.
    pub version: Str,
    /// What there was.
    pub before: DiffSide,
    /// What there is.
    pub after: DiffSide,
    /// Findings that only the second side has.
    pub new: Vec<DiffFinding<'a>>,
    /// Findings that only the first side has.
    pub gone: Vec<DiffFinding<'a>>,
    /// Findings that both have, changed.
    pub changed: Vec<DiffPair<'a>>,
    /// How many findings are the same.
    pub unchanged: u64,
    /// Questions answered differently, the worst first; `None` where a report does not say its answers.
    pub answers: Option<Vec<DiffAnswers<'a>>>,
    /// How many questions both sides answered: pairs of a rule and a subject.
    pub questions: u64,
    /// Objects, by kind; `None` where a report does not say them.
    pub kinds: Option<Vec<DiffKind>>,
    /// Whether the objects themselves were compared.
    pub contents: bool,
    /// Rules that only the first side asked.
    pub asked_before: Vec<&'a RuleId>,
    /// Rules that only the second side asked.
    pub asked_after: Vec<&'a RuleId>,
    /// The least severity that fails a run; `None` where no finding does.
    pub fail_on: Option<Severity>,
    /// The least confidence that a finding needs to fail a run.
    pub min_confidence: Confidence,
}

impl DiffReport<'_> {
    /// How many new findings fail the run.
    pub fn failing(&self) -> usize {
        self.new.iter().filter(|f| f.fails).count()
    }

    /// How many findings of the first side were mended: asked again, and nothing was found.
    pub fn fixed(&self) -> usize {
        self.gone.iter().filter(|f| f.other == Other::Answered).count()
    }

    /// Whether a side is incomplete, so that what it does not say means nothing.
    pub fn is_incomplete(&self) -> bool {
        self.before.incomplete || self.after.incomplete
    }

    /// How many questions are answered differently.
    pub fn answered_differently(&self) -> u64 {
        self.answers.iter().flatten().map(|g| g.subjects.len() as u64).sum()
    }
}

/// `2 Deployment added, 1 Service removed, 3 NetworkPolicy changed`; nothing where nothing differs.
pub(crate) fn kinds_in_words(kinds: &[DiffKind]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut say = |what: &str, count: &dyn Fn(&DiffKind) -> u32| {
        let of: Vec<String> = kinds
            .iter()
            .filter(|k| count(k) > 0)
            .map(|k| format!("{} {}", count(k), crate::style::clean(&k.kind.kind)))
            .collect();
        if !of.is_empty() {
            parts.push(format!("{} {what}", of.join(", ")));
        }
    };
    say("added", &|k| k.added);
    say("removed", &|k| k.removed);
    say("changed", &|k| k.changed);
    parts.join("; ")
}

/// `2 critical, 1 high`, the worst first.
pub(crate) fn severities<'f>(findings: impl Iterator<Item = &'f RecordedFinding> + Clone) -> String {
    let count = |s: Severity| findings.clone().filter(|f| f.severity == s).count();
    let parts = Severity::ALL.into_iter().map(|s| (s, count(s))).filter(|(_, n)| *n > 0);
    parts.map(|(s, n)| format!("{n} {}", s.name())).collect::<Vec<_>>().join(", ")
}

/// `shop/cart and 3 more`: the first subjects of a group.
pub(crate) fn subjects_in_words(subjects: &[&ObjectKey], named: usize) -> String {
    let names: Vec<String> = subjects.iter().take(named).map(|s| crate::style::clean(&s.to_string())).collect();
    match subjects.len().saturating_sub(named) {
        0 => names.join(", "),
        n => format!("{} and {n} more", names.join(", ")),
    }
}

/// What differs in a pair: `medium → high`, `3 → 5 times`, else what it says now.
pub(crate) fn change_in_words(pair: &DiffPair<'_>, arrow: &str) -> String {
    let (a, b) = (pair.before, pair.after);
    let parts: Vec<String> = pair
        .changed
        .iter()
        .map(|what| match *what {
            "severity" => format!("{} {arrow} {}", a.severity.name(), b.severity.name()),
            "confidence" => format!("confidence {} {arrow} {}", a.confidence.name(), b.confidence.name()),
            "count" => format!("{} {arrow} {} times", a.count, b.count),
            _ => crate::style::clean(&b.message),
        })
        .collect();
    parts.join("; ")
}
