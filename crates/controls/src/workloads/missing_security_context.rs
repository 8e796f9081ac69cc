use crate::Framework::{Checkov, Cis, Datree, GuideB, Kubeaudit, Kubescape, Trivy};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};
use serde::{Deserialize, Serialize};

control! {
    /// Without any security context everything is left to the image and the node: user, capabilities, file system,
    /// system calls.
    ///
    /// Severity: low, because each missing field has a control of its own; this one only says that none was thought of.
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
    ///     securityContext: {} #~
    ///   - name: misspelt
    ///     image: registry.example/misspelt:1
    ///     securityContext: {runAsNonroot: true} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext: {runAsNonRoot: true}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext: {runAsNonRoot: true}
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
    ///     securityContext: ${CONTEXT} #?
    /// ```
    ///
    /// `level` says where a context has to stand: at `either` place (the default), the `pod` or each `container`.
    ///
    /// ## Fix
    /// Start with `runAsNonRoot: true`, `seccompProfile.type: RuntimeDefault` for the pod and
    /// `allowPrivilegeEscalation: false`, `readOnlyRootFilesystem: true`, `capabilities.drop: ["ALL"]` for each
    /// container.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-security-context",
        "Neither container nor pod has a security context",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideB, "pod security"),(Cis, "5.7.3"), (Kubescape, "C-0211"), (Trivy, "KSV-0118"), (Checkov, "CKV_K8S_29"), (Checkov, "CKV_K8S_30"), (Datree, "CIS_MISSING_KEY_SECURITYCONTEXT"), (Kubeaudit, "CapabilityOrSecurityContextMissing")]);
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Where a context has to stand.
    level: Level,
}

/// Where a security context can stand.
#[derive(Serialize, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// At the pod or at the container.
    #[default]
    Either,
    /// At the pod: what it sets holds for containers that are added later, too.
    Pod,
    /// At each container: most fields exist only there.
    Container,
}

/// The fields of `PodSecurityContext` and `SecurityContext` (core/v1 types.go).
const FIELDS: [&str; 18] = [
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "fsGroup",
    "fsGroupChangePolicy",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "seLinuxChangePolicy",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
    "windowsOptions",
];

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    const CONTEXT: &[&str] = &["securityContext"];
    // A field that Kubernetes does not know is dropped, and sets nothing.
    let read = |v: Value<'_>| v.is_mapping().then(|| v.entries().any(|(key, _)| FIELDS.contains(&key)));
    let own = cx.container.field(CONTEXT).read(read);
    let of_pod = cx.pod.field(CONTEXT).read(read);
    let asked = match cx.params::<Params>().level {
        Level::Either => vec![&own, &of_pod],
        Level::Pod => vec![&of_pod],
        Level::Container => vec![&own],
    };
    if asked.iter().any(|f| matches!(f, Field::Set(true, _))) {
        return out.pass();
    }
    match asked.iter().find(|f| matches!(f, Field::Unreadable(..))) {
        Some(Field::Unreadable(at, reason)) => out.unreadable(*at, *reason, "securityContext"),
        _ => {
            if let Some(field) = asked.first() {
                out.fail(*field, "no security context is set");
            }
        }
    }
}
