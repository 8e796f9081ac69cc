//! The Pod Security Standards: what Pod Security admission says of a pod, at a level and version, in its own words.
//!
//! Owns: the checks by revision, the texts, the namespace labels. Must not know: how bad a violation is, how it is
//! reported, exemptions (they stand in the API server's configuration, which no manifest shows).
//!
//! Source of the semantics: `k8s.io/pod-security-admission` (policy/check_*.go, policy/registry.go, api/helpers.go), as
//! of Kubernetes 1.37, and the API defaulting that runs before admission (pkg/apis/core/v1/defaults.go).

mod baseline;
mod level;
mod namespace;
mod profiles;
mod reader;
mod restricted;
mod text;

#[cfg(test)]
mod tests;

pub use baseline::DEFAULT_CAPABILITIES;
pub use level::{Level, LevelVersion, ParseError, Version};
pub use namespace::{LabelProblem, Mode, NamespacePolicy};

use kastell_model::views::PodView;
use kastell_model::yaml::{NodeId, Value};
use kastell_model::{Anchor, GapReason};
use reader::Reader;
use std::borrow::Cow;

/// A place that violates a check: a value, or what is missing below a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Violated {
    /// The value, or the nearest ancestor of what is missing.
    pub at: NodeId,
    /// The keys that are missing below `at`.
    pub missing: &'static [&'static str],
}

impl From<Value<'_>> for Violated {
    fn from(v: Value<'_>) -> Violated {
        Violated { at: v.id(), missing: &[] }
    }
}

impl From<Anchor<'_>> for Violated {
    fn from(a: Anchor<'_>) -> Violated {
        Violated { at: a.nearest.id(), missing: a.missing }
    }
}

/// One check that a pod violates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckResult {
    /// Upstream's id of the check: `seccompProfile_restricted`.
    pub id: &'static str,
    /// What is forbidden, in upstream's words: `hostPath volumes`.
    pub reason: Cow<'static, str>,
    /// Where and how, in upstream's words: `volume "data"`.
    pub detail: String,
    /// Every violating place, in document order within the pod and each container; never empty.
    pub places: Vec<Violated>,
}

/// Something that a check needed and could not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PodGap {
    /// The value that is not of its type.
    pub at: NodeId,
    /// Why it says nothing.
    pub reason: GapReason,
    /// The field, as a path below the pod's specification, the container or the list's item.
    pub field: String,
}

/// What a level and version say of a pod. Without violations it is a pass only if there are no gaps either.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evaluation {
    /// The violated checks in upstream's order: baseline checks by id, then restricted ones by id.
    pub results: Vec<CheckResult>,
    /// What could not be decided.
    pub gaps: Vec<PodGap>,
}

/// A check of the standard.
struct Check {
    id: &'static str,
    level: Level,
    /// The first minor version that it holds for.
    since: u32,
    /// The baseline check that it replaces in the restricted level, from `since` on.
    replaces: Option<&'static str>,
    run: fn(&Reader<'_, '_>) -> Option<CheckResult>,
}

const fn check(
    id: &'static str,
    level: Level,
    since: u32,
    replaces: Option<&'static str>,
    run: fn(&Reader<'_, '_>) -> Option<CheckResult>,
) -> Check {
    Check { id, level, since, replaces, run }
}

/// In the order of evaluation and of messages.
const CHECKS: &[Check] = &[
    check("appArmorProfile", Level::Baseline, 0, None, profiles::app_armor),
    check("capabilities_baseline", Level::Baseline, 0, None, baseline::capabilities),
    check("hostNamespaces", Level::Baseline, 0, None, baseline::host_namespaces),
    check("hostPathVolumes", Level::Baseline, 0, None, baseline::host_path_volumes),
    check("hostPorts", Level::Baseline, 0, None, baseline::host_ports),
    check("hostProbesAndHostLifecycle", Level::Baseline, 34, None, baseline::host_probes),
    check("privileged", Level::Baseline, 0, None, baseline::privileged),
    check("procMount", Level::Baseline, 0, None, baseline::proc_mount),
    check("seLinuxOptions", Level::Baseline, 0, None, baseline::se_linux_options),
    check("seccompProfile_baseline", Level::Baseline, 0, None, profiles::seccomp_baseline),
    check("sysctls", Level::Baseline, 0, None, baseline::sysctls),
    check("windowsHostProcess", Level::Baseline, 0, None, baseline::windows_host_process),
    check("allowPrivilegeEscalation", Level::Restricted, 8, None, restricted::allow_privilege_escalation),
    check("capabilities_restricted", Level::Restricted, 22, Some("capabilities_baseline"), restricted::capabilities),
    check("procMount_restricted", Level::Restricted, 35, Some("procMount"), restricted::proc_mount),
    check("restrictedVolumes", Level::Restricted, 0, Some("hostPathVolumes"), restricted::volumes),
    check("runAsNonRoot", Level::Restricted, 0, None, restricted::run_as_non_root),
    check("runAsUser", Level::Restricted, 23, None, restricted::run_as_user),
    check(
        "seccompProfile_restricted",
        Level::Restricted,
        19,
        Some("seccompProfile_baseline"),
        profiles::seccomp_restricted,
    ),
];

/// The ids of the checks that hold at a level and version, in their order.
pub fn check_ids(policy: LevelVersion) -> impl Iterator<Item = &'static str> {
    checks(policy).map(|c| c.id)
}

fn checks(policy: LevelVersion) -> impl Iterator<Item = &'static Check> {
    let minor = policy.version.minor();
    let holds = move |c: &Check| c.since <= minor && c.level <= policy.level;
    CHECKS.iter().filter(move |c| {
        let replaced = CHECKS.iter().any(|r| holds(r) && r.replaces == Some(c.id));
        holds(c) && !replaced
    })
}

/// Holds a pod, or a controller's template, against a level and version.
///
/// Versions above the newest known one get the newest revision of each check. Where a controller makes the pod around
/// what stands here ([`PodView::is_partial`]), nothing is concluded from what is missing.
pub fn evaluate(pod: &PodView<'_>, policy: LevelVersion) -> Evaluation {
    if policy.level == Level::Privileged {
        return Evaluation::default();
    }
    let reader = Reader::new(pod, policy.version.minor());
    let results = checks(policy)
        .filter_map(|c| {
            let result = (c.run)(&reader);
            result.map(|r| CheckResult { id: c.id, ..r })
        })
        .collect();
    Evaluation { results, gaps: reader.into_gaps() }
}

/// The text of a refusal: `violates PodSecurity "restricted:v1.34": reason (detail), reason (detail)`.
pub fn message(results: &[CheckResult], policy: LevelVersion) -> String {
    format!("violates PodSecurity \"{policy}\": {}", reasons(results))
}

/// The text of a warning and of an audit annotation, which is also all that a controller gets: `would violate …`.
pub fn would_message(results: &[CheckResult], policy: LevelVersion) -> String {
    format!("would violate PodSecurity \"{policy}\": {}", reasons(results))
}

fn reasons(results: &[CheckResult]) -> String {
    let each = results.iter().map(|r| match r.detail.as_str() {
        "" => r.reason.to_string(),
        detail => format!("{} ({detail})", r.reason),
    });
    each.collect::<Vec<_>>().join(", ")
}
