use crate::Framework::{Datree, KubeScore, Kubesec, Trivy};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};
use serde::{Deserialize, Serialize};

control! {
    /// Numbers below 1000 are groups of the node, such as disk, shadow or docker. A process outside its container, or
    /// one with a directory of the node mounted, has what that group may do. Where no group is set the image chooses,
    /// and the usual answer is 0.
    ///
    /// Severity: info, because it only matters after a container was left or a directory of the node was shared.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 6 #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext: {runAsGroup: 10001}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web #~
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 1000
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
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext:
    ///       runAsGroup: ${GID} #?
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
    /// Set `runAsGroup` to a number that no group of the node has. Images for OpenShift expect group 0 for their
    /// writable files and need other file modes first.
    pub(crate) static CONTROL: Control = Control::new(
        "low-group-id",
        "Container runs with a low group number",
        Ring::Workloads,
        Severity::Info,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[(Trivy, "KSV-0021"), (KubeScore, "container-security-context-user-group-id"), (Kubesec, "RunAsGroup"), (Datree, "CONTAINERS_INCORRECT_RUNASGROUP_VALUE_LOWGID")]);
}

/// From which number on a group is high enough.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// The lowest good number.
    minimum: i64,
}

impl Default for Params {
    /// The lowest number that Linux distributions give to people (`GID_MIN` of login.defs).
    fn default() -> Params {
        Params { minimum: 1000 }
    }
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    if cx.pod.has_user_namespace() {
        return out.pass();
    }
    let minimum = cx.params::<Params>().minimum;
    let field = cx.container.effective(cx.pod, &["securityContext", "runAsGroup"]).read(Value::as_i64);
    match &field {
        Field::Set(id, _) if *id >= minimum => out.pass(),
        Field::Set(id, at) => {
            out.fail(*at, format!("group {id} is below {minimum}"));
        }
        Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "securityContext.runAsGroup"),
        _ => {
            out.fail(&field, "the image chooses the group");
        }
    }
}
