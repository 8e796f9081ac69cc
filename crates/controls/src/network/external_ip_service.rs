use crate::Framework::{Attack, GuideA, Trivy};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity};

control! {
    /// `externalIPs` makes every node take traffic to these addresses and hand it to the Service, whoever owns them
    /// (CVE-2020-8554). A user who may write Services can so catch what other pods send to an address of his choice: a
    /// payment provider, the cloud's metadata service, a name server.
    ///
    /// Severity: high, because it needs nothing but the right to write a Service, and no release fixes it.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   externalIPs: [192.0.2.10] #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   selector: {app: web}
    ///   externalIPs: []
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web}
    /// spec:
    ///   externalIPs: ${ADDRESSES} #?
    /// ```
    ///
    /// ## Fix
    /// Use a load balancer or an ingress controller, and switch on the admission plugin `DenyServiceExternalIPs`.
    /// Clients that use the addresses need the new one first.
    pub(crate) static CONTROL: Control = Control::new(
        "external-ip-service",
        "Service takes traffic for addresses that it chooses itself",
        Ring::Network,
        Severity::High,
        Check::Object(&[("", "Service")], check),
    )
    .maps(&[(Attack, "T1557"), (GuideA, "3"), (Trivy, "KSV-0108")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    match Field::at(cx.object.root(), &["spec", "externalIPs"]) {
        Field::Set(v, at) if v.is_sequence() => {
            let count = v.items().count();
            out.check(count > 0, at, format!("the nodes take traffic for {count} addresses that nobody checks"));
        }
        Field::Set(_, at) => out.unreadable(at, GapReason::of_mistyped(at), "externalIPs"),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "spec"),
        Field::Absent(_) | Field::Default(..) => out.pass(),
    }
}
