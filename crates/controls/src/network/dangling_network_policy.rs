use crate::Framework::{GuideB, KubeLinter, KubeScore, Kubescape, Popeye};
use crate::{Check, Control, ObjectCx, Ring, absence, control};
use kastell_analysis::network::{Answer, Endpoint, POLICY_KINDS, Policy, policies_of};
use kastell_model::views::PodView;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// The policy selects no pod of its namespace. Usually a label was renamed or misspelt, and the pods that somebody
    /// thinks are closed are not.
    ///
    /// Policies that select every pod are prepared for pods to come and pass; cluster-wide ones are not looked at.
    ///
    /// Severity: low, because the pods that are left open are findings of their own.
    ///
    /// Confidence: low for files, where the pods may stand elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, labels: {app: web}}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: #~
    ///     matchLabels: {app: wbe}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata: {name: a}
    /// spec:
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         metadata: {labels: {app: web}}
    ///         spec:
    ///           containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector:
    ///     matchExpressions: [{key: app, operator: NotIn, values: [api]}]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: #?
    ///     matchExpressions: [{key: app, operator: Is, values: [api]}]
    /// ```
    ///
    /// ## Fix
    /// Correct the selector, or delete the policy where its pods are gone.
    pub(crate) static CONTROL: Control = Control::new(
        "dangling-network-policy",
        "Network policy selects no pod",
        Ring::Network,
        Severity::Low,
        Check::Object(POLICY_KINDS, check),
    )
    .maps(&[
        (GuideB, "operating discipline"),
        (GuideB, "network policies"),
        (Kubescape, "C-0299"),
        (KubeLinter, "dangling-networkpolicy"),
        (KubeScore, "networkpolicy-targets-pod"),
        (Popeye, "POP-1200"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    if !matches!(&*cx.object.key.kind.kind, "NetworkPolicy" | "CiliumNetworkPolicy") {
        return;
    }
    for policy in policies_of(0, cx.object).iter().filter(|p| !p.is_for_nodes()) {
        judge(cx, policy, out);
    }
}

fn judge(cx: &ObjectCx<'_>, policy: &Policy, out: &mut Out<'_>) {
    let key = &cx.object.key;
    let (unit, namespace) = (&key.unit, key.namespace_or_default());
    let at = cx.object.value(policy.at);
    if policy.is_unclear() {
        return out.gap(at, GapReason::of_mistyped(at), "the selector is not one that the API server accepts");
    }
    if policy.selects(&Endpoint::any_of(cx.facts, unit, namespace)) == Answer::Yes {
        return out.pass();
    }
    let objects = cx.facts.cluster().objects();
    let mut perhaps = false;
    for i in cx.facts.workloads().in_namespace(unit, namespace) {
        let pods = objects.get(*i as usize).map(|o| PodView::all(o)).unwrap_or_default();
        for pod in pods {
            match policy.selects(&Endpoint::new(cx.facts, &pod)) {
                Answer::Yes => return out.pass(),
                Answer::Unknown => perhaps = true,
                Answer::No => {}
            }
        }
    }
    if perhaps {
        return out.gap(at, GapReason::NeedsSource, "the selector asks for labels that were not read");
    }
    let seen = cx.facts.seen(unit, "", "Pod", Some(namespace));
    absence::report(out, &seen, at, "pods", &format!("the selector matches no pod of `{namespace}`"));
}
