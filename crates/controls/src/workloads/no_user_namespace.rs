use crate::Framework::{Kubesec, Nsa};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// Without `hostUsers: false` user 0 of the container is user 0 of the node. In a user namespace root inside is an
    /// ordinary number outside, so that most ways out of a container end as nobody, and capabilities hold for the pod's
    /// own namespaces only.
    ///
    /// Severity: low, because it is one more wall behind the others and asks for recent kernels and runtimes.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: tool}
    /// spec:
    ///   template:
    ///     spec: #~
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
    ///   hostUsers: true #~
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
    ///   hostUsers: "false" #?
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
    ///   hostNetwork: true
    ///   containers:
    ///   - name: proxy
    ///     image: registry.example/proxy:1
    /// ```
    ///
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
    /// Set `hostUsers: false` (on by default since Kubernetes 1.33; Linux 6.3, containerd 2.0 or CRI-O 1.25). Volumes
    /// need a file system that maps users; pods that share a namespace of the node cannot have it.
    pub(crate) static CONTROL: Control = Control::new(
        "no-user-namespace",
        "Pod runs without a user namespace of its own",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .hardening()
    .maps(&[(Nsa, "pod security"), (Kubesec, "HostUsers")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let spec = cx.pod.spec();
    let shares = |key: &str| spec.get(key).and_then(Value::as_bool) == Some(true);
    // The API server takes no user namespace beside a shared one (pkg/apis/core/validation, validateHostUsers).
    if cx.pod.is_windows() || shares("hostNetwork") || shares("hostPID") || shares("hostIPC") {
        return;
    }
    let field = Field::bool(spec, &["hostUsers"]);
    match &field {
        Field::Set(false, _) => out.pass(),
        Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "hostUsers"),
        _ => {
            out.fail(&field, "root of the container is root of the node");
        }
    }
}
