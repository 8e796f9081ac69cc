use crate::Framework::{Attack, Cis, Datree, GuideA, GuideB, Kubescape, Trivy};
use crate::{Check, Control, ObjectCx, Ring, control, subjects};
use kastell_model::views::{BINDING_KINDS, BindingView};
use kastell_model::{Out, Severity};

control! {
    /// Members of the group `system:masters` pass authorization before any role is looked at: they can do everything,
    /// and no deleted binding takes it from them. Whoever relies on the group, in a binding or in a certificate, holds
    /// access that cannot be revoked before the certificate expires.
    ///
    /// The binding `cluster-admin` that Kubernetes makes itself is as it should be.
    ///
    /// Severity: high, because it keeps an identity in use that nothing can limit; the binding itself adds no right.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    /// - apiGroup: rbac.authorization.k8s.io
    ///   kind: Group
    ///   name: system:masters #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: cluster-admin}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:masters'}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: admins}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects: [{kind: Group}] #?
    /// ```
    ///
    /// ## Fix
    /// Bind the role to a group of your identity provider, and issue no certificate with the organisation
    /// `system:masters` except one that is kept offline for emergencies.
    pub(crate) static CONTROL: Control = Control::new(
        "system-masters-membership",
        "Binding relies on the group system:masters",
        Ring::Identity,
        Severity::High,
        Check::Object(BINDING_KINDS, check),
    )
    .maps(&[
        (GuideA, "2"),
        (Cis, "5.1.7"),
        (Attack, "T1078"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0246"),
        (Trivy, "KSV-0123"),
        (Datree, "CIS_INVALID_VALUE_SYSTEM_MASTERS"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let binding = BindingView::new(cx.object);
    let expected = &*cx.object.key.name == "cluster-admin" && binding.role_name() == "cluster-admin";
    subjects::each(&binding, out, |subject, out| {
        let masters = subject.kind == "Group" && subject.name == "system:masters";
        out.check(masters && !expected, subject.place(), "members of this group pass authorization unasked");
    });
}
