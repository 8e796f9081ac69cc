use crate::Framework::{Attack, Cis, GuideA, GuideB, Nsa, Polaris, Popeye};
use crate::{Check, Control, PodCx, Ring, absence, control};
use kastell_analysis::network::{Answer, Endpoint};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, GapReason, Out, Seen, Severity};

control! {
    /// Network policies select this pod, but only for one direction; the other is as open as without them. Open ingress
    /// lets every pod of the cluster in; open egress lets whoever took the pod over reach other namespaces, the cloud's
    /// metadata service and his own servers.
    ///
    /// Severity: medium for open ingress, low for open egress, because the next pod's ingress is then what stops it.
    ///
    /// Confidence: low for files, since a policy for the other direction may stand elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, labels: {app: web}}
    /// spec: #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: web}
    /// spec:
    ///   podSelector: {matchLabels: {app: web}}
    ///   policyTypes: [Egress]
    ///   ingress:
    ///   - from: [{podSelector: {matchLabels: {app: proxy}}}]
    /// ```
    ///
    /// ## Passes
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
    /// spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: everything}
    /// spec: {podSelector: {}, policyTypes: [Egress]}
    /// ```
    ///
    /// ## Fix
    /// Name both directions in `policyTypes` and allow what the pod needs, name resolution first. Rules of a direction
    /// that `policyTypes` leaves out have no effect.
    ///
    /// ## The guides
    /// A policy with a direction in `policyTypes` and no rule for it denies that direction. Some tools report that as a
    /// missing rule; here it is what it is, a default deny.
    pub(crate) static CONTROL: Control = Control::new(
        "half-open-pod",
        "Network policies close only one direction of the pod's traffic",
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
        (Polaris, "missingNetworkPolicy"),
        (Popeye, "POP-1204"),
        (Popeye, "POP-1205"),
    ]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let key = &cx.object.key;
    let on_host = cx.pod.spec().field("hostNetwork").and_then(Value::as_bool) == Some(true);
    if on_host || cx.pod.is_partial() {
        return;
    }
    let found = cx.facts.policies_selecting(&Endpoint::new(cx.facts, cx.pod));
    let sure = || found.iter().filter(|(_, a)| *a == Answer::Yes).map(|(p, _)| p);
    // A pod that no policy selects, or perhaps one, is another control's.
    let seen = cx.facts.network_policies_seen(&key.unit, key.namespace_or_default());
    let unread = absence::unread(&seen, "network policies");
    if sure().next().is_none() {
        if let Some(why) = unread {
            out.gap(cx.pod.spec(), GapReason::Unreadable, why);
        }
        return;
    }
    let (ingress, egress) = (sure().any(|p| p.ingress.isolates), sure().any(|p| p.egress.isolates));
    let maybe = |closes: &dyn Fn(&kastell_analysis::network::Policy) -> bool| {
        found.iter().any(|(p, a)| *a == Answer::Unknown && (p.is_unclear() || closes(p)))
    };
    let (message, severity) = match (ingress, egress) {
        (false, _) if !maybe(&|p| p.ingress.isolates) => {
            ("no policy closes ingress: every pod may connect", Severity::Medium)
        }
        (_, false) if !maybe(&|p| p.egress.isolates) => {
            ("no policy closes egress: it may connect anywhere", Severity::Low)
        }
        (true, true) => return out.pass(),
        _ => {
            let detail = "a policy that may close the open direction asks for labels that were not read";
            return out.gap(cx.pod.spec(), GapReason::NeedsSource, detail);
        }
    };
    if let Some(why) = unread {
        return out.gap(cx.pod.spec(), GapReason::Unreadable, why);
    }
    let hit = out.fail(cx.pod.spec(), message).severity(severity);
    if seen != Seen::All {
        hit.confidence(Confidence::Low);
    }
}
