//! What a check says of an object: parts that passed, hits, and gaps. Unknown is never a pass.

use crate::field::Spot;
use crate::finding::{Confidence, Severity};
use kastell_yaml::{NodeId, Value};
use std::borrow::Cow;

/// Why something could not be decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GapReason {
    /// It could not be read (no right, broken file, lost connection).
    Unreadable,
    /// A template or chart that was not rendered.
    Unrendered,
    /// It was read and makes no sense for Kubernetes.
    Invalid,
    /// A form that kastell does not understand.
    Unsupported,
    /// A bound of ours was reached.
    Limit,
    /// Known only at run time.
    Dynamic,
    /// The question needs a source that this run was not given.
    NeedsSource,
}

impl GapReason {
    /// Whether a gap of this reason makes a run incomplete (exit code 3).
    pub fn is_incomplete(self) -> bool {
        !matches!(self, GapReason::Dynamic | GapReason::NeedsSource)
    }

    /// The stable name, as machine formats write it.
    pub fn name(self) -> &'static str {
        match self {
            GapReason::Unreadable => "unreadable",
            GapReason::Unrendered => "unrendered",
            GapReason::Invalid => "invalid",
            GapReason::Unsupported => "unsupported",
            GapReason::Limit => "limit",
            GapReason::Dynamic => "dynamic",
            GapReason::NeedsSource => "needs-source",
        }
    }

    /// The reason of a stable name.
    pub fn from_name(name: &str) -> Option<GapReason> {
        use GapReason::{Dynamic, Invalid, Limit, NeedsSource, Unreadable, Unrendered, Unsupported};
        let all = [Unreadable, Unrendered, Invalid, Unsupported, Limit, Dynamic, NeedsSource];
        all.into_iter().find(|r| r.name() == name)
    }

    /// The reason for a value that is not of its field's type: a placeholder that another program fills in is known
    /// only then; anything else is invalid.
    pub fn of_mistyped(v: Value<'_>) -> GapReason {
        match v.as_str() {
            Some(s) if s.contains("${") || s.contains("$(") || s.contains("{{") => GapReason::Dynamic,
            _ => GapReason::Invalid,
        }
    }
}

/// A sentence of a finding, without a final stop. Most are fixed text.
pub type Message = Cow<'static, str>;

/// Something that was not decided, with its reason and place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The node of the object that it is about.
    pub at: NodeId,
    /// A sentence without a final stop: what is not known and what would decide it.
    pub detail: Message,
}

/// One failed part, small: everything that can be computed later is.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The node where it stands, or the nearest ancestor of what is missing.
    pub at: NodeId,
    /// The keys that are missing below `at`.
    pub missing: &'static [&'static str],
    /// The container (or other named part) that it is about.
    pub part: Option<NodeId>,
    /// The pod or pod template that it is about; paths of pods start here, whatever carries them.
    pub pod: Option<NodeId>,
    /// What is wrong here.
    pub message: Message,
    /// How bad, where it is not the control's own severity.
    pub severity: Option<Severity>,
    /// How sure, where it is not the control's own confidence.
    pub confidence: Option<Confidence>,
    /// Other places of the same object that explain it.
    pub related: Vec<(NodeId, Message)>,
}

impl Hit {
    /// Sets the severity of this hit.
    pub fn severity(&mut self, s: Severity) -> &mut Hit {
        self.severity = Some(s);
        self
    }

    /// Sets the confidence of this hit.
    pub fn confidence(&mut self, c: Confidence) -> &mut Hit {
        self.confidence = Some(c);
        self
    }

    /// Adds a place of the same object that explains the hit.
    pub fn related(&mut self, at: Value<'_>, why: impl Into<Message>) -> &mut Hit {
        self.related.push((at.id(), why.into()));
        self
    }
}

/// The status of a control on an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// At least one finding.
    Fail,
    /// No finding, but something could not be decided.
    Unknown,
    /// At least one part was examined, and all passed.
    Pass,
    /// There was nothing to examine.
    NotApplicable,
}

impl Status {
    /// The stable name, as machine formats write it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Fail => "fail",
            Status::Unknown => "unknown",
            Status::Pass => "pass",
            Status::NotApplicable => "not-applicable",
        }
    }

    /// The letter that stands for it where many answers stand in one text.
    pub fn letter(self) -> char {
        match self {
            Status::Fail => 'f',
            Status::Unknown => 'u',
            Status::Pass => 'p',
            Status::NotApplicable => '-',
        }
    }

    /// The status of a letter.
    pub fn from_letter(letter: char) -> Option<Status> {
        [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable].into_iter().find(|s| s.letter() == letter)
    }

    /// The answer over two objects of one subject: fail, then unknown, then pass.
    #[must_use]
    pub fn worst(self, other: Status) -> Status {
        self.min(other)
    }
}

/// What a control says of one object.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Parts (containers, pods, rules, …) that passed.
    pub passed: u32,
    /// Parts that failed.
    pub hits: Vec<Hit>,
    /// What was not decided.
    pub gaps: Vec<Gap>,
}

impl Outcome {
    /// Fail if any hit, else unknown if any gap, else pass if any part was examined, else not applicable.
    pub fn status(&self) -> Status {
        if !self.hits.is_empty() {
            Status::Fail
        } else if !self.gaps.is_empty() {
            Status::Unknown
        } else if self.passed > 0 {
            Status::Pass
        } else {
            Status::NotApplicable
        }
    }
}

/// Where a check puts what it finds.
pub struct Out<'a> {
    outcome: &'a mut Outcome,
    part: Option<NodeId>,
}

impl<'a> Out<'a> {
    /// An out that fills `outcome`; hits are about `part`.
    pub fn new(outcome: &'a mut Outcome, part: Option<NodeId>) -> Out<'a> {
        Out { outcome, part }
    }

    /// A part was examined and is as it should be.
    pub fn pass(&mut self) {
        self.outcome.passed += 1;
    }

    /// A part is not as it should be; `message` says what, without a final stop.
    pub fn fail<'t>(&mut self, spot: impl Into<Spot<'t>>, message: impl Into<Message>) -> &mut Hit {
        let spot = spot.into();
        self.outcome.hits.push(Hit {
            at: spot.id(),
            missing: spot.missing,
            part: self.part,
            pod: None,
            message: message.into(),
            severity: None,
            confidence: None,
            related: Vec::new(),
        });
        let last = self.outcome.hits.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "an element was pushed just above")]
        let hit = &mut self.outcome.hits[last];
        hit
    }

    /// Something could not be decided; `detail` says what and what would decide it.
    pub fn gap<'t>(&mut self, spot: impl Into<Spot<'t>>, reason: GapReason, detail: impl Into<Message>) {
        self.outcome.gaps.push(Gap { reason, at: spot.into().id(), detail: detail.into() });
    }

    /// Fails with `message` where `failed`, else passes.
    pub fn check<'t>(&mut self, failed: bool, spot: impl Into<Spot<'t>>, message: impl Into<Message>) {
        if failed {
            self.fail(spot, message);
        } else {
            self.pass();
        }
    }

    /// A field's value is not of its type: a gap that names the field.
    pub fn unreadable(&mut self, at: Value<'_>, reason: GapReason, field: &str) {
        let detail = match reason {
            GapReason::Dynamic => format!("`{field}` is a placeholder that is filled in later"),
            _ => format!("`{field}` is not of its type, so the API server would refuse the object"),
        };
        self.gap(at, reason, detail);
    }
}
