use crate::Framework::{Attack, GuideA, GuideB};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// The binding reports what breaks the policy, as a warning or in the audit log, and lets it in. That is how a policy
    /// is tried out; left so, it stops nobody, and the warnings go unread.
    ///
    /// Severity: low, because the policy may be on its way; the workload that it would refuse is a finding of its own.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: trusted-registries}
    /// spec:
    ///   policyName: trusted-registries
    ///   validationActions: [Warn, Audit] #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: trusted-registries}
    /// spec:
    ///   policyName: trusted-registries
    ///   validationActions: [Deny, Audit]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingAdmissionPolicyBinding
    /// metadata: {name: trusted-registries}
    /// spec:
    ///   policyName: trusted-registries
    ///   validationActions: ${ACTIONS} #?
    /// ```
    ///
    /// ## Fix
    /// Look through the audit log for what the policy would have refused, then put `Deny` in place of `Warn`.
    pub(crate) static CONTROL: Control = Control::new(
        "warn-only-admission-policy",
        "Admission policy is bound without denying anything",
        Ring::ControlPlane,
        Severity::Low,
        Check::Object(&[("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding")], check),
    )
    .maps(&[(Attack, "T1562.001"), (GuideA, "1.A"), (GuideB, "control plane")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let Some(actions) = cx.object.root().at(&["spec", "validationActions"]) else { return };
    if !actions.is_sequence() {
        return out.unreadable(actions, GapReason::of_mistyped(actions), "validationActions");
    }
    if let Some(item) = actions.items().find(|a| a.as_str().is_none_or(|s| s.contains("${") || s.contains("{{"))) {
        return out.unreadable(item, GapReason::of_mistyped(item), "validationActions");
    }
    let denies = actions.items().any(|a| a.is_str("Deny"));
    let listed: Vec<_> = actions.items().filter_map(Value::as_str).collect();
    out.check(!denies, actions, format!("the actions are only {}", listed.join(" and ")));
}
