use crate::Framework::{Attack, GuideA, GuideB, Kubescape, Trivy};
use crate::{Check, Control, ObjectCx, Ring, control, subjects};
use kastell_model::views::{BINDING_KINDS, BindingView};
use kastell_model::{Out, Severity};

control! {
    /// Everybody who proves any identity is in the group `system:authenticated`: every user, every service account of
    /// every pod, and with some providers everybody who has an account with the provider. `system:serviceaccounts` holds
    /// the service accounts of all namespaces. A role bound to either is a role for the whole house.
    ///
    /// Severity: high, because the first token that leaks has the role; critical where the role administers.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: everybody}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - apiGroup: rbac.authorization.k8s.io
    ///   kind: Group
    ///   name: system:authenticated #~
    /// - apiGroup: rbac.authorization.k8s.io
    ///   kind: Group
    ///   name: system:serviceaccounts #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: system:discovery}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:discovery}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: team, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: shop-team}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: everybody}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - {kind: Group, name: [a]} #?
    /// ```
    ///
    /// ## Fix
    /// Bind the role to the groups, users or service accounts that need it. Look into the audit log first for who uses
    /// the role through this binding.
    pub(crate) static CONTROL: Control = Control::new(
        "authenticated-group-binding",
        "Role is bound to every authenticated identity",
        Ring::Identity,
        Severity::High,
        Check::Object(BINDING_KINDS, check),
    )
    .maps(&[
        (Attack, "T1078"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0265"),
        (Trivy, "KSV-01011"),
    ]);
}

/// Roles of discovery and of questions about oneself, which Kubernetes binds so itself under the role's own name.
/// Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go.
const EXPECTED: [&str; 5] = [
    "system:basic-user",
    "system:cluster-trust-bundle-discovery",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let binding = BindingView::new(cx.object);
    let role = binding.role_name();
    let expected = EXPECTED.contains(&&*role);
    subjects::each(&binding, out, |subject, out| {
        let whom = match (&*subject.kind, &*subject.name) {
            ("Group", "system:authenticated") => "everybody with any identity",
            ("Group", "system:serviceaccounts") => "every service account of the cluster",
            _ => return out.pass(),
        };
        if expected {
            return out.pass();
        }
        let hit = out.fail(subject.place(), format!("{whom} has the role `{role}`"));
        if binding.grants_administration() {
            hit.severity(Severity::Critical);
        }
    });
}
