use crate::Framework::{Cis, GuideB, Nsa, Pss};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_analysis::pod_security::{LabelProblem, Mode, NamespacePolicy};
use kastell_model::{Out, Severity};

control! {
    /// A Pod Security label says something that the API server does not understand. It refuses such a Namespace. Where
    /// the label got in all the same (before admission was on, or past it), a wrong level of `enforce` counts as
    /// restricted and stops every rollout, while a wrong level of `audit` or `warn` counts as privileged: nobody hears
    /// of anything any more. A misspelt key is worse, because it is accepted and means nothing.
    ///
    /// Severity: medium for the label that enforces, because the namespace is not made or its pods are refused; low for the
    /// others, which only tell.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: strict #~
    ///     pod-security.kubernetes.io/enforce-version: "1.34" #~
    ///     pod-security.kubernetes.io/enforced: baseline #~
    ///     pod-security.kubernetes.io/warn: Restricted #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: baseline
    ///     pod-security.kubernetes.io/enforce-version: v1.34
    ///     pod-security.kubernetes.io/warn: restricted
    ///     pod-security.kubernetes.io/warn-version: latest
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: ${LEVEL} #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop}
    /// ```
    ///
    /// ## Fix
    /// Write `privileged`, `baseline` or `restricted` as the level and `latest` or `v1.N` as the version. Before a level
    /// that was not in force comes into force, look at the pods that run: those that violate it will not come back.
    pub(crate) static CONTROL: Control = Control::new(
        "pod-security-label-invalid",
        "Pod Security label of a namespace is not valid",
        Ring::Workloads,
        Severity::Medium,
        Check::Object(&[("", "Namespace")], check),
    )
    .maps(&[
        (GuideB, "operating discipline"),(Cis, "5.2.1"), (Nsa, "pod security"), (Pss, "baseline"), (GuideB, "pod security")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let labels = cx.object.metadata().and_then(|m| m.field("labels"));
    let (_, problems) = NamespacePolicy::from_labels(labels);
    let has_labels = labels.is_some_and(|l| l.entries().any(|(k, _)| k.starts_with("pod-security.kubernetes.io/")));
    if has_labels && problems.is_empty() {
        out.pass();
    }
    for problem in &problems {
        let message = problem.to_string();
        match *problem {
            LabelProblem::Invalid { mode: Mode::Enforce, value, .. } => {
                out.fail(value, message);
            }
            LabelProblem::Invalid { value, .. } | LabelProblem::UnknownKey { value, .. } => {
                out.fail(value, message).severity(Severity::Low);
            }
            LabelProblem::Unreadable { value, reason, .. } => out.gap(value, reason, message),
        }
    }
}
