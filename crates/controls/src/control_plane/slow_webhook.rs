use crate::Framework::{GuideA, Kubescape};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// The API server waits for a webhook before it answers. With a long timeout one slow webhook holds up every request
    /// that it is asked about, controllers run into their own timeouts, and the cluster stands still with it.
    ///
    /// Severity: low, because it is about availability in a fault.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: MutatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   timeoutSeconds: 30 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: admissionregistration.k8s.io/v1
    /// kind: ValidatingWebhookConfiguration
    /// metadata: {name: policy}
    /// webhooks:
    /// - name: policy.shop.example
    ///   timeoutSeconds: 5
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
    ///   timeoutSeconds: ${TIMEOUT} #?
    /// ```
    ///
    /// ## Fix
    /// Set `timeoutSeconds` to 10 or less. Measure first how long the webhook takes; what is slower fails afterwards, or
    /// passes unseen with `failurePolicy: Ignore`.
    pub(crate) static CONTROL: Control = Control::new(
        "slow-webhook",
        "Admission webhook may hold up requests for long",
        Ring::ControlPlane,
        Severity::Low,
        Check::Object(
            &[
                ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
                ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
            ],
            check,
        ),
    )
    .params(crate::ParamSpec::of::<Params>())
    .maps(&[(GuideA, "1.A"), (Kubescape, "C-0036"), (Kubescape, "C-0039")]);
}

/// The longest timeout that passes.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Params {
    /// In seconds; the API's default is 10, its greatest value 30.
    longest: i64,
}

impl Default for Params {
    fn default() -> Params {
        Params { longest: 10 }
    }
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let longest = cx.params::<Params>().longest;
    // v1beta1 defaults to 30 seconds, v1 to 10.
    let default = if &*cx.object.version == "v1beta1" { 30 } else { 10 };
    for webhook in cx.object.root().field("webhooks").into_iter().flat_map(Value::items) {
        match webhook.field("timeoutSeconds") {
            Some(at) => match at.as_i64() {
                Some(seconds) => {
                    out.check(seconds > longest, at, format!("the API server waits up to {seconds} seconds"))
                }
                None => out.unreadable(at, GapReason::of_mistyped(at), "timeoutSeconds"),
            },
            None => out.check(default > longest, webhook, format!("the API server waits up to {default} seconds")),
        }
    }
}
