use crate::Framework::{Attack, GuideA, GuideB, Kubescape};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// With `failurePolicy: Ignore` the API server lets everything through while the webhook cannot be reached or is too
    /// slow. Whoever makes it slow, evicts its pods or fills its node switches the policy off, and nothing is refused.
    ///
    /// Severity: medium for webhooks that validate, because the rule that they enforce holds only in good weather; low
    /// for those that mutate, which mostly add and seldom forbid.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   failurePolicy: Ignore #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   failurePolicy: Fail
    /// - name: by-default.shop.example
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   failurePolicy: ${FAILURE_POLICY} #?
    /// ```
    ///
    /// ## Fix
    /// Run the webhook with several replicas, a disruption budget and a short timeout, exempt its own namespace, and set
    /// `failurePolicy: Fail`. Where it is down then, nothing that it looks at can be created.
    pub(crate) static CONTROL: Control = Control::new(
        "ignored-webhook-failure",
        "Admission webhook lets requests through while it is down",
        Ring::ControlPlane,
        Severity::Medium,
        Check::Object(
            &[
                ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
                ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
            ],
            check,
        ),
    )
    .maps(&[(Attack, "T1562.001"), (GuideA, "1.A"), (GuideB, "control plane"), (Kubescape, "C-0036")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let mutates = &*cx.object.key.kind.kind == "MutatingWebhookConfiguration";
    for webhook in cx.object.root().field("webhooks").into_iter().flat_map(Value::items) {
        match webhook.field("failurePolicy") {
            Some(at) if at.is_str("Ignore") => {
                let hit = out.fail(at, "requests pass unseen while the webhook does not answer");
                if mutates {
                    hit.severity(Severity::Low);
                }
            }
            Some(at) if !at.is_str("Fail") => out.unreadable(at, GapReason::of_mistyped(at), "failurePolicy"),
            // v1 defaults to Fail; v1beta1, which no server has had since 1.22, to Ignore.
            None if &*cx.object.version == "v1beta1" => {
                out.fail(
                    webhook,
                    "`v1beta1` defaults to `Ignore`: requests pass unseen while the webhook does not answer",
                );
            }
            _ => out.pass(),
        }
    }
}
