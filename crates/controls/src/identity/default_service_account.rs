use crate::Framework::{Checkov, Cis, Datree, GuideA, GuideB, KubeLinter, Kubescape, Kubesec, Popeye};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Field, Out, Severity, Spot};

control! {
    /// Pods that name no service account share the account `default` of their namespace. What is granted to it for one
    /// of them is granted to all, now and later, and the audit log cannot tell them apart.
    ///
    /// Severity: low, because an account without grants gives nothing; info where the pod mounts no token.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec: #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: b}
    /// spec:
    ///   serviceAccountName: default #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   serviceAccountName: app
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   serviceAccountName: 7 #?
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Create a service account for the workload and set `serviceAccountName`. Move what is bound to `default` to it.
    pub(crate) static CONTROL: Control = Control::new(
        "default-service-account",
        "Pod runs as the default service account",
        Ring::Identity,
        Severity::Low,
        Check::Pod(check),
    )
    .hardening()
    .maps(&[
        (Cis, "5.1.5"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0189"),
        (Kubescape, "C-0225"),
        (Checkov, "CKV_K8S_41"),
        (KubeLinter, "default-service-account"),
        (Kubesec, "ServiceAccountName"),
        (Popeye, "POP-300"),
        (Datree, "CIS_INVALID_VALUE_AUTOMOUNTSERVICEACCOUNTTOKEN"),
    ]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let account = cx.pod.service_account_name();
    let message = match &account {
        Field::Set(name, _) if name == "default" => "the account `default` is named",
        Field::Set(..) => return out.pass(),
        Field::Unreadable(at, reason) => return out.unreadable(*at, *reason, "serviceAccountName"),
        // The controller that completes the pod may name one.
        Field::Default(..) | Field::Absent(_) if cx.pod.is_partial() => return,
        Field::Default(..) | Field::Absent(_) => "no service account is named",
    };
    let mounts = cx.pod.spec().field("automountServiceAccountToken").and_then(Value::as_bool) != Some(false);
    let hit = out.fail(Spot::from(&account), message);
    if !mounts {
        hit.severity(Severity::Info);
    }
}
