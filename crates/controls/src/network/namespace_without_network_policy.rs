use crate::Framework::{Attack, Checkov, Cis, GuideA, GuideB, KubeLinter, KubeScore, Kubescape, Nsa, Polaris, Popeye};
use crate::{Check, ClusterCx, ClusterOut, Control, Ring, absence, control};
use kastell_analysis::Facts;
use kastell_model::views::PodView;
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Object, Seen, Severity, Str};

control! {
    /// Without any network policy every pod of the namespace takes connections from every pod of the cluster and may
    /// connect to all of them, to the nodes, to the cloud's metadata service and to the Internet. Whoever takes over one
    /// container scans from there, and carries out what he finds.
    ///
    /// NetworkPolicy, Cilium's, Calico's and the cluster administrator's policies count. Namespaces whose pods all use
    /// the network of their node are left out: policies do not reach them.
    ///
    /// Severity: medium, because it limits nothing that follows a first breach, but is none itself; info for a namespace
    /// without pods.
    ///
    /// Confidence: low for files, since policies often stand in another repository.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: #~
    ///   name: shop
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: default-deny, namespace: elsewhere}
    /// spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: cilium.io/v2
    /// kind: CiliumNetworkPolicy
    /// metadata: {name: default-deny, namespace: shop}
    /// spec:
    ///   endpointSelector: {}
    ///   ingress: [{}]
    /// ```
    ///
    /// ## Fix
    /// Begin with a policy that selects all pods and allows nothing, in both directions, then allow what the workloads
    /// need; name resolution is what breaks first. Make sure that the network plugin enforces policies at all.
    pub(crate) static CONTROL: Control = Control::new(
        "namespace-without-network-policy",
        "Namespace has no network policy",
        Ring::Network,
        Severity::Medium,
        Check::Cluster(check),
    )
    .maps(&[
        (Cis, "5.3.2"),
        (Nsa, "network separation"),
        (Attack, "T1046"),
        (GuideA, "3"),
        (GuideB, "network policies"),
        (Kubescape, "C-0030"),
        (Kubescape, "C-0049"),
        (Kubescape, "C-0054"),
        (Kubescape, "C-0206"),
        (Kubescape, "C-0260"),
        (Checkov, "CKV2_K8S_6"),
        (KubeLinter, "non-isolated-pod"),
        (KubeScore, "pod-networkpolicy"),
        (Polaris, "missingNetworkPolicy"),
        (Popeye, "POP-1204"),
        (Popeye, "POP-1205"),
    ]);
}

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    let objects = cx.cluster().objects();
    for (unit, namespace, workloads) in cx.facts.namespaces_with_workloads() {
        let on_network = |i: &&u32| objects.get(**i as usize).is_some_and(|o| uses_the_pod_network(o));
        let Some(first) = workloads.iter().find(on_network) else { continue };
        let at = cx.facts.namespace_object(unit, namespace).map_or(*first, |(i, _)| i);
        judge(cx, (unit, namespace), at, None, out);
    }
    for unit in cx.facts.index().units() {
        for (at, object) in cx.facts.index().kind(cx.cluster(), unit, "", "Namespace") {
            let name = &object.key.name;
            let empty = cx.facts.workloads().in_namespace(unit, name).is_empty();
            if !empty || matches!(&**name, "kube-public" | "kube-node-lease") {
                continue;
            }
            // Whether it is empty is not known where its pods could not be read.
            match cx.facts.seen(unit, "", "Pod", Some(name)) {
                Seen::Failed(why) => out.about(at, Some(Facts::namespace_key(unit, name)), |o| {
                    let spot = object.metadata().unwrap_or(object.root());
                    o.gap(spot, GapReason::Unreadable, format!("pods could not be read: {why}"));
                }),
                _ => judge(cx, (unit, name), at, Some(Severity::Info), out),
            }
        }
    }
}

/// Says at the object `at` what holds for the namespace; `severity` where it is not the control's own.
fn judge(cx: &ClusterCx<'_>, of: (&Str, &Str), at: u32, severity: Option<Severity>, out: &mut ClusterOut<'_>) {
    let (unit, namespace) = of;
    let Some(object) = cx.cluster().objects().get(at as usize) else { return };
    let has = cx.facts.has_network_policies(unit, namespace);
    let seen = cx.facts.network_policies_seen(unit, namespace);
    out.about(at, Some(Facts::namespace_key(unit, namespace)), |o| {
        if has {
            return o.pass();
        }
        let spot = object.metadata().unwrap_or(object.root());
        let message = format!("no network policy stands in `{namespace}` or reaches it");
        let hit = absence::report(o, &seen, spot, "network policies", &message);
        if let (Some(hit), Some(severity)) = (hit, severity) {
            hit.severity(severity);
        }
    });
}

fn uses_the_pod_network(object: &Object) -> bool {
    let host = |p: &PodView<'_>| p.spec().field("hostNetwork").and_then(Value::as_bool) == Some(true);
    PodView::all(object).iter().any(|p| !p.is_patch() && !host(p))
}
