use crate::Framework::{Checkov, Cis, Datree, GuideB, KubeLinter, Kubescape, Trivy};
use crate::pods::{ADD, DROP, capabilities, drops_all, names, spelling};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// NET_RAW, which runtimes give by default, opens raw and packet sockets: an intruder can answer ARP or DNS
    /// requests of the container's neighbours in the name of others and read what they send, on networks that do not
    /// check addresses.
    ///
    /// Severity: low, because most network plugins drop forged addresses, and dropping all capabilities covers it;
    /// medium where the manifest adds it.
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
    ///   - name: ping
    ///     image: registry.example/ping:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [ALL]
    ///         add: [NET_RAW] #~
    ///   - name: part
    ///     image: registry.example/part:1
    ///     securityContext:
    ///       capabilities:
    ///         drop: [CHOWN] #~
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
    ///         drop: [NET_RAW]
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
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
    ///         drop: NET_RAW #?
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
    /// Drop `ALL`, or at least `NET_RAW`. Ping works without it where the node's sysctl `net.ipv4.ping_group_range`
    /// allows it, which runtimes set for pods.
    pub(crate) static CONTROL: Control = Control::new(
        "net-raw-capability",
        "Container may forge packets",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .hardening()
    .maps(&[
        (GuideB, "pod security"),(Cis, "5.2.8"), (Kubescape, "C-0199"), (Kubescape, "C-0211"), (Trivy, "KSV-0119"), (Checkov, "CKV_K8S_28"), (Checkov, "CKV_K8S_7"), (KubeLinter, "drop-net-raw-capability"), (Datree, "CIS_MISSING_VALUE_DROP_NET_RAW")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    let (Some(drop), Some(add)) = (capabilities(cx.container, DROP, out), capabilities(cx.container, ADD, out)) else {
        return;
    };
    if let Some((name, at)) = names(&add).find(|(name, _)| matches!(&**name, "NET_RAW" | "ALL")) {
        out.fail(at, format!("{name} is added{}", spelling(at))).severity(Severity::Medium);
        return;
    }
    // containerd puts `CAP_` in front of what has it already, so only the plain name is surely dropped.
    let dropped = match &drop {
        Field::Set(list, _) => {
            list.items().any(|i| i.as_str().is_some_and(|s| s.eq_ignore_ascii_case("NET_RAW"))) || drops_all(&drop)
        }
        _ => false,
    };
    out.check(!dropped, &drop, "NET_RAW is kept");
}
