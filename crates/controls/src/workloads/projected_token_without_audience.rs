use crate::Framework::GuideA;
use crate::pods::projected_tokens;
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// A projected token without an `audience` is made for the API server. Where it is mounted to show it to another
    /// service (a vault, a mesh, a cloud), that service can turn around and act as the pod in the cluster.
    ///
    /// Severity: info, because programs that talk to the API server need exactly this token.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: token
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken: #~
    ///           path: token
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: token
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken: {path: token, audience: vault}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: token
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken:
    ///           path: token
    ///           audience: [vault] #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: kube-api-access-x7k2p
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken: {path: token, expirationSeconds: 3607}
    /// ```
    ///
    /// ## Fix
    /// Set `audience` to the name under which the service checks tokens.
    pub(crate) static CONTROL: Control = Control::new(
        "projected-token-without-audience",
        "Projected service account token is good for the API server",
        Ring::Workloads,
        Severity::Info,
        Check::Pod(check),
    )
    .maps(&[(GuideA, "2")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    for token in projected_tokens(cx.pod) {
        let field = Field::string(token, &["audience"]);
        match &field {
            Field::Set(audience, at) => out.check(audience.is_empty(), *at, "the audience is empty"),
            Field::Unreadable(at, reason) => out.unreadable(*at, *reason, "serviceAccountToken.audience"),
            _ => {
                out.fail(&field, "no audience is named, so the API server takes the token");
            }
        }
    }
}
