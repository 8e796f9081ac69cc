use crate::Framework::{Checkov, Cis, GuideA, GuideB, Kubescape, Nsa};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// A service account hands its token to every pod that runs as it, unless it says otherwise. Turning that off at the
    /// account makes the safe choice the default: a pod that needs the token then has to ask for it.
    ///
    /// Severity: low, because what counts is what the pods mount; this is the place that decides it for new ones.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1 #~
    /// kind: ServiceAccount
    /// metadata: {name: app}
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: default}
    /// automountServiceAccountToken: true #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: app}
    /// automountServiceAccountToken: false
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: app}
    /// automountServiceAccountToken: 0 #?
    /// ```
    ///
    /// ## Fix
    /// Set `automountServiceAccountToken: false` on the service account, and `true` in those pods that call the API
    /// server. Pods that relied on the default lose their token when they are next created.
    pub(crate) static CONTROL: Control = Control::new(
        "automounting-service-account",
        "Service account gives its token to every pod",
        Ring::Identity,
        Severity::Low,
        Check::Object(&[("", "ServiceAccount")], check),
    )
    .maps(&[
        (GuideB, "rbac"),
        (GuideA, "2"),
        (Cis, "5.1.5"),
        (Cis, "5.1.6"),
        (Nsa, "authentication and authorization"),
        (GuideA, "4.A"),
        (Kubescape, "C-0034"),
        (Kubescape, "C-0189"),
        (Kubescape, "C-0190"),
        (Checkov, "CKV_K8S_41"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let field = Field::bool(cx.object.root(), &["automountServiceAccountToken"]);
    match field {
        Field::Set(false, _) => out.pass(),
        Field::Set(true, at) => drop(out.fail(at, "every pod of this account mounts its token")),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "automountServiceAccountToken"),
        Field::Absent(a) | Field::Default(_, _, a) => {
            out.fail(a, "left out, so every pod of this account mounts its token");
        }
    }
}
