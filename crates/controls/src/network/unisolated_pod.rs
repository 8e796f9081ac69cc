use crate::Framework::{Attack, Checkov, Cis, GuideA, GuideB, KubeLinter, KubeScore, Kubescape, Nsa, Polaris, Popeye};
use crate::{Check, Control, PodCx, Ring, absence, control};
use kastell_analysis::network::{Answer, Endpoint};
use kastell_model::yaml::Value;
use kastell_model::{Anchor, GapReason, Out, Severity, Spot};

control! {
    /// The namespace has network policies, but none selects this pod: it talks to everything and everything talks to it,
    /// among neighbours that are closed. Mostly a label is misspelt or was renamed, and nobody was told.
    ///
    /// Selectors are evaluated as the API server does, `matchExpressions` included. A namespace without any policy is
    /// one finding of its own and none of its pods'. Pods on their node's network are left out: policies do not reach
    /// them.
    ///
    /// Severity: medium, because it limits nothing that follows a first breach, but is none itself.
    ///
    /// Confidence: low for files, since a policy may stand elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: a
    ///   labels: {app: cart} #~
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector:
    ///     matchExpressions: [{key: app, operator: In, values: [web]}]
    ///   policyTypes: [Ingress]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web, namespace: default}
    /// spec:
    ///   podSelector:
    ///     matchExpressions:
    ///     - {key: app, operator: In, values: [web, api]}
    ///     - {key: legacy, operator: DoesNotExist}
    ///   policyTypes: [Ingress]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: a
    ///   labels: {app: cart} #?
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {matchLabels: '{{ .Values.labels }}'}
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: agent}
    /// spec:
    ///   hostNetwork: true
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Give the pod the labels that the policy selects, or write a policy for it. A default deny for the whole namespace
    /// catches what is forgotten next.
    pub(crate) static CONTROL: Control = Control::new(
        "unisolated-pod",
        "No network policy selects the pod",
        Ring::Network,
        Severity::Medium,
        Check::Pod(check),
    )
    .maps(&[
        (Cis, "5.3.2"),
        (Nsa, "network separation"),
        (Attack, "T1046"),
        (GuideA, "3"),
        (GuideB, "network policies"),
        (Kubescape, "C-0030"),
        (Kubescape, "C-0260"),
        (Checkov, "CKV2_K8S_6"),
        (KubeLinter, "non-isolated-pod"),
        (KubeScore, "pod-networkpolicy"),
        (Polaris, "missingNetworkPolicy"),
        (Popeye, "POP-1204"),
        (Popeye, "POP-1205"),
    ]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let (pod, key) = (cx.pod, &cx.object.key);
    let on_host = pod.spec().field("hostNetwork").and_then(Value::as_bool) == Some(true);
    let namespace = key.namespace_or_default();
    if on_host || pod.is_partial() {
        return;
    }
    let seen = cx.facts.network_policies_seen(&key.unit, namespace);
    if !cx.facts.has_network_policies(&key.unit, namespace) {
        if let Some(why) = absence::unread(&seen, "network policies") {
            out.gap(labels(cx), GapReason::Unreadable, why);
        }
        return;
    }
    let found = cx.facts.policies_selecting(&Endpoint::new(cx.facts, pod));
    if found.iter().any(|(_, answer)| *answer == Answer::Yes) {
        return out.pass();
    }
    let spot = labels(cx);
    if found.iter().any(|(p, _)| p.is_unclear()) {
        return out.gap(
            spot,
            GapReason::Unsupported,
            "the selector of a policy that may select the pod cannot be read",
        );
    }
    if !found.is_empty() {
        let detail = "a policy asks for labels of the namespace or of a controller that were not read";
        return out.gap(spot, GapReason::NeedsSource, detail);
    }
    absence::report(out, &seen, spot, "network policies", "none of the network policies selects the pod");
}

/// The labels that the selectors look at, or where they would stand.
fn labels<'t>(cx: &PodCx<'t>) -> Spot<'t> {
    let metadata = cx.pod.metadata();
    match metadata.and_then(|m| m.field("labels")) {
        Some(labels) => labels.into(),
        None => match metadata {
            Some(m) => Anchor { nearest: m, missing: &["labels"] }.into(),
            None => cx.pod.spec().into(),
        },
    }
}
