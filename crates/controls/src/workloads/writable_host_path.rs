use crate::Framework::{Attack, Datree, KubeLinter, Kubescape, Nsa};
use crate::pods::{host_paths, mounts};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// A mount of the node's files without `readOnly: true` lets the container change them: for the node, for the next
    /// pod that mounts the path, and beyond the container's own life.
    ///
    /// Severity: medium, because what can be done depends on the path; `sensitive-host-path` judges that.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - {name: logs, mountPath: /logs} #~
    ///     - name: config
    ///       mountPath: /config
    ///       readOnly: false #~
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log/agent}
    ///   - name: config
    ///     hostPath: {path: /srv/agent}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - {name: logs, mountPath: /logs, readOnly: true}
    ///     - {name: scratch, mountPath: /scratch}
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log/agent}
    ///   - name: scratch
    ///     emptyDir: {}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: agent
    ///     image: registry.example/agent:1
    ///     volumeMounts:
    ///     - name: logs
    ///       mountPath: /logs
    ///       readOnly: "true" #?
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log/agent}
    /// ```
    ///
    /// ## Fix
    /// Set `readOnly: true` on the mount, or keep what the container writes in an `emptyDir` or a
    /// PersistentVolumeClaim.
    pub(crate) static CONTROL: Control = Control::new(
        "writable-host-path",
        "Container may write to a directory of its node",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[(Nsa, "pod security"), (Attack, "T1053.007"), (Attack, "T1611"), (Kubescape, "C-0045"), (KubeLinter, "writable-host-mount"), (Datree, "EKS_INVALID_HOSTPATH_MOUNT_READONLY_VALUE")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let mut clean = true;
    for (volume, path) in host_paths(cx.pod) {
        for (_, mount) in mounts(std::slice::from_ref(cx.container), volume) {
            let field = Field::bool(mount, &["readOnly"]);
            match &field {
                Field::Set(true, _) => {}
                Field::Unreadable(at, reason) => {
                    out.unreadable(*at, *reason, "volumeMounts.readOnly");
                    clean = false;
                }
                _ => {
                    let path = path.value().map_or("a directory", |p| p);
                    out.fail(&field, format!("`{path}` of the node can be written"));
                    clean = false;
                }
            }
        }
    }
    if clean {
        out.pass();
    }
}
