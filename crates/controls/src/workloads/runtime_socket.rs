use crate::Framework::{Attack, Checkov, Datree, KubeLinter, Kubescape, Kubesec, Trivy};
use crate::pods::host_paths;
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity};

control! {
    /// Who can talk to the container runtime's socket starts a privileged container with the node's disk mounted, past
    /// the API server, its admission and its audit log. A read-only mount does not help: it keeps the file, not the
    /// connection.
    ///
    /// Severity: critical, because it is one request from the workload to the node.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: builder
    ///     image: registry.example/builder:1
    ///   volumes:
    ///   - name: docker
    ///     hostPath:
    ///       path: /var/run/docker.sock #~
    ///   - name: containerd
    ///     hostPath:
    ///       path: /run/k3s/containerd/containerd.sock #~
    ///   - name: directory
    ///     hostPath:
    ///       path: /run/containerd/ #~
    ///   - name: pipe
    ///     hostPath:
    ///       path: \\.\pipe\docker_engine #~
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
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log}
    ///   - name: driver
    ///     hostPath: {path: /var/lib/kubelet/plugins/example/csi.sock}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: builder
    ///     image: registry.example/builder:1
    ///   volumes:
    ///   - name: socket
    ///     hostPath:
    ///       path: ${SOCKET} #?
    /// ```
    ///
    /// ## Fix
    /// Build images with a rootless builder in a pod of its own, read logs and metrics from the kubelet's API, and let
    /// agents that truly manage the runtime stand alone in a namespace that nobody else may write to.
    pub(crate) static CONTROL: Control = Control::new(
        "runtime-socket",
        "Pod reaches the socket of the container runtime",
        Ring::Workloads,
        Severity::Critical,
        Check::Pod(check),
    )
    .maps(&[(Attack, "T1610"), (Attack, "T1611"), (Kubescape, "C-0074"), (Trivy, "KSV-0006"), (Checkov, "CKV_K8S_27"), (KubeLinter, "docker-sock"), (Kubesec, "DockerSock"), (Datree, "CONTAINERS_INCORRECT_PATH_VALUE_DOCKERSOCKET")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let mut clean = true;
    for (_, path) in host_paths(cx.pod) {
        match &path {
            Field::Set(text, at) if is_socket(text) => {
                out.fail(*at, format!("`{text}` takes orders to run containers as root of the node"));
                clean = false;
            }
            Field::Set(_, at) if GapReason::of_mistyped(*at) == GapReason::Dynamic => {
                out.unreadable(*at, GapReason::Dynamic, "hostPath.path");
                clean = false;
            }
            Field::Unreadable(at, reason) => {
                out.unreadable(*at, *reason, "hostPath.path");
                clean = false;
            }
            _ => {}
        }
    }
    if clean {
        out.pass();
    }
}

/// Whether a path of the node is the socket or pipe of a runtime, wherever a distribution has put it, or a directory in
/// which one lies by default.
fn is_socket(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let directory = path.strip_prefix("/var/run/").or_else(|| path.strip_prefix("/run/"));
    if matches!(directory, Some("docker" | "containerd" | "crio" | "podman" | "k3s" | "k3s/containerd")) {
        return true;
    }
    matches!(
        name,
        "docker.sock"
            | "dockershim.sock"
            | "cri-dockerd.sock"
            | "containerd.sock"
            | "crio.sock"
            | "podman.sock"
            | "docker_engine"
            | "containerd-containerd"
    )
}
