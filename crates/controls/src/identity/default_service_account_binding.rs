use crate::Framework::{Attack, Checkov, Cis, GuideA, GuideB, Kubescape, Popeye};
use crate::{Check, Control, ObjectCx, Ring, control, subjects};
use kastell_model::views::{BINDING_KINDS, BindingView};
use kastell_model::{Out, Severity};

control! {
    /// Every pod that names no service account runs as `default`. A role that is bound to it belongs to all of them: the
    /// forgotten debug pod has the rights that one operator once needed, and its token is mounted.
    ///
    /// Severity: high, because code in any pod of the namespace that was not given an account of its own uses these
    /// rights with the token that lies in its file system.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// subjects:
    /// - kind: ServiceAccount
    ///   name: cart
    /// - kind: ServiceAccount
    ///   name: default #~
    ///   namespace: shop
    /// - apiGroup: rbac.authorization.k8s.io
    ///   kind: User
    ///   name: system:serviceaccount:shop:default #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: readers}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    /// subjects:
    /// - kind: User
    ///   name: default
    /// - kind: ServiceAccount
    ///   name: cart
    ///   namespace: default
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: readers, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    /// subjects:
    /// - kind: 3
    ///   name: default #?
    /// ```
    ///
    /// ## Fix
    /// Create a service account for the workload that needs the role, name it in the workload and in the binding, and
    /// remove `default` from the subjects.
    pub(crate) static CONTROL: Control = Control::new(
        "default-service-account-binding",
        "Role is bound to a default service account",
        Ring::Identity,
        Severity::High,
        Check::Object(BINDING_KINDS, check),
    )
    .maps(&[
        (Cis, "5.1.5"),
        (Attack, "T1078.001"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0225"),
        (Kubescape, "C-0239"),
        (Checkov, "CKV_K8S_42"),
        (Popeye, "POP-308"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let binding = BindingView::new(cx.object);
    let before = "system:serviceaccount:";
    subjects::each(&binding, out, |subject, out| {
        let as_user = || subject.name.strip_prefix(before).and_then(|s| s.split_once(':')).map(|(_, name)| name);
        let default = match &*subject.kind {
            "ServiceAccount" => subject.name == "default",
            "User" => as_user() == Some("default"),
            _ => false,
        };
        let message = format!("every pod without an account of its own has the role `{}`", binding.role_name());
        out.check(default, subject.place(), message);
    });
}
