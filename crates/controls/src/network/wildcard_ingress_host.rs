use crate::Framework::{Datree, GuideA};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Anchor, GapReason, Out, Severity, Spot};

control! {
    /// A rule without a host answers for every name that points at the controller. It catches traffic that was meant for
    /// others, answers scanners that know only the address, and lets a forged `Host` header reach the application.
    ///
    /// A wildcard below a domain of one's own passes.
    ///
    /// Severity: low, because the backend is the same that the right name reaches.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   rules:
    ///   - host: '' #~
    ///   - host: '*' #~
    ///   - http: {paths: []} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   rules:
    ///   - host: shop.example
    ///   - host: '*.shop.example'
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   rules:
    ///   - host: 8 #?
    /// ```
    ///
    /// ## Fix
    /// Name the hosts that the application serves.
    pub(crate) static CONTROL: Control = Control::new(
        "wildcard-ingress-host",
        "Ingress answers for every name",
        Ring::Network,
        Severity::Low,
        Check::Object(&[("networking.k8s.io", "Ingress"), ("extensions", "Ingress")], check),
    )
    .maps(&[(GuideA, "3"), (Datree, "INGRESS_INCORRECT_HOST_VALUE_PERMISSIVE")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    for rule in cx.object.root().at(&["spec", "rules"]).into_iter().flat_map(Value::items) {
        let Some(at) = rule.field("host") else {
            out.fail(missing(rule), "a rule without a host answers for every name");
            continue;
        };
        match at.as_str() {
            Some(host) if host.is_empty() || host == "*" => {
                out.fail(at, "such a host answers for every name");
            }
            Some(_) => out.pass(),
            None => out.unreadable(at, GapReason::of_mistyped(at), "host"),
        }
    }
}

fn missing(rule: Value<'_>) -> Spot<'_> {
    Anchor { nearest: rule, missing: &["host"] }.into()
}
