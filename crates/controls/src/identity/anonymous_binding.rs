use crate::Framework::{Attack, GuideA, GuideB, Kubescape, Kubesec, Trivy};
use crate::{Check, Control, ObjectCx, Ring, control, subjects};
use kastell_model::views::{BINDING_KINDS, BindingView};
use kastell_model::{Out, Severity};

control! {
    /// Requests without credentials are the user `system:anonymous` of the group `system:unauthenticated`. A role that
    /// is bound to either belongs to whoever reaches the API server's port; for many clusters that is the Internet.
    ///
    /// The API server's own bindings of version and health information, and the one that kubeadm needs for joining
    /// nodes, are as they should be.
    ///
    /// Severity: critical, because nobody stands between the network and the role; high where the role is not one of
    /// those that administer, since it then depends on what it grants.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: open}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects:
    /// - apiGroup: rbac.authorization.k8s.io
    ///   kind: User
    ///   name: system:anonymous #~
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: open, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: shop-team}
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:unauthenticated'} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: system:public-info-viewer}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:public-info-viewer}
    /// subjects:
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}
    /// - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:unauthenticated'}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: open}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    /// subjects:
    /// - kind: User #?
    /// ```
    ///
    /// ## Fix
    /// Delete the binding or the subject. Probes and load balancers that ask `/healthz` without credentials keep working
    /// through `system:public-info-viewer`; limit anonymous requests to such paths in the API server's configuration.
    ///
    /// ## The guides
    /// Other tools let a binding pass that carries the label `kubernetes.io/bootstrapping: rbac-defaults`. Anybody who
    /// may create a binding may set that label, so here only the bindings that are known by name and role pass.
    pub(crate) static CONTROL: Control = Control::new(
        "anonymous-binding",
        "Role is bound to requests without credentials",
        Ring::Identity,
        Severity::Critical,
        Check::Object(BINDING_KINDS, check),
    )
    .maps(&[
        (GuideB, "control plane"),
        (GuideA, "1.A"),
        (Attack, "T1078"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0262"),
        (Trivy, "KSV-0122"),
        (Kubesec, "BindingsToSystemAnonymous"),
    ]);
}

/// Bindings that Kubernetes and kubeadm make themselves, with the role of each.
const EXPECTED: [(&str, &str); 2] = [
    ("system:public-info-viewer", "system:public-info-viewer"),
    ("kubeadm:bootstrap-signer-clusterinfo", "kubeadm:bootstrap-signer-clusterinfo"),
];

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let binding = BindingView::new(cx.object);
    let role = binding.role_name();
    let expected = EXPECTED.iter().any(|(name, of)| *name == &*cx.object.key.name && *of == role);
    subjects::each(&binding, out, |subject, out| {
        let anonymous = matches!(
            (&*subject.kind, &*subject.name),
            ("User", "system:anonymous") | ("Group", "system:unauthenticated")
        );
        if anonymous && !expected {
            let hit = out.fail(subject.place(), format!("whoever reaches the API server has the role `{role}`"));
            if !binding.grants_administration() {
                hit.severity(Severity::High);
            }
        } else {
            out.pass();
        }
    });
}
