use crate::Framework::{Attack, GuideA};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::views::ServiceView;
use kastell_model::yaml::Value;
use kastell_model::{Confidence, Field, GapReason, Out, Severity};

control! {
    /// The load balancer takes connections from every address. For a public site that is its purpose; for a dashboard,
    /// a database or an administrator's port it means that scanners of the whole Internet find it within minutes.
    ///
    /// A load balancer that an annotation keeps inside the provider's private network passes.
    ///
    /// Severity: low, because only its owner knows whether it is meant for everybody.
    ///
    /// Confidence: medium, because a firewall before it is not seen.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: #~
    ///   type: LoadBalancer
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer
    ///   loadBalancerSourceRanges:
    ///   - 192.0.2.0/24
    ///   - 0.0.0.0/0 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer
    ///   loadBalancerSourceRanges: [192.0.2.0/24]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   annotations: {networking.gke.io/load-balancer-type: Internal}
    /// spec: {type: LoadBalancer}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   type: LoadBalancer
    ///   loadBalancerSourceRanges: 192.0.2.0/24 #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec: {type: ClusterIP}
    /// ```
    ///
    /// ## Fix
    /// List the networks that may connect in `loadBalancerSourceRanges`, or make the load balancer internal. Not every
    /// provider honours the field: look at the firewall that it made.
    pub(crate) static CONTROL: Control = Control::new(
        "unrestricted-load-balancer-source",
        "Load balancer takes connections from every address",
        Ring::Network,
        Severity::Low,
        Check::Object(&[("", "Service")], check),
    )
    .confidence(Confidence::Medium)
    .maps(&[(Attack, "T1133"), (GuideA, "3")]);
}

const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let service = ServiceView::new(cx.object);
    if !service.is_type("LoadBalancer") {
        return;
    }
    if service.internal_annotation().is_some() {
        return out.pass();
    }
    match Field::at(cx.object.root(), &["spec", "loadBalancerSourceRanges"]) {
        Field::Set(v, _) if v.is_sequence() && v.items().next().is_some() => {
            let open = v.items().find(|r| r.is_str("0.0.0.0/0") || r.is_str("::/0"));
            match open {
                Some(range) => drop(out.fail(range, "this range is every address")),
                None => out.pass(),
            }
        }
        Field::Set(v, at) if !v.is_sequence() => {
            out.unreadable(at, GapReason::of_mistyped(at), "loadBalancerSourceRanges");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "spec"),
        field => match annotation(cx).map(|v| (v, v.as_str().is_some_and(|s| every_address(&s)))) {
            Some((_, false)) => out.pass(),
            Some((v, true)) => drop(out.fail(v, "this range is every address")),
            None => drop(out.fail(&field, "no source ranges, so every address may connect")),
        },
    }
}

/// The older form of the field, which the API server's library still reads (`k8s.io/cloud-provider/service/helpers`).
fn annotation<'t>(cx: &ObjectCx<'t>) -> Option<Value<'t>> {
    let v = cx.object.metadata()?.field("annotations")?.field(ANNOTATION)?;
    (!v.is_str("")).then_some(v)
}

fn every_address(ranges: &str) -> bool {
    ranges.split(',').any(|r| matches!(r.trim(), "0.0.0.0/0" | "::/0"))
}
