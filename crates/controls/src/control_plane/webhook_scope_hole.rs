use crate::Framework::{Attack, GuideA, GuideB};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::kube::{LabelSelector, Operator, Requirement};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// The webhook is asked only about objects or namespaces with certain labels. Whoever creates an object chooses its
    /// labels, so an `objectSelector` lets him step around the policy with one line; a `namespaceSelector` does the same
    /// for whoever may label a namespace. The name label `kubernetes.io/metadata.name` can't be chosen and passes.
    ///
    /// Severity: medium for `objectSelector`; low for `namespaceSelector`, since fewer may write namespaces.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   objectSelector: #~
    ///     matchExpressions: [{key: skip-policy, operator: DoesNotExist}]
    ///   namespaceSelector: #~
    ///     matchExpressions: [{key: policy, operator: NotIn, values: [ignore]}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   objectSelector: {}
    ///   namespaceSelector:
    ///     matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   objectSelector: ${SELECTOR} #?
    /// ```
    ///
    /// ## Fix
    /// Select namespaces by `kubernetes.io/metadata.name`, leave `objectSelector` empty, and keep exemptions in the
    /// policy engine, where they are reviewed.
    pub(crate) static CONTROL: Control = Control::new(
        "webhook-scope-hole",
        "Admission webhook can be stepped around with a label",
        Ring::ControlPlane,
        Severity::Medium,
        Check::Object(&[("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")], check),
    )
    .maps(&[(Attack, "T1562.001"), (GuideA, "1.A"), (GuideB, "control plane")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    for webhook in cx.object.root().field("webhooks").into_iter().flat_map(Value::items) {
        selector(webhook, "objectSelector", Severity::Medium, "whoever creates an object chooses its label", out);
        selector(webhook, "namespaceSelector", Severity::Low, "whoever may label a namespace takes it out by", out);
    }
}

fn selector(webhook: Value<'_>, field: &str, severity: Severity, who: &str, out: &mut Out<'_>) {
    let Some(at) = webhook.field(field) else { return out.pass() };
    let Ok(selector) = LabelSelector::from_value(at) else {
        return out.unreadable(at, GapReason::of_mistyped(at), field);
    };
    match selector.requirements().iter().find(|r| can_be_chosen(r)) {
        Some(r) => drop(out.fail(at, format!("{who} `{}`", r.key())).severity(severity)),
        None => out.pass(),
    }
}

fn can_be_chosen(requirement: &Requirement) -> bool {
    let known = requirement.key() == "kubernetes.io/metadata.name";
    !known
        && matches!(requirement.operator(), Operator::In | Operator::NotIn | Operator::Exists | Operator::DoesNotExist)
}
