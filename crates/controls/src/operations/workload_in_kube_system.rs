use crate::Framework::{GuideA, Nsa, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, Out, Severity};

control! {
    /// Pods in `kube-system` live among the cluster's own: exempt from most policies, often from Pod Security, next to
    /// Secrets and service accounts that the whole cluster hangs on. An application in there inherits that trust.
    ///
    /// Pods of the control plane (`tier: control-plane`), add-ons of the cluster (`k8s-app`, or the add-on manager's
    /// labels) with a system priority class pass.
    ///
    /// Severity: low, because what the pod may do there is a finding of its own.
    ///
    /// Confidence: medium, because an add-on may carry none of the labels.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: cache
    ///   namespace: kube-system #~
    ///   labels: {app: cache, tier: backend}
    /// spec:
    ///   priorityClassName: system-node-critical
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: proxy, namespace: kube-system, labels: {k8s-app: kube-proxy}}
    /// spec:
    ///   priorityClassName: system-node-critical
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: cache, namespace: shop}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Move the workload to a namespace of its own.
    pub(crate) static CONTROL: Control = Control::new(
        "workload-in-kube-system",
        "Workload stands among the cluster's own in kube-system",
        Ring::Operations,
        Severity::Low,
        Check::Pod(check),
    )
    .confidence(Confidence::Medium)
    .maps(&[(Nsa, "network separation"), (GuideA, "4.A"), (Trivy, "KSV-0037")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.object.key.namespace.as_deref() != Some("kube-system") {
        return out.pass();
    }
    let priority = cx.pod.spec().field("priorityClassName").and_then(Value::as_str);
    let critical = priority.is_some_and(|p| p.starts_with("system-"));
    let labelled = cx.pod.label("tier").is_some_and(|t| t == "control-plane")
        || ["k8s-app", "kubernetes.io/cluster-service", "addonmanager.kubernetes.io/mode"]
            .iter()
            .any(|key| cx.pod.label(key).or_else(|| cx.object.label(key)).is_some());
    if critical && labelled {
        return out.pass();
    }
    let at = cx.object.metadata().and_then(|m| m.field("namespace")).unwrap_or(cx.object.root());
    out.fail(at, "neither labels nor priority say that it is part of the cluster");
}
