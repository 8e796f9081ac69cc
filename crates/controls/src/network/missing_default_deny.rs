use crate::Framework::{Attack, Cis, GuideA, GuideB, Kubeaudit, Nsa};
use crate::{Check, ClusterCx, ClusterOut, Control, Ring, absence, control};
use kastell_analysis::Facts;
use kastell_analysis::network::{Answer, Endpoint};
use kastell_model::{Seen, Severity, Str};
use std::collections::BTreeSet;

control! {
    /// The namespace has network policies, but none closes all of its pods. A pod that is created tomorrow, or whose
    /// labels no policy knows, is open, and nothing reports it. A policy that selects every pod turns that around: what
    /// is not allowed is denied.
    ///
    /// A policy that selects every pod and allows something counts too, as long as it does not allow everything.
    ///
    /// Severity: medium where ingress is open, low where only egress is.
    ///
    /// Confidence: low for files, where the policy may stand elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop, labels: {app: web}}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web, namespace: shop}
    /// spec: #~
    ///   podSelector: {matchLabels: {app: web}}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop, labels: {app: web}}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: default-deny, namespace: shop}
    /// spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
    /// ```
    ///
    /// ## Fix
    /// Add a policy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` and no rules. First allow what works
    /// today, name resolution above all: pods that rely on open traffic stop working at once.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-default-deny",
        "Namespace with network policies has no default deny",
        Ring::Network,
        Severity::Medium,
        Check::Cluster(check),
    )
    .maps(&[
        (GuideB, "quick take"),
        (Cis, "5.3.2"),
        (Nsa, "network separation"),
        (Attack, "T1046"),
        (GuideA, "3"),
        (GuideB, "network policies"),
        (Kubeaudit, "MissingDefaultDenyIngressAndEgressNetworkPolicy"),
        (Kubeaudit, "MissingDefaultDenyIngressNetworkPolicy"),
        (Kubeaudit, "MissingDefaultDenyEgressNetworkPolicy"),
    ]);
}

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    for unit in cx.facts.index().units() {
        let with_pods = cx.facts.workloads().namespaces(unit).map(|(namespace, _)| namespace);
        let namespaces: BTreeSet<&Str> = cx.facts.network().namespaces(unit).chain(with_pods).collect();
        // Where policies could not be read, whether there are any is not known.
        let is_asked = |ns: &Str| {
            cx.facts.has_network_policies(unit, ns)
                || matches!(cx.facts.network_policies_seen(unit, ns), Seen::Failed(_))
        };
        for namespace in namespaces.into_iter().filter(|ns| is_asked(ns)) {
            judge(cx, unit, namespace, out);
        }
    }
}

fn judge(cx: &ClusterCx<'_>, unit: &Str, namespace: &Str, out: &mut ClusterOut<'_>) {
    let any = Endpoint::any_of(cx.facts, unit, namespace);
    let candidates = || cx.facts.network().candidates(unit, namespace);
    let (mut ingress, mut egress) = (false, false);
    for policy in candidates().filter(|p| p.selects(&any) == Answer::Yes) {
        ingress |= policy.ingress.isolates && policy.ingress.open.is_none();
        egress |= policy.egress.isolates && policy.egress.open.is_none();
    }
    let directions = match (ingress, egress) {
        (true, true) => "",
        (true, false) => "egress",
        (false, true) => "ingress",
        (false, false) => "ingress and egress",
    };
    let of_namespace = cx.facts.namespace_object(unit, namespace).map(|(i, _)| i);
    let first = || cx.facts.workloads().in_namespace(unit, namespace).first().copied();
    let Some(at) = of_namespace.or_else(|| candidates().next().map(|p| p.object)).or_else(first) else { return };
    let Some(object) = cx.cluster().objects().get(at as usize) else { return };
    let seen = cx.facts.network_policies_seen(unit, namespace);
    out.about(at, Some(Facts::namespace_key(unit, namespace)), |o| {
        if directions.is_empty() {
            return o.pass();
        }
        let spot = if of_namespace.is_some() { object.metadata() } else { object.root().field("spec") };
        let message = format!("no policy that denies {directions} by default for `{namespace}`");
        let hit = absence::report(o, &seen, spot.unwrap_or(object.root()), "network policies", &message);
        if let Some(hit) = hit.filter(|_| ingress) {
            hit.severity(Severity::Low);
        }
    });
}
