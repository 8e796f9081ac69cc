//! Findings: what is reported, with everything that a report, a baseline or a fix needs to know.

use crate::object::{Object, ObjectKey, Str};
use kastell_yaml::{NodeId, Span};
use std::fmt;
use std::sync::Arc;

/// How bad a finding is for this cluster. Ordered from the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Advice.
    Info,
    /// Hygiene.
    Low,
    /// Hardening that limits what follows.
    Medium,
    /// A missing ring with a concrete exploit.
    High,
    /// One step from a workload, the Internet or an ordinary identity to a node, cluster-admin or a declared asset.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Info => "info",
        }
    }
}

impl Severity {
    /// The severity of a stable name.
    pub fn from_name(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| s.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure a finding is. Ordered from the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// Rests on the absence of something that may exist elsewhere, or on a heuristic.
    Low,
    /// Rests on a structure that is nearly always what it looks like.
    Medium,
    /// Said by the object itself.
    High,
}

impl Confidence {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }

    /// The confidence of a stable name.
    pub fn from_name(name: &str) -> Option<Confidence> {
        [Confidence::High, Confidence::Medium, Confidence::Low].into_iter().find(|c| c.name() == name)
    }
}

/// The id of a rule: open and namespaced (`privileged-container`, `kyverno:POLICY/RULE`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub Str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether a fix may change what runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Safety {
    /// On the closed list of edits that change nothing at run time.
    Safe,
    /// May change what runs.
    Unsafe,
}

/// Who answers for an object's kind of software. Orders and folds; never hides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// The cluster's users' own.
    Yours,
    /// Add-ons that a platform team runs.
    Platform,
    /// Kubernetes or the provider.
    System,
}

impl Class {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Class::Yours => "yours",
            Class::Platform => "platform",
            Class::System => "system",
        }
    }
}

/// The team that answers for an object.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// Named by the first configured key that the object has.
    Team(Str),
    /// Nobody.
    Unowned,
}

/// What a finding is about: the topmost controller, or the object itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Subject {
    /// Its identity.
    pub key: ObjectKey,
    /// Whether the subject itself was among the objects read.
    pub present: bool,
}

/// A place in an object: there, or missing below it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The object.
    pub object: Arc<Object>,
    /// The node, or the nearest ancestor of what is missing.
    pub node: NodeId,
    /// The keys that are missing below `node`.
    pub missing: &'static [&'static str],
}

impl Place {
    /// The bytes to underline: the value; of a collection, and of what is missing below a key, the key. Never empty
    /// where the text has any byte there.
    pub fn span(&self) -> Span {
        let v = self.object.value(self.node);
        let span = v.span();
        let key = v.key_span().filter(|k| !k.is_empty());
        let scalar = !v.is_mapping() && !v.is_sequence() && !span.is_empty() && self.missing.is_empty();
        match key {
            Some(key) if !scalar => key,
            _ if scalar => span,
            _ => self.first_key_or_byte(span),
        }
    }

    /// A collection without a key of its own (an item, a root): its first entry's key, else its first byte.
    fn first_key_or_byte(&self, span: Span) -> Span {
        let v = self.object.value(self.node);
        // For an item of a list the entry that names it says most.
        let named = v.get("name").and_then(|n| n.key_span());
        let first = named.or_else(|| v.entries().find_map(|(_, e)| e.key_span()));
        match first {
            Some(k) if !k.is_empty() => k,
            _ => {
                let len = u32::try_from(self.object.source.text.len()).unwrap_or(u32::MAX);
                let start = span.start.min(len.saturating_sub(1));
                Span { start, end: (start + 1).min(len) }
            }
        }
    }

    /// The path from the object's root, in the form of `kubectl explain` with list indexes, missing keys included:
    /// `spec.containers[0].securityContext.privileged`.
    pub fn path(&self) -> String {
        crate::identity::display_path(&self.object, self.node, self.missing)
    }
}

/// Who changed a finding's severity: the configuration, with a reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overridden {
    /// What the control says.
    pub from: Severity,
    /// Why it is another here.
    pub reason: Str,
}

/// One reported finding. Equal findings of a subject's pods are folded into one with a count.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How bad.
    pub severity: Severity,
    /// What the severity was before the configuration changed it; `None` where it did not.
    pub severity_overridden: Option<Overridden>,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// The container or other named part.
    pub part: Option<Str>,
    /// Where: the first of the folded places in input order.
    pub at: Place,
    /// Other places that explain it.
    pub related: Vec<(Place, Str)>,
    /// What is wrong, without a final stop.
    pub message: Str,
    /// Whether a fix is known, and how safe it is.
    pub fixable: Option<Safety>,
    /// The identity over time: see [`crate::identity`].
    pub fingerprint: u128,
    /// The hash of the keyed path alone ([`crate::identity::path_hash`]): with rule and subject it identifies like the
    /// fingerprint, also where two clusters name a namespace differently.
    pub path_hash: u64,
    /// How many equal hits were folded.
    pub count: u32,
    /// Names of up to three objects that were folded away.
    pub examples: Vec<ObjectKey>,
    /// Whether only pods have it and their controller's template does not.
    pub only_in_pods: bool,
    /// Whose software.
    pub class: Class,
    /// What the class rests on, a few words; `None` for what is the users' own because nothing says otherwise.
    pub class_evidence: Option<Str>,
    /// Whose team.
    pub owner: Owner,
}
