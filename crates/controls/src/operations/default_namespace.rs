use crate::Framework::{Checkov, Cis, Datree, GuideA, KubeLinter, Kubescape, Trivy};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::kube::kinds::{Scope, scope};
use kastell_model::{Anchor, Confidence, Out, Severity};

control! {
    /// Roles, network policies, quotas and Pod Security levels hold for a namespace. In `default` everything that nobody
    /// placed lies together, so none of them can be set narrowly, and a mistaken `kubectl apply` lands in it.
    ///
    /// What Kubernetes keeps there itself passes.
    ///
    /// Severity: low where `default` is named; info where the manifest names none and the client's context decides.
    ///
    /// Confidence: low where the manifest names no namespace.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default #~
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a} #~
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: kubernetes, namespace: default}
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop}
    /// ```
    ///
    /// ## Fix
    /// Create a namespace for the application and set `metadata.namespace`, or let the tool that deploys it set it.
    pub(crate) static CONTROL: Control = Control::new(
        "default-namespace",
        "Object stands in the namespace default",
        Ring::Operations,
        Severity::Low,
        Check::Object(&[], check),
    )
    .maps(&[
        (Cis, "5.7.4"),
        (GuideA, "4.A"),
        (Kubescape, "C-0061"),
        (Kubescape, "C-0212"),
        (Trivy, "KSV-0110"),
        (Checkov, "CKV_K8S_21"),
        (Checkov, "CKV_K8S_160"),
        (KubeLinter, "use-namespace"),
        (Datree, "WORKLOAD_INCORRECT_NAMESPACE_VALUE_DEFAULT"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let key = &cx.object.key;
    let (group, kind) = (&*key.kind.group, &*key.kind.kind);
    if scope(group, kind) != Some(Scope::Namespaced) || kind == "Event" || is_made_by_a_controller(cx) {
        return;
    }
    let own = matches!(
        (kind, &*key.name),
        ("Service" | "Endpoints" | "EndpointSlice", "kubernetes") | ("ServiceAccount", "default")
    ) || (kind == "ConfigMap" && &*key.name == "kube-root-ca.crt");
    let namespace = cx.object.metadata().and_then(|m| m.field("namespace"));
    match (namespace, cx.object.metadata()) {
        _ if own => out.pass(),
        (Some(at), _) if at.is_str("default") => drop(out.fail(at, "`default` is named")),
        (Some(at), _) => match at.as_str() {
            Some(name) if !name.is_empty() => out.pass(),
            _ => drop(out.fail(at, "the namespace is empty").severity(Severity::Info).confidence(Confidence::Low)),
        },
        (None, Some(metadata)) => {
            let spot = Anchor { nearest: metadata, missing: &["namespace"] };
            let hit =
                out.fail(spot, "no namespace is named, so the client's context decides, and `default` without one");
            hit.severity(Severity::Info).confidence(Confidence::Low);
        }
        (None, None) => {}
    }
}

/// Whether the object follows another one, which is then the one to move.
fn is_made_by_a_controller(cx: &ObjectCx<'_>) -> bool {
    let owners = cx.object.metadata().and_then(|m| m.field("ownerReferences"));
    owners.is_some_and(|o| o.items().next().is_some())
        || cx.object.annotation("endpoints.kubernetes.io/last-change-trigger-time").is_some()
}
