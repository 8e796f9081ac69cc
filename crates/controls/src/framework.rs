//! The frameworks and tools that controls map to, by their ids only.

/// A framework, a guide or another tool.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Framework {
    /// CIS Kubernetes Benchmark 1.12: the number of a recommendation.
    Cis,
    /// NSA/CISA Kubernetes Hardening Guidance: the topic.
    Nsa,
    /// Pod Security Standards: `baseline` or `restricted`.
    Pss,
    /// MITRE ATT&CK: the technique.
    Attack,
    /// The hardening guide of 2026 (guide A): the section.
    GuideA,
    /// The guide on what actually matters (guide B): the section.
    GuideB,
    /// Kubescape's control.
    Kubescape,
    /// Trivy's check.
    Trivy,
    /// Checkov's check.
    Checkov,
    /// kube-linter's check.
    KubeLinter,
    /// kube-score's check.
    KubeScore,
    /// Polaris' check.
    Polaris,
    /// Kubesec's rule.
    Kubesec,
    /// Popeye's code.
    Popeye,
    /// Datree's rule.
    Datree,
    /// kubeaudit's error.
    Kubeaudit,
}

impl Framework {
    /// All of them, in the order of reports.
    pub const ALL: [Framework; 16] = [
        Framework::Cis,
        Framework::Nsa,
        Framework::Pss,
        Framework::Attack,
        Framework::GuideA,
        Framework::GuideB,
        Framework::Kubescape,
        Framework::Trivy,
        Framework::Checkov,
        Framework::KubeLinter,
        Framework::KubeScore,
        Framework::Polaris,
        Framework::Kubesec,
        Framework::Popeye,
        Framework::Datree,
        Framework::Kubeaudit,
    ];

    /// The stable name, as machine formats and `--framework` write it.
    pub fn name(self) -> &'static str {
        match self {
            Framework::Cis => "cis-1.12",
            Framework::Nsa => "nsa",
            Framework::Pss => "pss",
            Framework::Attack => "attack",
            Framework::GuideA => "guide-a",
            Framework::GuideB => "guide-b",
            Framework::Kubescape => "kubescape",
            Framework::Trivy => "trivy",
            Framework::Checkov => "checkov",
            Framework::KubeLinter => "kube-linter",
            Framework::KubeScore => "kube-score",
            Framework::Polaris => "polaris",
            Framework::Kubesec => "kubesec",
            Framework::Popeye => "popeye",
            Framework::Datree => "datree",
            Framework::Kubeaudit => "kubeaudit",
        }
    }

    /// Whether this is another tool (and not a standard or guide).
    pub fn is_tool(self) -> bool {
        self >= Framework::Kubescape
    }
}

/// An item of a framework that a control answers, wholly or in part.
pub type Mapping = (Framework, &'static str);
