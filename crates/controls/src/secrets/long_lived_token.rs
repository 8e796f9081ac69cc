use crate::Framework::{Attack, GuideA, GuideB};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// A Secret of type `kubernetes.io/service-account-token` makes Kubernetes write a token into it that is bound to no pod,
    /// names no audience and never expires. Whoever reads it once, in a backup, a pipeline or a chat, is that service account from
    /// anywhere until somebody deletes the Secret. Since Kubernetes 1.24 nothing needs such tokens by default.
    ///
    /// Severity: medium, because somebody has to get at the token first; what it opens depends on the account's rights.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: deployer
    ///   annotations: {kubernetes.io/service-account.name: deployer}
    /// type: kubernetes.io/service-account-token #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// type: Opaque
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// type: [kubernetes.io/service-account-token] #?
    /// ```
    ///
    /// ## Fix
    /// Delete the Secret, which makes the token invalid. Inside the cluster use the projected token that pods get; outside, ask
    /// for a short one with `kubectl create token` or let the CI system's own identity sign in.
    pub(crate) static CONTROL: Control = Control::new(
        "long-lived-token",
        "Token of a service account that never expires",
        Ring::Secrets,
        Severity::Medium,
        Check::Object(&[("", "Secret")], check),
    )
    .maps(&[
        (GuideA, "2"),
        (Attack, "T1528"),
        (GuideA, "5"),
        (GuideB, "secrets"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    match Field::string(cx.object.root(), &["type"]) {
        Field::Set(t, at) if t == "kubernetes.io/service-account-token" => {
            out.fail(at, "the token in this Secret never expires");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "type"),
        _ => out.pass(),
    }
}
