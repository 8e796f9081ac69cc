use crate::Framework::{Checkov, Cis, Datree, GuideA, Kubescape, Nsa, Polaris, Pss, Trivy};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// A host port opens the container on every address of the node, past Services, load balancers and with some
    /// network plugins past network policies too. It also ties the pod to nodes where the port is free, so that one pod
    /// can keep another from running.
    ///
    /// Severity: medium, because it widens who can reach the container but gives no access by itself.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     ports:
    ///     - containerPort: 8080
    ///       hostPort: 80 #~
    ///     - containerPort: 9090
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
    ///     ports:
    ///     - containerPort: 8080
    ///     - {containerPort: 9090, hostPort: 0}
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
    ///     ports:
    ///     - containerPort: 8080
    ///       hostPort: "${PORT}" #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {ports: [{port: 80}]}
    /// ```
    ///
    /// ## Fix
    /// Remove `hostPort` and put a Service in front. What still connects to the node's address must be pointed to the
    /// Service.
    pub(crate) static CONTROL: Control = Control::new(
        "host-port",
        "Container binds a port of its node",
        Ring::Workloads,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[(Cis, "5.2.13"), (Nsa, "pod security"), (Pss, "baseline"), (GuideA, "4.B"), (Kubescape, "C-0044"), (Kubescape, "C-0204"), (Trivy, "KSV-0024"), (Checkov, "CKV_K8S_26"), (Polaris, "hostPortSet"), (Datree, "CONTAINERS_INCORRECT_KEY_HOSTPORT")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let ports = cx.container.value.field("ports").into_iter().flat_map(Value::items);
    let mut clean = true;
    for port in ports {
        match Field::int(port, &["hostPort"]) {
            Field::Set(number, at) if number > 0 => {
                out.fail(at, format!("port {number} of the node leads to the container"));
                clean = false;
            }
            Field::Unreadable(at, reason) => {
                out.unreadable(at, reason, "ports.hostPort");
                clean = false;
            }
            _ => {}
        }
    }
    if clean {
        out.pass();
    }
}
