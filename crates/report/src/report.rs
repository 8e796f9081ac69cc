//! The report: one value that holds everything a renderer may say. The engine and the command line fill it.

use kastell_model::record::SubjectAnswers;
use kastell_model::{
    ClusterReading, Confidence, Diagnostic, Finding, GapReason, ObjectKey, Place, RuleId, Severity, Str,
};
use std::collections::{BTreeMap, BTreeSet};

/// How often a rule gave each status, counted in objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Objects that passed.
    pub pass: u32,
    /// Objects with at least one finding.
    pub fail: u32,
    /// Objects without a finding that could not be decided.
    pub unknown: u32,
    /// Objects that the rule does not concern.
    pub not_applicable: u32,
}

/// What a renderer knows of a rule, whoever evaluates it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// One line that says what a finding means.
    pub title: Str,
    /// The stable name of its ring.
    pub ring: Str,
    /// The severity of a finding that does not say otherwise.
    pub severity: Severity,
    /// The confidence of a finding that does not say otherwise.
    pub confidence: Confidence,
    /// The reason, one paragraph of Markdown.
    pub docs: Str,
    /// The fix, one paragraph of Markdown.
    pub help: Str,
    /// The release that brought it.
    pub since: Str,
    /// Whether the default view folds its findings into the one `hardening` entry of a workload.
    pub hardening: bool,
    /// Pairs of a framework's (or other tool's) stable name (`cis-1.12`) and its id, in the order of reports.
    pub maps: Vec<(Str, Str)>,
    /// What it gave in this run.
    pub counts: Counts,
}

/// What was asked and what was read.
#[derive(Clone, Debug)]
pub struct Head {
    /// kastell's version.
    pub version: Str,
    /// The Kubernetes version that the questions are about, `1.37`.
    pub kubernetes_version: Str,
    /// Whether a flag or a server said that version; else it is the newest that kastell knows.
    pub version_given: bool,
    /// The date that expiries were compared with, `YYYY-MM-DD`.
    pub now: Str,
    /// What the user named, as written.
    pub inputs: Vec<Str>,
    /// Files read.
    pub files: u32,
    /// Documents read.
    pub documents: u32,
    /// Objects found.
    pub objects: u32,
    /// Objects that run pods.
    pub workloads: u32,
    /// Requests sent to servers; 0 for files.
    pub requests: u32,
    /// How each running cluster was read, live or when its snapshot was taken; empty for files.
    pub clusters: Vec<ClusterReading>,
    /// Files and documents that were skipped, by the reason's stable name.
    pub skipped: BTreeMap<Str, u32>,
    /// Units.
    pub units: u32,
    /// The stable name of every ring there is, in the order of reports, whether or not this run asked it.
    pub rings: Vec<Str>,
    /// The least severity that fails a run; `None` where no finding does.
    pub fail_on: Option<Severity>,
    /// The least confidence that a finding needs to fail a run.
    pub min_confidence: Confidence,
}

/// Something that was not decided. Gaps of reading are either one of these or a [`Diagnostic`] with a reason, never both.
#[derive(Clone, Debug)]
pub struct GapEntry {
    /// The rule that could not decide; `None` where it concerns all.
    pub rule: Option<RuleId>,
    /// Why.
    pub reason: GapReason,
    /// What it is about.
    pub subject: Option<ObjectKey>,
    /// Where in an object.
    pub at: Option<Place>,
    /// The file or directory, where there is no object.
    pub path: Option<Str>,
    /// A sentence without a final stop: what is not known and what would decide it.
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

/// Who said that a finding is accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExceptionOrigin {
    /// A comment in the file.
    Inline,
    /// An annotation of the object.
    Annotation,
    /// The configuration file.
    Config,
    /// The table of known components.
    Component,
}

impl ExceptionOrigin {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionOrigin::Inline => "inline",
            ExceptionOrigin::Annotation => "annotation",
            ExceptionOrigin::Config => "config",
            ExceptionOrigin::Component => "component",
        }
    }
}

/// A finding that somebody accepted.
#[derive(Clone, Debug)]
pub struct Excepted {
    /// The finding.
    pub finding: Finding,
    /// Who accepted it.
    pub origin: ExceptionOrigin,
    /// Why.
    pub reason: Str,
    /// Until when, `YYYY-MM-DD`.
    pub until: Option<Str>,
    /// Who answers for that, where it was said.
    pub owner: Option<Str>,
    /// Where it was decided, where it was said.
    pub ticket: Option<Str>,
    /// The known component that ships it; set where the origin is [`ExceptionOrigin::Component`].
    pub component: Option<Component>,
}

/// A known component, as the table of components names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Component {
    /// The stable id, `kube-prometheus`.
    pub id: Str,
    /// The name for people.
    pub name: Str,
    /// The day or month of the manifests that the table was made from, `YYYY-MM-DD` or `YYYY-MM`.
    pub date: Str,
}

