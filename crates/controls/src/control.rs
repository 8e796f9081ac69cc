//! The type of a control, and the macro that takes its documentation from the comment above it.

use crate::context::{ClusterCx, ClusterOut, ContainerCx, ObjectCx, PodCx};
use crate::framework::Mapping;
use crate::params::ParamSpec;
use kastell_model::{Confidence, Out, Severity};

/// The rings of the fortress.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ring {
    /// API server, etcd, controllers.
    ControlPlane,
    /// Kubelet, runtime, operating system.
    Nodes,
    /// Who may do what.
    Identity,
    /// Who can talk to whom.
    Network,
    /// Pods and their containers.
    Workloads,
    /// Where secrets lie and who reads them.
    Secrets,
    /// What is in the image and where it came from.
    SupplyChain,
    /// What happens while it runs.
    Runtime,
    /// Versions, quotas, backups, readiness.
    Operations,
}

impl Ring {
    /// All rings, from the outermost.
    pub const ALL: [Ring; 9] = [
        Ring::ControlPlane,
        Ring::Nodes,
        Ring::Identity,
        Ring::Network,
        Ring::Workloads,
        Ring::Secrets,
        Ring::SupplyChain,
        Ring::Runtime,
        Ring::Operations,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Ring::ControlPlane => "control-plane",
            Ring::Nodes => "nodes",
            Ring::Identity => "identity",
            Ring::Network => "network",
            Ring::Workloads => "workloads",
            Ring::Secrets => "secrets",
            Ring::SupplyChain => "supply-chain",
            Ring::Runtime => "runtime",
            Ring::Operations => "operations",
        }
    }
}

/// What a control looks at. The scope decides applicability and the walk.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Every container of every pod and pod template.
    Container(fn(&ContainerCx<'_>, &mut Out<'_>)),
    /// Every pod and pod template.
    Pod(fn(&PodCx<'_>, &mut Out<'_>)),
    /// Every object of these (group, kind) pairs; every object where there are none.
    Object(&'static [(&'static str, &'static str)], fn(&ObjectCx<'_>, &mut Out<'_>)),
    /// The cluster as a whole.
    Cluster(fn(&ClusterCx<'_>, &mut ClusterOut<'_>)),
    /// Nothing a program can see: what a person has to look at.
    Manual(&'static str),
}

/// One control. Built as a constant by [`control!`](crate::control).
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Kebab-case noun, stable for ever, listed in `ids.txt`.
    pub id: &'static str,
    /// One line that says what a finding means.
    pub title: &'static str,
    /// The documentation: reason, `## Fails`, `## Passes`, …
    pub docs: &'static str,
    /// The control's source file.
    pub file: &'static str,
    /// Its ring.
    pub ring: Ring,
    /// How bad a finding is, where the hit does not say otherwise.
    pub severity: Severity,
    /// How sure a finding is, where the hit does not say otherwise.
    pub confidence: Confidence,
    /// What it looks at.
    pub check: Check,
    /// What it maps to.
    pub maps: &'static [Mapping],
    /// Former ids.
    pub aliases: &'static [&'static str],
    /// The release that brought it.
    pub since: &'static str,
    /// Its parameters, where it has any.
    pub params: Option<ParamSpec>,
    /// Whether a finding is one of the missing hardening fields that the default view folds into one entry.
    pub hardening: bool,
}

impl Control {
    /// A control without mappings. The confidence is high.
    pub const fn new(id: &'static str, title: &'static str, ring: Ring, severity: Severity, check: Check) -> Control {
        Control {
            id,
            title,
            docs: "",
            file: "",
            ring,
            severity,
            confidence: Confidence::High,
            check,
            maps: &[],
            aliases: &[],
            since: "0.1.0",
            params: None,
            hardening: false,
        }
    }

    /// Sets documentation and file; called by the macro.
    #[must_use]
    pub const fn documented(mut self, docs: &'static str, file: &'static str) -> Control {
        self.docs = docs;
        self.file = file;
        self
    }

    /// The id under which the control first came: fingerprints are made with it, so that a new name changes none.
    pub const fn first_id(&self) -> &'static str {
        match self.aliases.first() {
            Some(first) => first,
            None => self.id,
        }
    }

    /// Sets what the control maps to.
    #[must_use]
    pub const fn maps(mut self, maps: &'static [Mapping]) -> Control {
        self.maps = maps;
        self
    }

    /// Sets former ids, the oldest first.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Control {
        self.aliases = aliases;
        self
    }

    /// Sets the release that brought it.
    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Control {
        self.since = version;
        self
    }

    /// Sets how sure a finding is.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Control {
        self.confidence = confidence;
        self
    }

    /// Sets the parameters.
    #[must_use]
    pub const fn params(mut self, params: ParamSpec) -> Control {
        self.params = Some(params);
        self
    }

    /// Marks it as one of the hardening fields that the default view folds into one entry a workload.
    #[must_use]
    pub const fn hardening(mut self) -> Control {
        self.hardening = true;
        self
    }
}

/// Declares the control of a file: the comment above it is its documentation, and its examples are its tests.
///
/// The examples are YAML blocks below `## Fails` (lines that must be flagged end with `#~`), `## Passes` and, where the
/// control can be in doubt, `## Unknown` (lines with a gap end with `#?`).
#[macro_export]
macro_rules! control {
    ($(#[doc = $doc:literal])* $vis:vis static CONTROL: Control = $body:expr;) => {
        $(#[doc = $doc])*
        $vis static CONTROL: $crate::Control = ($body).documented(concat!($($doc, "\n"),*), file!());

        #[cfg(test)]
        mod examples {
            #[test]
            fn give_the_verdicts_that_they_say() {
                $crate::harness::prove(&super::CONTROL);
            }
        }
    };
}
