use crate::Framework::{Datree, Kubescape, Pss, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity};

control! {
    /// SELinux keeps containers apart by their type. A type that is not made for containers, such as `spc_t`, or a user
    /// or role of its own takes the process out of that policy, so that it can touch files of the node and of other
    /// containers.
    ///
    /// Severity: medium, because it removes one wall of the container.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seLinuxOptions:
    ///       type: spc_t #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       seLinuxOptions:
    ///         user: system_u #~
    ///         role: system_r #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seLinuxOptions: {type: container_t, level: "s0:c1,c2"}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     seLinuxOptions:
    ///       type: 5 #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
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
    /// Remove `user`, `role` and `type`, or use a type for containers (`container_t`, `container_init_t`,
    /// `container_kvm_t`, `container_engine_t`). Access to one directory of the node is better given by relabelling it.
    pub(crate) static CONTROL: Control = Control::new(
        "custom-selinux-options",
        "SELinux context outside the container types",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[(Pss, "baseline"), (Kubescape, "C-0211"), (Trivy, "KSV-0025"), (Datree, "EKS_INVALID_SELINUXOPTIONS_ROLE_VALUE"), (Datree, "EKS_INVALID_SELINUXOPTIONS_TYPE_VALUE"), (Datree, "EKS_INVALID_SELINUXOPTIONS_USER_VALUE")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let mut clean = true;
    for base in std::iter::once(cx.pod.spec()).chain(cx.containers.iter().map(|c| c.value)) {
        for (path, name) in FIELDS {
            match Field::string(base, path) {
                Field::Set(value, at) if !allowed(name, &value) => {
                    if GapReason::of_mistyped(at) == GapReason::Dynamic {
                        out.unreadable(at, GapReason::Dynamic, name);
                    } else {
                        out.fail(at, format!("the SELinux {name} is `{value}`"));
                    }
                    clean = false;
                }
                Field::Unreadable(at, reason) => {
                    out.unreadable(at, reason, name);
                    clean = false;
                }
                _ => {}
            }
        }
    }
    if clean {
        out.pass();
    }
}

const FIELDS: [(&[&str], &str); 3] = [
    (&["securityContext", "seLinuxOptions", "type"], "type"),
    (&["securityContext", "seLinuxOptions", "user"], "user"),
    (&["securityContext", "seLinuxOptions", "role"], "role"),
];

/// pod-security-admission policy/check_seLinuxOptions.go.
fn allowed(field: &str, value: &str) -> bool {
    let container_types = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    value.is_empty() || (field == "type" && container_types.contains(&value))
}