/// An earlier report, and what became of its findings.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The file, as the user named it.
    pub path: Str,
    /// The version of kastell that wrote it.
    pub release: Str,
    /// The day that it is of, `YYYY-MM-DD`.
    pub now: Str,
    /// Findings that it has too: not among [`Report::findings`], sorted like them.
    pub known: Vec<Finding>,
    /// How many of its findings were mended: their questions were asked again, and nothing was found.
    pub fixed: u32,
    /// How many are gone because their subject is not among what was read.
    pub removed: u32,
    /// How many an exception covers now.
    pub excepted: u32,
    /// How many could not be decided again.
    pub undecided: u32,
    /// How many belong to rules that this run did not ask.
    pub not_asked: u32,
    /// Controls that its release did not have. Their findings are new, and fail no run.
    pub new_controls: BTreeSet<RuleId>,
    /// Controls that its release had and that its run did not ask. Their findings are new.
    pub newly_asked: BTreeSet<RuleId>,
}

/// Figures of the run itself. Only filled when asked for, because they differ from run to run.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// Wall time of each stage in milliseconds, in the order of the stages.
    pub stages: Vec<(Str, f64)>,
    /// Bytes read.
    pub bytes: u64,
    /// Hits before folding.
    pub hits: u64,
}

/// A question of a threat model, which several rules answer a part of.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question, in a few words.
    pub text: Str,
    /// The rules whose findings answer a part of it.
    pub rules: Vec<RuleId>,
    /// What belongs to the answer and no rule asks.
    pub not_asked: Option<Str>,
}

/// A whole report.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked and read.
    pub head: Head,
    /// Every rule that was asked in this run, sorted by id.
    pub rules: Vec<Rule>,
    /// The questions of a threat model, in the order of reports.
    pub questions: Vec<Question>,
    /// What every rule said of every subject, sorted by subject; statuses in the order of `rules`.
    pub subjects: Vec<SubjectAnswers>,
    /// The findings that no exception covers, sorted; with a baseline, those that it does not have.
    pub findings: Vec<Finding>,
    /// What the run has to do with a baseline, where one was given.
    pub baseline: Option<Baseline>,
    /// What was not decided, sorted.
    pub gaps: Vec<GapEntry>,
    /// What went wrong around the findings, sorted by path and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The findings that exceptions cover, sorted.
    pub excepted: Vec<Excepted>,
    /// Whether something of the input was not read or not understood.
    pub incomplete: bool,
    /// Figures of the run, where they were asked for.
    pub statistics: Option<Statistics>,
}

impl Report {
    /// The rule `id`.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        // The table may come from several evaluators; a linear search is the fall-back of an unsorted one.
        match self.rules.binary_search_by(|r| r.id.cmp(id)) {
            Ok(i) => self.rules.get(i),
            Err(_) => self.rules.iter().find(|r| r.id == *id),
        }
    }

    /// Whether a finding is one of a control that the baseline's release did not have.
    pub fn is_of_new_control(&self, f: &Finding) -> bool {
        self.baseline.as_ref().is_some_and(|b| b.new_controls.contains(&f.rule))
    }

    /// Whether a finding fails the run: it is at or above `fail_on`, with at least `min_confidence`, and not of a control
    /// that the baseline's release did not have.
    pub fn fails(&self, f: &Finding) -> bool {
        !self.is_of_new_control(f)
            && self.head.fail_on.is_some_and(|least| f.severity >= least)
            && f.confidence >= self.head.min_confidence
    }

    /// How many findings fail the run.
    pub fn failing(&self) -> usize {
        self.findings.iter().filter(|f| self.fails(f)).count()
    }

    /// How many findings there are of each severity, worst first; severities without any are left out.
    pub fn by_severity(&self) -> Vec<(Severity, usize)> {
        Severity::ALL
            .iter()
            .map(|s| (*s, self.findings.iter().filter(|f| f.severity == *s).count()))
            .filter(|(_, n)| *n > 0)
            .collect()
    }

    /// How many different subjects have a finding.
    pub fn subjects(&self) -> usize {
        self.findings.iter().map(|f| &f.subject.key).collect::<BTreeSet<_>>().len()
    }

    /// Exceptions that covered a finding, by origin.
    pub fn excepted_by_origin(&self) -> BTreeMap<&'static str, u64> {
        let mut by = BTreeMap::new();
        for e in &self.excepted {
            *by.entry(e.origin.name()).or_insert(0) += 1;
        }
        by
    }

    /// How many gaps the configuration expects.
    pub fn expected(&self) -> u64 {
        self.gaps.iter().filter(|g| g.expected.is_some()).map(|g| u64::from(g.count)).sum()
    }

    /// Findings that known components ship, by component.
    pub fn shipped_by_component(&self) -> BTreeMap<&Component, u64> {
        let mut by = BTreeMap::new();
        for component in self.excepted.iter().filter_map(|e| e.component.as_ref()) {
            *by.entry(component).or_insert(0) += 1;
        }
        by
    }

    /// How many equal hits were folded away.
    pub fn folded(&self) -> u64 {
        self.findings.iter().map(|f| u64::from(f.count.saturating_sub(1))).sum()
    }

    /// What is unknown, by reason: gaps and diagnostics with a reason.
    pub fn unknown_by_reason(&self) -> BTreeMap<&'static str, u64> {
        let mut by = BTreeMap::new();
        for g in &self.gaps {
            *by.entry(g.reason.name()).or_insert(0) += u64::from(g.count);
        }
        for reason in self.diagnostics.iter().filter_map(|d| d.gap) {
            *by.entry(reason.name()).or_insert(0) += 1;
        }
        by
    }
}
