use crate::Framework::{Cis, GuideA, GuideB, Kubescape, Nsa, Pss};
use crate::{Check, Control, ObjectCx, ParamSpec, Ring, control, enforcement};
use kastell_model::{Confidence, Out, Severity};

control! {
    /// Nothing refuses a privileged pod in this namespace, as far as its labels say: whoever may create a pod here, by
    /// hand or through a controller or a pipeline, creates one that mounts the disk of the node and takes the node over.
    /// The standard `baseline` refuses exactly that and hardly any ordinary application.
    ///
    /// Namespaces of Kubernetes itself are left out; the parameter `exempt` lists them.
    ///
    /// Severity: medium, because it takes the right to create pods; the pods that use the gap are findings of their own.
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
    ///     pod-security.kubernetes.io/enforce: privileged #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels: {pod-security.kubernetes.io/enforce: baseline}
    /// ---
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
    ///     pod-security.kubernetes.io/enforce: basic #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: kube-system}
    /// ```
    ///
    /// ## Fix
    /// Set the label `pod-security.kubernetes.io/warn: baseline`, look at the warnings, then set `enforce`. Pods that run
    /// already stay; those that break the standard are refused when they are next created.
    pub(crate) static CONTROL: Control = Control::new(
        "unenforced-baseline",
        "Namespace does not enforce the Pod Security Standard baseline",
        Ring::ControlPlane,
        Severity::Medium,
        Check::Object(&[("", "Namespace")], check),
    )
    .confidence(Confidence::Medium)
    .params(ParamSpec::of::<enforcement::Params>())
    .maps(&[
        (GuideB, "quick take"),
        (GuideB, "operating discipline"),
        (Cis, "5.2.1"),
        (Nsa, "pod security"),
        (Pss, "baseline"),
        (GuideA, "4.B"),
        (GuideB, "pod security"),
        (Kubescape, "C-0192"),
        (Kubescape, "C-0193"),
        (Kubescape, "C-0199"),
        (Kubescape, "C-0202"),
        (Kubescape, "C-0203"),
        (Kubescape, "C-0204"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    enforcement::check(cx, &["baseline", "restricted"], out);
}
