use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Pss, Trivy,
};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// Unless `allowPrivilegeEscalation` is false, a set-user-ID program or a file with capabilities gives a process
    /// more rights than it was started with. An attacker who runs as an ordinary user in the container becomes root in
    /// it through any such program of the image; the kernel's `no_new_privs` flag, which the field sets, ends that.
    ///
    /// Severity: medium, because it needs a foothold in the container and a helpful program in its image.
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
    ///       allowPrivilegeEscalation: true #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   initContainers:
    ///   - name: setup
    ///     image: registry.example/setup:1
    ///     securityContext: {allowPrivilegeEscalation: false}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       allowPrivilegeEscalation: false
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
    ///       allowPrivilegeEscalation: "false" #?
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
    /// Set `securityContext.allowPrivilegeEscalation: false` on every container; the pod's security context has no such
    /// field. Programs that use sudo, ping with file capabilities or other set-user-ID tools stop working.
    pub(crate) static CONTROL: Control = Control::new(
        "privilege-escalation",
        "Process may gain more rights than its parent",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideA, "4"),(Cis, "5.2.6"), (Nsa, "pod security"), (Pss, "restricted"), (Attack, "T1548"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0013"), (Kubescape, "C-0016"), (Kubescape, "C-0197"), (Kubescape, "C-0217"), (Trivy, "KSV-0001"), (Checkov, "CKV2_K8S_20"), (Checkov, "CKV_K8S_20"), (Checkov, "CKV_K8S_5"), (KubeLinter, "privilege-escalation-container"), (Polaris, "privilegeEscalationAllowed"), (Kubesec, "AllowPrivilegeEscalation"), (Datree, "CONTAINERS_MISSING_KEY_ALLOWPRIVILEGEESCALATION"), (Kubeaudit, "AllowPrivilegeEscalationNil"), (Kubeaudit, "AllowPrivilegeEscalationTrue")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let field = Field::bool(cx.container.value, &["securityContext", "allowPrivilegeEscalation"]);
    match &field {
        Field::Set(false, _) => out.pass(),
        Field::Unreadable(at, reason) => {
            out.unreadable(*at, *reason, "securityContext.allowPrivilegeEscalation");
        }
        Field::Set(true, _) => {
            out.fail(&field, "set-user-ID programs may raise their rights");
        }
        Field::Default(..) | Field::Absent(_) => {
            out.fail(&field, "nothing keeps set-user-ID programs from raising their rights");
        }
    }
}
