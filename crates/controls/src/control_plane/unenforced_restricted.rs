use crate::Framework::{Cis, GuideA, GuideB, Kubescape, Nsa, Pss};
use crate::{Check, Control, ObjectCx, ParamSpec, Ring, control, enforcement};
use kastell_model::{Confidence, Out, Severity};

control! {
    /// The namespace lets pods in that run as root, keep the capabilities that the runtime gives, and may gain privileges
    /// that they were not started with. The standard `restricted` refuses those; most applications need none of it.
    ///
    /// Namespaces of Kubernetes itself are left out; the parameter `exempt` lists them.
    ///
    /// Severity: low, because `baseline` already refuses what leads straight to the node.
    ///
    /// Confidence: medium, because the API server's configuration may set a default for namespaces without labels, and
    /// another policy engine may stand in.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop} #~
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: baseline #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: bank
    ///   labels: {pod-security.kubernetes.io/enforce: restricted}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: "" #?
    /// ```
    ///
    /// ## Fix
    /// Set the label `pod-security.kubernetes.io/warn: restricted`, harden the workloads that the warnings name, then set
    /// `enforce`. Pods that break the standard are refused when they are next created.
    pub(crate) static CONTROL: Control = Control::new(
        "unenforced-restricted",
        "Namespace does not enforce the Pod Security Standard restricted",
        Ring::ControlPlane,
        Severity::Low,
        Check::Object(&[("", "Namespace")], check),
    )
    .confidence(Confidence::Medium)
    .params(ParamSpec::of::<enforcement::Params>())
    .maps(&[
        (Cis, "5.2.1"),
        (Nsa, "pod security"),
        (Pss, "restricted"),
        (GuideA, "4.B"),
        (GuideB, "pod security"),
        (Kubescape, "C-0197"),
        (Kubescape, "C-0198"),
        (Kubescape, "C-0200"),
        (Kubescape, "C-0201"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    enforcement::check(cx, &["restricted"], out);
}
