use crate::Framework::{Checkov, Datree, GuideA, GuideB, KubeScore, Kubesec, Nsa, Trivy};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};
use serde::{Deserialize, Serialize};

control! {
    /// Numbers below 1000 belong to the node's own accounts: a process that breaks out of its container, or a file on a
    /// shared directory of the node, then has an account's rights on the node. Where no number is set the image chooses
    /// one that nobody has reviewed.
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
    ///     runAsUser: 101 #~
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
    ///     runAsUser: 1000
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext: {runAsUser: 10001}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostUsers: false
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
    ///       runAsUser: nobody #?
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
    /// Set `runAsUser` to a number that no account of the node has; the files that the program writes must belong to
    /// it.
    ///
    /// ## The guides
    /// One uses 1000, the other 10001: 1000 is the default bound. Tools that want more than 10000 are met by the
    /// parameter `minimum: 10001`.
    pub(crate) static CONTROL: Control = Control::new(
        "low-user-id",
        "Container runs as a low user number",
        Ring::Workloads,
        Severity::Info,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideA, "4.A"),(Nsa, "pod security"), (GuideA, "4.B"), (GuideB, "pod security"), (Trivy, "KSV-0020"), (Checkov, "CKV_K8S_40"), (KubeScore, "container-security-context-user-group-id"), (Kubesec, "RunAsUser"), (Datree, "CONTAINERS_INCORRECT_RUNASUSER_VALUE_LOWUID")]);
}

/// From which number on a user is high enough.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// The lowest good number.
    minimum: i64,
}

impl Default for Params {
    /// The lowest number that Linux distributions give to people (`UID_MIN` of login.defs).
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
    let field = cx.container.effective(cx.pod, &["securityContext", "runAsUser"]).read(Value::as_i64);
    match &field {
        Field::Set(id, _) if *id >= minimum => out.pass(),
        Field::Set(id, at) => {
            out.fail(*at, format!("user {id} is below {minimum}"));
        }
        Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "securityContext.runAsUser"),
        _ => {
            out.fail(&field, "the image chooses the user");
        }
    }
}
