use crate::Framework::{Attack, GuideA, Kubescape, Nsa, Polaris};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, Field, GapReason, Out, Severity};

control! {
    /// Without TLS at the Ingress everybody on the way reads and changes what is sent: session cookies, passwords,
    /// the scripts that a browser runs.
    ///
    /// Certificates that a provider's annotation names count. Hosts of rules that no `tls` entry covers are reported
    /// where the entries name hosts.
    ///
    /// Severity: medium, because it takes a place on the network path to use it.
    ///
    /// Confidence: medium, because a load balancer before the controller may end TLS.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   rules: [{host: shop.example}]
    ///   tls: [] #~
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   tls:
    ///   - hosts: [shop.example, '*.bank.example']
    ///     secretName: shop
    ///   rules:
    ///   - host: shop.example
    ///   - host: www.bank.example
    ///   - host: blog.example #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   tls: [{secretName: shop}]
    ///   rules: [{host: shop.example}]
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: web
    ///   annotations: {networking.gke.io/managed-certificates: shop}
    /// spec:
    ///   rules: [{host: shop.example}]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata: {name: web}
    /// spec:
    ///   tls: ${TLS} #?
    ///   rules: [{host: shop.example}]
    /// ```
    ///
    /// ## Fix
    /// Add the host to `tls` with a Secret that holds its certificate, and redirect HTTP to HTTPS.
    pub(crate) static CONTROL: Control = Control::new(
        "ingress-without-tls",
        "Ingress serves hosts without TLS",
        Ring::Network,
        Severity::Medium,
        Check::Object(&[("networking.k8s.io", "Ingress"), ("extensions", "Ingress")], check),
    )
    .confidence(Confidence::Medium)
    .maps(&[
        (Nsa, "network separation"),
        (Attack, "T1040"),
        (GuideA, "3"),
        (Kubescape, "C-0263"),
        (Polaris, "tlsSettingsMissing"),
    ]);
}

/// Annotations that name the certificates of a provider's load balancer.
const CERTIFICATES: [&str; 6] = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/certmap",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "kubernetes.azure.com/tls-cert-keyvault-uri",
];

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let root = cx.object.root();
    if CERTIFICATES.iter().any(|key| cx.object.annotation(key).is_some_and(|v| !v.is_empty())) {
        return out.pass();
    }
    match Field::at(root, &["spec", "tls"]) {
        Field::Set(tls, at) if tls.is_sequence() => {
            if tls.items().next().is_none() {
                out.fail(at, "the list is empty, so nothing is encrypted");
            } else {
                hosts(root, tls, out);
            }
        }
        Field::Set(_, at) => out.unreadable(at, GapReason::of_mistyped(at), "spec.tls"),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "spec"),
        field => drop(out.fail(&field, "no `tls`, so nothing is encrypted")),
    }
}

/// Every host of a rule needs an entry that covers it; an entry without hosts covers all.
fn hosts(root: Value<'_>, tls: Value<'_>, out: &mut Out<'_>) {
    let named = |entry: Value<'_>| entry.field("hosts").is_some_and(|h| h.items().next().is_some());
    if tls.items().any(|entry| !named(entry)) {
        return out.pass();
    }
    let listed = || tls.items().flat_map(|e| e.field("hosts").into_iter().flat_map(Value::items));
    let mut open = false;
    for rule in root.at(&["spec", "rules"]).into_iter().flat_map(Value::items) {
        let Some(at) = rule.field("host") else { continue };
        let Some(host) = at.as_str().filter(|h| !h.is_empty()) else { continue };
        if !listed().filter_map(Value::as_str).any(|pattern| covers(&pattern, &host)) {
            out.fail(at, format!("no entry of `tls` covers `{host}`"));
            open = true;
        }
    }
    if !open {
        out.pass();
    }
}

/// Whether a certificate's name covers the host: equal, or with `*` for its first label.
fn covers(pattern: &str, host: &str) -> bool {
    let parent = |h: &str| h.split_once('.').map(|(_, p)| p.to_ascii_lowercase());
    pattern.eq_ignore_ascii_case(host)
        || pattern.strip_prefix("*.").is_some_and(|p| parent(host) == Some(p.to_ascii_lowercase()))
}
