use crate::Framework::GuideA;
use crate::pods::{clean, mounts, projected_tokens};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::views::ContainerView;
use kastell_model::yaml::Value;
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
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     volumeMounts:
    ///     - {name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}
    ///     - {name: token, mountPath: /vault}
    ///   volumes:
    ///   - name: token
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken: {path: token} #~
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
    /// Mounted where clients of the API server look for it, the token is meant for that server:
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     volumeMounts:
    ///     - {name: access, mountPath: /var/run/secrets/kubernetes.io/serviceaccount/}
    ///   volumes:
    ///   - name: access
    ///     projected:
    ///       sources:
    ///       - serviceAccountToken: {path: token, expirationSeconds: 3600}
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

/// Where every client of the API server looks for its token (client-go rest/config.go), and the API server's own
/// automounting puts it.
const API_ACCESS: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Whether a volume is mounted, and nowhere but where clients of the API server look.
fn is_api_access(containers: &[ContainerView<'_>], volume: Value<'_>) -> bool {
    let mut mounts = mounts(containers, volume).map(|(_, m)| m.get("mountPath").and_then(Value::as_str)).peekable();
    mounts.peek().is_some() && mounts.all(|path| path.is_some_and(|p| clean(&p) == API_ACCESS))
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    for (volume, token) in projected_tokens(cx.pod) {
        if is_api_access(cx.containers, volume) {
            out.pass();
            continue;
        }
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
