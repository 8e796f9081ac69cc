use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Trivy,
};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// In a writable root file system an attacker can replace the program, drop tools, and change what the next request
    /// executes. Read-only, only the volumes that the manifest names can be written, and those can be mounted without
    /// the right to execute.
    ///
    /// Severity: medium, because it makes an intrusion harder to extend and does not prevent it.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web #~
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       readOnlyRootFilesystem: false #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       readOnlyRootFilesystem: true
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       readOnlyRootFilesystem: "{{ .Values.readOnly }}" #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   os: {name: windows}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Set `readOnlyRootFilesystem: true` and mount an `emptyDir` where the program writes: usually `/tmp`, caches and
    /// run files.
    pub(crate) static CONTROL: Control = Control::new(
        "writable-root-filesystem",
        "Root file system of the container can be written",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideA, "5"),
        (GuideA, "4"),(Nsa, "pod security"), (Attack, "T1565"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0017"), (Trivy, "KSV-0014"), (Checkov, "CKV_K8S_22"), (KubeLinter, "no-read-only-root-fs"), (KubeScore, "container-security-context-readonlyrootfilesystem"), (Polaris, "notReadOnlyRootFilesystem"), (Kubesec, "ReadOnlyRootFilesystem"), (Datree, "CONTAINERS_INCORRECT_READONLYROOTFILESYSTEM_VALUE"), (Kubeaudit, "ReadOnlyRootFilesystemFalse"), (Kubeaudit, "ReadOnlyRootFilesystemNil")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let field = Field::bool(cx.container.value, &["securityContext", "readOnlyRootFilesystem"]);
    match &field {
        Field::Set(true, _) => out.pass(),
        Field::Unreadable(at, reason) => {
            out.unreadable(*at, *reason, "securityContext.readOnlyRootFilesystem");
        }
        _ => {
            out.fail(&field, "the program and its libraries can be changed while it runs");
        }
    }
}
