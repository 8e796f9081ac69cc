use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// The taint of control-plane nodes keeps workloads away from the API server, its keys and etcd. A toleration for
    /// it, or for everything, gives that up: a pod that is broken out of there has the cluster and not one worker.
    ///
    /// Severity: low, because the pod must be scheduled there and left first. Node agents have the toleration for a
    /// reason.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec:
    ///       tolerations:
    ///       - key: node-role.kubernetes.io/control-plane #~
    ///         operator: Exists
    ///         effect: NoSchedule
    ///       containers:
    ///       - name: web
    ///         image: registry.example/web:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   tolerations:
    ///   - operator: Exists #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   tolerations:
    ///   - {key: gpu, operator: Exists, effect: NoSchedule}
    ///   - {operator: Exists, effect: PreferNoSchedule}
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
    ///   tolerations: ${TOLERATIONS} #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Name the taints that the pod is meant for. A node agent that must run everywhere keeps the toleration and gives
    /// up host access and rights instead.
    pub(crate) static CONTROL: Control = Control::new(
        "control-plane-toleration",
        "Pod may run on nodes of the control plane",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    );
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let list = Field::at(cx.pod.spec(), &["tolerations"]).read(|v| v.is_sequence().then_some(v));
    let list = match list {
        Field::Set(list, _) => Some(list),
        Field::Unreadable(at, reason) => return out.unreadable(at, reason, "tolerations"),
        _ => None,
    };
    let mut clean = true;
    for toleration in list.into_iter().flat_map(Value::items) {
        let text = |key| toleration.get(key).and_then(Value::as_str).unwrap_or_default();
        // The control plane's taint has the effect NoSchedule; an empty effect meets all.
        if !matches!(&*text("effect"), "" | "NoSchedule") {
            continue;
        }
        match &*text("key") {
            key @ ("node-role.kubernetes.io/control-plane" | "node-role.kubernetes.io/master") => {
                let at = toleration.get("key").unwrap_or(toleration);
                out.fail(at, format!("`{key}` is tolerated"));
                clean = false;
            }
            "" if text("operator") == "Exists" => {
                let at = toleration.get("operator").unwrap_or(toleration);
                out.fail(at, "every taint is tolerated, the control plane's too");
                clean = false;
            }
            _ => {}
        }
    }
    if clean {
        out.pass();
    }
}
