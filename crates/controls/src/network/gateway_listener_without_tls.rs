use crate::Framework::{Attack, GuideA};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, GapReason, Out, Severity};

control! {
    /// A listener with the protocol `HTTP` takes requests in the clear: everybody on the way reads and changes them.
    ///
    /// TLS that passes through to the backend is encrypted and passes here.
    ///
    /// Severity: medium; low where the same Gateway has an `HTTPS` listener, because the other then often only redirects.
    ///
    /// Confidence: medium, because a load balancer before the Gateway may end TLS.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: gateway.networking.k8s.io/v1
    /// kind: Gateway
    /// metadata: {name: edge}
    /// spec:
    ///   gatewayClassName: edge
    ///   listeners:
    ///   - name: web
    ///     port: 80
    ///     protocol: HTTP #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: gateway.networking.k8s.io/v1
    /// kind: Gateway
    /// metadata: {name: edge}
    /// spec:
    ///   gatewayClassName: edge
    ///   listeners:
    ///   - {name: web, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
    ///   - {name: raw, port: 8443, protocol: TLS, tls: {mode: Passthrough}}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: gateway.networking.k8s.io/v1
    /// kind: Gateway
    /// metadata: {name: edge}
    /// spec:
    ///   listeners:
    ///   - name: web
    ///     protocol: ${PROTOCOL} #?
    /// ```
    ///
    /// ## Fix
    /// Serve the routes from an `HTTPS` listener; keep the `HTTP` one only for a route that redirects.
    pub(crate) static CONTROL: Control = Control::new(
        "gateway-listener-without-tls",
        "Gateway listener takes requests without TLS",
        Ring::Network,
        Severity::Medium,
        Check::Object(&[("gateway.networking.k8s.io", "Gateway")], check),
    )
    .confidence(Confidence::Medium)
    .maps(&[(Attack, "T1040"), (GuideA, "3")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let listeners = || cx.object.root().at(&["spec", "listeners"]).into_iter().flat_map(Value::items);
    let has_https = listeners().any(|l| l.field("protocol").is_some_and(|p| p.is_str("HTTPS")));
    for listener in listeners() {
        let Some(at) = listener.field("protocol") else { continue };
        match at.as_str().as_deref() {
            Some("HTTP") => {
                let hit = out.fail(at, "requests are taken in the clear");
                if has_https {
                    hit.severity(Severity::Low);
                }
            }
            Some(p) if !p.contains("${") && !p.contains("{{") => out.pass(),
            _ => out.unreadable(at, GapReason::of_mistyped(at), "protocol"),
        }
    }
}
