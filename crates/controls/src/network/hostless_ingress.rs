use crate::Framework::{Datree, GuideA};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Anchor, GapReason, Out, Severity, Spot};

control! {
    /// A rule without a host answers for every name that points at the controller, one with a wildcard for every name
    /// below a domain. It catches traffic that was meant for others, answers scanners that know only the address, and
    /// lets a forged `Host` header reach the application.
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
    ///   - host: '*.shop.example' #~
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
    /// Name each host that the application serves.
    pub(crate) static CONTROL: Control = Control::new(
        "hostless-ingress",
        "Ingress answers for names that it does not list",
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
            Some(host) if host.is_empty() => drop(out.fail(at, "an empty host answers for every name")),
            Some(host) if host.starts_with('*') => {
                out.fail(at, format!("`{host}` answers for every name below the domain"));
            }
            Some(_) => out.pass(),
            None => out.unreadable(at, GapReason::of_mistyped(at), "host"),
        }
    }
}

fn missing(rule: Value<'_>) -> Spot<'_> {
    Anchor { nearest: rule, missing: &["host"] }.into()
}
