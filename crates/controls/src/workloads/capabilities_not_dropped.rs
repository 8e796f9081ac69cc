use crate::Framework::{Checkov, Cis, GuideA, GuideB, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Pss, Trivy};
use crate::pods::{ADD, DROP, capabilities, drops_all, names, spelling};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};
use serde::{Deserialize, Serialize};

control! {
    /// Runtimes give every container about fourteen capabilities: among them to change owners, to bypass file
    /// permissions, to forge packets and to become another user. Hardly a program needs one. Dropping all of them
    /// leaves a root process in the container without most of what makes it root.
    ///
    /// Severity: medium, because it limits what follows an intrusion. That a container drops everything and adds back
    /// one of the runtime's own capabilities is information only.
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
    ///       capabilities:
    ///         drop: [NET_RAW] #~
    ///   - name: own
    ///     image: registry.example/own:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [ALL]
    ///         add:
    ///         - NET_BIND_SERVICE
    ///         - CHOWN #~
    ///   - name: prefixed
    ///     image: registry.example/prefixed:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [CAP_ALL] #~
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
    ///       capabilities:
    ///         drop: [ALL]
    ///         add: [NET_BIND_SERVICE]
    ///   - name: lower
    ///     image: registry.example/lower:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [all]
    /// ```
    ///
    /// `by_name: true` also accepts a list of all default capabilities. It is off: a runtime's default may grow, and Pod
    /// Security admission asks for `ALL`.
    /// ```yaml
    /// # params: {"by_name": true}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, NET_RAW, SETFCAP,
    ///                SETGID, SETPCAP, SETUID, SYS_CHROOT]
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
    ///       capabilities:
    ///         drop: ALL #?
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
    /// Set `securityContext.capabilities.drop: ["ALL"]` and add back only what the program fails without,
    /// `NET_BIND_SERVICE` for ports below 1024. Entry points that change owners or users fail: run as the final user
    /// from the start.
    ///
    /// ## The guides
    /// `ALL` in any case is taken, as containerd and CRI-O do; the Pod Security Standards' restricted level wants
    /// capitals.
    pub(crate) static CONTROL: Control = Control::new(
        "capabilities-not-dropped",
        "Container keeps the capabilities that the runtime gives it",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .hardening()
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideA, "4"),(Cis, "5.2.10"), (Nsa, "pod security"), (Pss, "restricted"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0201"), (Kubescape, "C-0220"), (Trivy, "KSV-0003"), (Trivy, "KSV-0106"), (Checkov, "CKV_K8S_36"), (Checkov, "CKV_K8S_37"), (Polaris, "insecureCapabilities"), (Kubesec, "CapDropAll"), (Kubeaudit, "CapabilityShouldDropAll")]);
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Whether dropping each of the runtime's default capabilities by name counts like `ALL`.
    by_name: bool,
}

/// Whether each default capability is dropped by name.
fn drops_defaults(drop: &Field<'_, Value<'_>>) -> bool {
    DEFAULT.iter().all(|wanted| names(drop).any(|(name, _)| name == *wanted))
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let (Some(drop), Some(add)) = (capabilities(cx.container, DROP, out), capabilities(cx.container, ADD, out)) else {
        return;
    };
    let named = cx.params::<Params>().by_name && drops_defaults(&drop);
    if !(drops_all(&drop) || named) {
        let message = match &drop {
            Field::Set(list, _) if list.items().next().is_some() => "the list of dropped capabilities lacks `ALL`",
            _ => "the runtime's default capabilities are kept",
        };
        out.fail(&drop, message);
        return;
    }
    let mut clean = true;
    for (name, at) in names(&add).filter(|(name, _)| name != "NET_BIND_SERVICE") {
        clean = false;
        let hit = out.fail(at, format!("{name} is added back{}", spelling(at)));
        if DEFAULT.contains(&&*name) {
            hit.severity(Severity::Info);
        }
    }
    if clean {
        out.pass();
    }
}

/// What the runtimes give without being asked (containerd oci/spec.go, defaultUnixCaps).
const DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
