use crate::Framework::{Attack, Cis, Datree, GuideA, GuideB, Kubescape, Polaris, Pss, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Out, Severity, yaml::Value};

control! {
    /// A hostPath volume puts files of the node into the pod. Whatever lies there outlives the pod, is shared with
    /// every other pod that mounts it, and is neither in a quota nor in a backup; where it is writable it is the usual
    /// way from a container to the node.
    ///
    /// Severity: medium, because the path decides what can be done with it: sensitive directories, writable mounts and
    /// runtime sockets have controls of their own.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///   volumes:
    ///   - name: logs
    ///     hostPath: #~
    ///       path: /var/log/tool
    ///   - name: scratch
    ///     emptyDir: {}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///   volumes:
    ///   - name: scratch
    ///     emptyDir: {}
    /// ```
    ///
    /// ## Fix
    /// Use an `emptyDir`, a PersistentVolumeClaim or a projected volume. Data that the pod found on the node must be
    /// brought there.
    pub(crate) static CONTROL: Control = Control::new(
        "host-path-volume",
        "Pod uses a directory of its node",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[
        (GuideB, "nodes"),(Cis, "5.2.12"), (Pss, "baseline"), (Attack, "T1611"), (GuideA, "4.B"), (Kubescape, "C-0048"), (Kubescape, "C-0203"), (Trivy, "KSV-0023"), (Polaris, "hostPathSet"), (Datree, "CONTAINERS_INCORRECT_KEY_HOSTPATH")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let mut clean = true;
    for volume in cx.pod.volumes() {
        let Some(source) = volume.field("hostPath") else { continue };
        clean = false;
        let path = source.get("path").and_then(Value::as_str).unwrap_or_default();
        if path.is_empty() {
            out.fail(source, "a directory of the node is mounted");
        } else {
            out.fail(source, format!("`{path}` of the node is mounted"));
        }
    }
    if clean {
        out.pass();
    }
}
