use crate::Framework::{GuideA, GuideB, Kubeaudit, Nsa, Popeye};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_analysis::network::{POLICY_KINDS, policies_of};
use kastell_model::{Out, Severity};

control! {
    /// One rule of this policy allows every peer and every port. Network policies add up, so no other policy can take
    /// that back: for the selected pods the direction is as open as without any policy, while it looks governed.
    ///
    /// For NetworkPolicy that is a rule without peers and ports, for Cilium the entity `all`, for Calico an `Allow`
    /// without any condition.
    ///
    /// Severity: medium for ingress; low for egress, where it is often meant.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: open, namespace: shop}
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [Ingress]
    ///   ingress:
    ///   - from: [{podSelector: {}}]
    ///   - {} #~
    /// ---
    /// apiVersion: cilium.io/v2
    /// kind: CiliumNetworkPolicy
    /// metadata: {name: open, namespace: shop}
    /// spec:
    ///   endpointSelector: {}
    ///   ingress:
    ///   - fromEntities: [all] #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: closed, namespace: shop}
    /// spec:
    ///   podSelector: {}
    ///   ingress: []
    /// ---
    /// apiVersion: cilium.io/v2
    /// kind: CiliumNetworkPolicy
    /// metadata: {name: closed, namespace: shop}
    /// spec:
    ///   endpointSelector: {}
    ///   ingress: [{}]
    /// ```
    ///
    /// ## Fix
    /// Name the peers and the ports that the pods need and remove the empty rule. What connects today and is not named
    /// stops connecting.
    pub(crate) static CONTROL: Control = Control::new(
        "allow-all-network-policy",
        "Network policy allows all traffic in a direction",
        Ring::Network,
        Severity::Medium,
        Check::Object(POLICY_KINDS, check),
    )
    .maps(&[
        (Nsa, "network separation"),
        (GuideA, "3"),
        (GuideB, "network policies"),
        (Kubeaudit, "AllowAllIngressNetworkPolicyExists"),
        (Kubeaudit, "AllowAllEgressNetworkPolicyExists"),
        (Popeye, "POP-1203"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    for policy in policies_of(0, cx.object) {
        if let Some(rule) = policy.ingress.open {
            out.fail(cx.object.value(rule), "everybody may connect to the selected pods on every port");
        }
        if let Some(rule) = policy.egress.open {
            let hit = out.fail(cx.object.value(rule), "the selected pods may connect to everything on every port");
            hit.severity(Severity::Low);
        }
        if policy.ingress.open.or(policy.egress.open).is_none() {
            out.pass();
        }
    }
}
