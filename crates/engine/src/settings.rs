//! What a run was told besides its controls: the day, which exceptions count, and what the configuration says.

use crate::exceptions::ExceptionPolicy;
use crate::matching::{Match, Pattern, Production};
use crate::ownership::Ownership;
use kastell_model::kube::selector::LabelSelector;
use kastell_model::yaml::NodeId;
use kastell_model::{Date, Object, Severity, Str};
use std::sync::Arc;

/// The settings of an evaluation: the same for scan, explain, server and admission.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which exceptions count.
    pub exceptions: ExceptionPolicy,
    /// The day that expiries are compared with.
    pub now: Date,
    /// What the configuration says.
    pub configured: Arc<Configured>,
}

impl Settings {
    /// Settings without any configuration.
    pub fn new(exceptions: ExceptionPolicy, now: Date) -> Settings {
        Settings { exceptions, now, configured: Arc::default() }
    }

    /// The same with a configuration.
    #[must_use]
    pub fn with(self, configured: Arc<Configured>) -> Settings {
        Settings { configured, ..self }
    }
}

/// What a configuration says, checked: ids are those of controls, and a place is known for everything that may have to
/// be reported.
#[derive(Clone, Debug, Default)]
pub struct Configured {
    /// The configuration's document as an object, so that a finding can stand in it; `None` without a configuration.
    pub object: Option<Arc<Object>>,
    /// Findings that are accepted.
    pub exceptions: Vec<ConfiguredException>,
    /// Severities that differ here; the first one that matches counts.
    pub severities: Vec<ConfiguredSeverity>,
    /// Gaps that are known.
    pub expected: Vec<ExpectedUnknown>,
    /// How the team of an object is found.
    pub owners: Ownership,
    /// Which namespaces are production.
    pub production: Production,
    /// What is worth most: what the attack graph asks the way to.
    pub assets: Vec<Asset>,
}

/// Findings that are accepted.
#[derive(Clone, Debug)]
pub struct ConfiguredException {
    /// The controls' ids.
    pub ids: Vec<String>,
    /// Whose findings.
    pub about: Match,
    /// Why.
    pub reason: Str,
    /// Who accepted them.
    pub owner: Option<Str>,
    /// Where that was decided.
    pub ticket: Option<Str>,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// The entry in the configuration's document.
    pub node: NodeId,
}

/// Another severity than the control's own.
#[derive(Clone, Debug)]
pub struct ConfiguredSeverity {
    /// The control's id.
    pub id: &'static str,
    /// How bad its findings are here.
    pub severity: Severity,
    /// Why.
    pub reason: Str,
    /// Whose findings.
    pub about: Match,
}

/// A gap that is known, so that it does not make a run incomplete.
#[derive(Clone, Debug)]
pub struct ExpectedUnknown {
    /// The control's id.
    pub id: &'static str,
    /// About whom.
    pub about: Match,
    /// Why nothing can be known.
    pub reason: Str,
    /// The entry in the configuration's document.
    pub node: NodeId,
}

/// Something worth most.
#[derive(Clone, PartialEq, Debug)]
pub struct Asset {
    /// Its kind.
    pub kind: Pattern,
    /// Its namespace.
    pub namespace: Option<Pattern>,
    /// Its name.
    pub name: Option<Pattern>,
    /// Its labels.
    pub selector: Option<LabelSelector>,
}
