use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Origin, Out, Severity};

control! {
    /// `nodeName` in a manifest places the pod without the scheduler: taints that keep others out, resources and spread
    /// are not looked at. Who may create pods uses it to reach a node that was set apart, the control plane's for
    /// example. Pods of a running cluster have the field from the scheduler and are not judged.
    ///
    /// Severity: low, because it needs the right to create pods, and is hygiene where no one abuses it.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       nodeName: control-plane-1 #~
    ///       containers:
    ///       - name: web
    ///         image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///       - name: web
    ///         image: registry.example/web:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   nodeName: [a, b] #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool, uid: 0b6a5a4e-9a5f-4a52-8f0e-3f6a7c0e4f11}
    /// spec:
    ///   nodeName: worker-1
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Use `nodeSelector` or node affinity, with a toleration where the node is tainted on purpose.
    pub(crate) static CONTROL: Control = Control::new(
        "pinned-node-name",
        "Manifest chooses its node past the scheduler",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    );
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let from_cluster = cx.object.metadata().is_some_and(|m| m.field("uid").is_some());
    if cx.object.is("", "Pod") && (from_cluster || matches!(cx.object.origin, Origin::Live { .. })) {
        return;
    }
    match Field::string(cx.pod.spec(), &["nodeName"]) {
        Field::Set(node, at) if !node.is_empty() => {
            out.fail(at, format!("the scheduler is passed over for node `{node}`"));
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "nodeName"),
        _ => out.pass(),
    }
}
