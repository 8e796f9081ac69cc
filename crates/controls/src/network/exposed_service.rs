use crate::Framework::{Attack, Checkov, Datree, GuideA, KubeLinter, KubeScore, Kubescape, Popeye};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::views::ServiceView;
use kastell_model::{Field, Out, Severity};

control! {
    /// The Service is reached from outside the cluster: by a port on every node, or by a load balancer of the provider.
    /// It stands outside whatever the ingress controller does for the others: TLS, authentication, rate limits, logs.
    ///
    /// A load balancer that an annotation keeps inside the provider's private network passes.
    ///
    /// Severity: info, because being reached is what many Services are for; this is the list to look through.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: NodePort #~
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {selector: {app: web}}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   annotations: {service.beta.kubernetes.io/azure-load-balancer-internal: "true"}
    /// spec: {type: LoadBalancer}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: ${SERVICE_TYPE} #?
    /// ```
    ///
    /// ## Fix
    /// Use `ClusterIP` behind an Ingress or a Gateway where the protocol allows it.
    pub(crate) static CONTROL: Control = Control::new(
        "exposed-service",
        "Service is reached from outside the cluster",
        Ring::Network,
        Severity::Info,
        Check::Object(&[("", "Service")], check),
    )
    .maps(&[
        (Attack, "T1133"),
        (GuideA, "3"),
        (Kubescape, "C-0256"),
        (Checkov, "CKV2_K8S_EXAMPLE_1"),
        (KubeLinter, "exposed-services"),
        (KubeScore, "service-type"),
        (Popeye, "POP-1103"),
        (Popeye, "POP-1104"),
        (Datree, "SERVICE_INCORRECT_TYPE_VALUE_NODEPORT"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let service = ServiceView::new(cx.object);
    match Field::string(cx.object.root(), &["spec", "type"]) {
        Field::Set(t, at) => match &*t {
            "NodePort" => drop(out.fail(at, "every node takes connections for it")),
            "LoadBalancer" if service.internal_annotation().is_none() => {
                out.fail(at, "a load balancer of the provider takes connections for it");
            }
            "LoadBalancer" | "ClusterIP" | "ExternalName" => out.pass(),
            _ => out.unreadable(at, kastell_model::GapReason::of_mistyped(at), "spec.type"),
        },
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "spec.type"),
        Field::Absent(_) | Field::Default(..) => out.pass(),
    }
}
