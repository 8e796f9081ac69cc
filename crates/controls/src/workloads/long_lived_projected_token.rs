use crate::Framework::GuideA;
use crate::pods::projected_tokens;
use crate::{Check, Control, ParamSpec, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// The kubelet renews a projected token before it expires, so a short life costs the pod nothing. A long one serves
    /// only who has copied it: until then the copy is as good as the pod.
    ///
    /// Severity: low, because the token must be stolen first, and ends with its pod in any case.
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
    ///       - serviceAccountToken:
    ///           path: token
    ///           audience: vault
    ///           expirationSeconds: 604800 #~
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
    ///       - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 3600}
    ///       - serviceAccountToken: {path: other, audience: vault}
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
    ///           expirationSeconds: 1h #?
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
    /// ```
    ///
    /// ## Fix
    /// Leave `expirationSeconds` out (an hour) or lower it, down to 600. Programs that read the token once at their
    /// start must read it again.
    pub(crate) static CONTROL: Control = Control::new(
        "long-lived-projected-token",
        "Projected service account token lives long",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[(GuideA, "2")]);
}

/// How long a token may live.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// In seconds.
    #[serde(rename = "maximumSeconds")]
    maximum_seconds: i64,
}

impl Default for Params {
    /// What the API server itself asks for in `kube-api-access` volumes.
    fn default() -> Params {
        Params { maximum_seconds: 3607 }
    }
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let maximum = cx.params::<Params>().maximum_seconds;
    for (_, token) in projected_tokens(cx.pod) {
        match Field::int(token, &["expirationSeconds"]) {
            Field::Set(seconds, at) => {
                out.check(seconds > maximum, at, format!("the token lives for {seconds} seconds"));
            }
            Field::Unreadable(at, reason) => out.unreadable(at, reason, "serviceAccountToken.expirationSeconds"),
            _ => out.pass(),
        }
    }
}
